"""Statements against a model that settles coin by coin, whatever happens before, between and after."""

import json
from uuid import UUID

import pytest
import rfc8785
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text

from api.wiring import desks
from ledger.database import Database
from ledger.instants import MICROSECONDS_PER_DAY
from ledger.journal.journal import Journal
from ledger.journal.reversals import Reverse
from moderation.commands import Forfeit, Freeze, Lift
from settlement.commands import Reward, SettlePeriod
from settlement.runs import finish
from settlement.sessions.commands import CloseSession, OpenSession
from settlement.statements.gifts import gifts_of_line
from settlement.statements.recompute import recompute
from settlement.tables import statements
from tests.settlement.statements.months import (
    FINANCE,
    GATEWAY,
    MODERATOR,
    OCTOBER,
    STREAMERS,
    Stage,
    Streamer,
    moments,
)

NOVEMBER = OCTOBER + 31 * MICROSECONDS_PER_DAY


Happenings = list[tuple[str, str, int, int]]


def _happenings() -> st.SearchStrategy[Happenings]:
    kinds = st.sampled_from(["tip", "tip", "tip", "forfeit", "freeze", "hold", "lift", "reverse", "reward"])
    return st.lists(
        st.tuples(kinds, st.sampled_from(STREAMERS[:2]), moments(), st.integers(1, 70)), max_size=14
    )


class Playing:
    """Plays what happens into the books and into the model."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.model = {streamer: Streamer() for streamer in STREAMERS}
        self.freezes: dict[str, list[UUID]] = {streamer: [] for streamer in STREAMERS}
        self.tips: dict[str, list[tuple[UUID, int, int]]] = {streamer: [] for streamer in STREAMERS}

    def play(self, happenings: Happenings) -> None:
        """Each of them, as far as it makes sense."""
        for kind, streamer, at, amount in happenings:
            getattr(self, f"_{kind}")(streamer, at, amount)

    def _tip(self, streamer: str, at: int, amount: int) -> None:
        self.tips[streamer].append(
            (self.stage.tip(streamer, at, amount), self.model[streamer].arrivals + 1, amount)
        )
        self.model[streamer].receive(at, amount)

    def _reward(self, streamer: str, at: int, amount: int) -> None:
        assert self.stage.decide(Reward, GATEWAY, at, streamer, "t", amount).refusal is None

    def _forfeit(self, streamer: str, at: int, amount: int) -> None:
        model = self.model[streamer]
        placed = self.stage.decide(Freeze, MODERATOR, at, streamer, "gifts", amount, "c", "r", None)
        if placed.refusal is None:
            taken = self.stage.decide(Forfeit, MODERATOR, at, placed.id, None, None, "c", "r")
            assert taken.refusal is None
            model.take(amount)

    def _hold(self, streamer: str, at: int, amount: int) -> None:
        placed = self.stage.decide(Freeze, MODERATOR, at, streamer, "gifts", amount, "c", "r", None)
        if placed.refusal is None:
            self.model[streamer].held[placed.id] = amount
            self.freezes[streamer].append(placed.id)

    def _freeze(self, streamer: str, at: int, amount: int) -> None:
        placed = self.stage.decide(Freeze, MODERATOR, at, streamer, "gifts", None, "c", "r", None)
        assert placed.refusal is None
        self.model[streamer].frozen += 1
        self.freezes[streamer].append(placed.id)

    def _lift(self, streamer: str, at: int, amount: int) -> None:
        if self.freezes[streamer]:
            freeze = self.freezes[streamer].pop()
            assert self.stage.decide(Lift, MODERATOR, at, freeze, "c").refusal is None
            if self.model[streamer].held.pop(freeze, None) is None:
                self.model[streamer].frozen -= 1

    def _reverse(self, streamer: str, at: int, amount: int) -> None:
        """The newest tip is undone, when no coin of it was taken."""
        model = self.model[streamer]
        if not self.tips[streamer]:
            return
        tip, arrival, coins = self.tips[streamer][-1]
        receipt = next(receipt for receipt in model.receipts if receipt.arrival == arrival)
        if receipt.left == coins and model.there - sum(model.held.values()) >= coins:
            assert self.stage.decide(Reverse, FINANCE, at, tip, "by mistake").refusal is None
            model.receipts.remove(receipt)
            self.tips[streamer].pop()

    def settle(self, period: str, cutoff: int) -> None:
        """A run, and what the model says of each streamer."""
        run = self.stage.decide(SettlePeriod, FINANCE, cutoff, period)
        assert run.refusal is None, run.refusal
        before = {streamer: self._earnings(streamer) for streamer in STREAMERS}
        finish(self.stage.journal, run.id)
        for streamer, model in self.model.items():
            coins, earned = model.settle(cutoff)
            accrued = self._of(run.id, streamer, "accruals_minor")
            assert self._of(run.id, streamer, "coins") == coins, f"{streamer} settled other coins"
            assert self._of(run.id, streamer, "gift_share_minor") == earned, f"{streamer} earned otherwise"
            assert self._earnings(streamer) - before[streamer] == earned + accrued

    def _of(self, run: UUID, streamer: str, column: str) -> int:
        with self.stage.database.app.connect() as connection:
            found = select(statements.c[column]).where(
                statements.c.run == run, statements.c.streamer == streamer
            )
            return int(connection.scalar(found) or 0)

    def _earnings(self, streamer: str) -> int:
        with self.stage.database.app.connect() as connection:
            balance = text(
                "SELECT credits_minor - debits_minor FROM ledger.accounts "
                "WHERE kind = 'earnings' AND owner = :owner"
            )
            return int(connection.execute(balance, {"owner": streamer}).scalar_one())


def documents(connection: Connection) -> dict[UUID, bytes]:
    """Every statement as it was issued."""
    return {
        row.statement: row.document
        for row in connection.execute(select(statements.c.statement, statements.c.document))
    }


@pytest.fixture(scope="module")
def template(server: Database, _migrated: str):  # type: ignore[no-untyped-def]
    """Books with the stage set, to be copied."""
    with server.scratch(copy_of=_migrated) as database:
        Stage(database, Journal(database.app, desks())).set()
        database.dispose()
        yield database.name


@settings(max_examples=12, phases=(Phase.generate,), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    sessions=st.booleans(),
    september=_happenings(),
    october=_happenings(),
    late=_happenings(),
    after=_happenings(),
)
def test_whatever_happens_each_coin_is_settled_once_under_the_policy_of_its_moment(
    server: Database,
    template: str,
    sessions: bool,
    september: Happenings,
    october: Happenings,
    late: Happenings,
    after: Happenings,
) -> None:
    with server.scratch(copy_of=template) as database:
        stage = Stage(database, Journal(database.app, desks()))
        playing = Playing(stage)
        if sessions:
            live = stage.decide(OpenSession, GATEWAY, OCTOBER - 5, "bo", "r1", "职场", ())
            stage.decide(CloseSession, GATEWAY, OCTOBER + 5 * MICROSECONDS_PER_DAY, live.id)
        playing.play(september)
        playing.settle("2026-09", OCTOBER)
        playing.play(october)
        playing.settle("2026-10", NOVEMBER)
        with database.app.connect() as connection:
            issued = documents(connection)
        playing.play(late)
        playing.settle("2026-11-01", NOVEMBER + MICROSECONDS_PER_DAY)
        playing.play(after)
        with database.app.connect() as connection:
            for id, document in documents(connection).items():
                assert issued.get(id, document) == document
                assert recompute(connection, id) == document, "recomputed otherwise"
                _check(connection, id, document)


def _check(connection: Connection, id: UUID, document: bytes) -> None:
    found = json.loads(document)
    assert rfc8785.dumps(found) == document, "not canonical"
    lines, totals = found["lines"], found["totals"]
    assert sum(line["amount_minor"] for line in lines) == totals["credited_minor"]
    assert totals["credited_minor"] == found["closing"]["earnings_minor"] - found["opening"]["earnings_minor"]
    assert sum(hold["amount_minor"] for hold in found["holds"]) == totals["held_minor"]
    for number, line in enumerate(line for line in lines if line["kind"] == "gift"):
        gifts = list(gifts_of_line(connection, id, number))
        assert sum(gift.coins for gift in gifts) == line["coins"]
        assert sum(gift.streamer_minor for gift in gifts) == line["amount_minor"]
        assert sum(gift.platform_minor for gift in gifts) == line["platform_minor"]
        assert line["gifts"] in (None, len(gifts))
        assert line["amount_minor"] + line["guild_minor"] + line["platform_minor"] == line["face_minor"]
