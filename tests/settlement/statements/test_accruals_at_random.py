"""Accruals, withdrawals, deductions, reversals and holds of amounts, at random, through several runs.

Against a model that does it fen by fen: nothing of an accrual is taken twice, and every document adds up.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from api.wiring import desks
from ledger.database import Database
from ledger.instants import business_day, date_of
from ledger.journal.commands import Command
from ledger.journal.journal import Journal
from ledger.journal.reversals import Reverse
from moderation.commands import Freeze, Lift
from settlement.accruals.commands import Adjust, GiveCommission, RecordSale, ReturnGoods
from settlement.commands import Reward, Settle, SettlePeriod
from settlement.runs import finish
from settlement.statements.explain import explain
from tests.settlement.returns.playing import assert_sound, balance
from tests.settlement.statements.months import FINANCE, GATEWAY, MODERATOR, OCTOBER, Stage, moments
from tests.settlement.statements.worked import DAY, NOVEMBER, stage_on

#: The runs of an example, each with where it ends; the last one settles whatever there is.
PERIODS = (("2026-09", OCTOBER), ("2026-10", NOVEMBER), ("2026-11-01", NOVEMBER + DAY))
LAST = ("2026-W45", NOVEMBER + 8 * DAY)

_WITHDRAWN = text("""
SELECT d.id, sum(w.amount_minor)::bigint FROM settlement.withdrawals AS w
JOIN ledger.decisions AS d ON d.seq = w.accrual GROUP BY d.id
""")
_STATEMENT = text("SELECT statement, document FROM settlement.statements ORDER BY entry DESC LIMIT 1")
_STATEMENTS = text("SELECT count(*) FROM settlement.statements")


@dataclass
class Accrued:
    """Something that accrued: what of it counts as received, and what is left of that."""

    id: UUID
    at: int
    arrival: int
    came: int
    left: int
    kept: int = 0
    sale: str | None = None
    is_reversed: bool = False


@dataclass
class Model:
    """One streamer's accruals, fen by fen."""

    receipts: list[Accrued] = field(default_factory=list)
    held: dict[UUID, int] = field(default_factory=dict)
    out: int = 0

    @property
    def available(self) -> int:
        """What is there and not held."""
        return sum(receipt.left for receipt in self.receipts) - sum(self.held.values())

    def oldest(self, amount: int, before: int | None = None) -> dict[UUID, int]:
        """Take the oldest that are left, each fen once."""
        taken: dict[UUID, int] = {}
        for receipt in sorted(self.receipts, key=lambda receipt: (receipt.at, receipt.arrival)):
            part = min(amount, receipt.left) if before is None or receipt.at < before else 0
            if part:
                receipt.left -= part
                amount -= part
                taken[receipt.id] = part
        assert amount == 0, "more was taken than was there"
        return taken

    def settle(self, cutoff: int) -> dict[UUID, int]:
        """What a run takes: received in time, less all that left, less what is held."""
        received = sum(receipt.came for receipt in self.receipts if receipt.at < cutoff)
        ready = max(0, received - self.out - sum(self.held.values()))
        self.out += ready
        return self.oldest(ready, cutoff)

    def withdraw(self, receipt: Accrued, amount: int) -> None:
        """Of one accrual, as far as it is there: that counts as never received."""
        part = min(amount, receipt.left, self.available)
        receipt.left -= part
        receipt.came -= part

    def reverse(self, receipt: Accrued, amount: int) -> None:
        """All of one accrual; what of it was taken before, of the oldest others."""
        of_others = amount - receipt.left
        receipt.came = receipt.left = 0
        receipt.is_reversed = True
        self.oldest(of_others)


Deeds = list[tuple[str, int, int, int]]


def deeds() -> st.SearchStrategy[Deeds]:
    """What happens before a run, dated anywhere."""
    kinds = st.sampled_from(
        ["sale"] * 5 + ["return"] * 3 + ["reward", "deduct"] + ["reverse"] * 3 + ["hold"] * 2 + ["lift"] * 3
    )
    return st.lists(
        st.tuples(kinds, moments(), st.integers(1, 900), st.integers(0, 5)), min_size=3, max_size=12
    )


@pytest.fixture(scope="module")
def template(server: Database, _migrated: str) -> Iterator[str]:
    """Books with the stage set, and a commission of a tenth for bo, to be copied."""
    with server.scratch(copy_of=_migrated) as database:
        given = stage_on(database).decide(GiveCommission, GATEWAY, OCTOBER - DAY, "C-1", "bo", "tea", 1_000)
        assert given.refusal is None
        database.dispose()
        yield database.name


class Play:
    """The books of one example beside its model."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.stage = Stage(database, Journal(database.app, desks()))
        self.model = Model()
        self.whole: dict[UUID, int] = {}
        self.settled: dict[UUID, int] = {}

    def do(self, deed: str, at: int, amount: int, number: int) -> None:
        model = self.model
        match deed:
            case "sale":
                order = f"O-{len(model.receipts)}"
                sold = self._asked(RecordSale, at, order, "C-1", "bo", None, 10 * amount)
                assert sold is not None
                self._accrued(sold, at, amount, order)
            case "reward":
                rewarded = self._asked(Reward, at, "bo", "evening", amount)
                assert rewarded is not None
                self._accrued(rewarded, at, amount, None)
            case "return" if sales := [receipt for receipt in model.receipts if receipt.kept]:
                receipt = sales[number % len(sales)]
                part = min(amount, receipt.kept)
                assert self._asked(ReturnGoods, at, receipt.sale, 10 * part)
                receipt.kept -= part
                if not receipt.is_reversed:
                    model.withdraw(receipt, part)
            case "deduct":
                part = min(amount, model.available)
                assert self._asked(Adjust, at, "bo", -amount, "counted twice", None)
                model.out += part
                model.oldest(part)
            case "reverse" if model.receipts:
                # The oldest are those that a run cut.
                by_time = sorted(model.receipts, key=lambda receipt: (receipt.at, receipt.arrival))
                receipt = by_time[number // 2 % len(by_time)]
                if self._asked(Reverse, at, receipt.id, "by mistake"):
                    model.reverse(receipt, self.whole[receipt.id])
            case "hold":
                # Most of what is there, so that what is left to a run is cut out of the oldest.
                part = max(1, model.available * amount // 1_000)
                hold = self._asked(Freeze, at, "bo", "accruals", part, "c", "r", None)
                assert (hold is not None) == (part <= model.available)
                if hold is not None:
                    model.held[hold] = part
            case "lift" if model.held:
                hold = list(model.held)[number % len(model.held)]
                del model.held[hold]
                assert self._asked(Lift, at, hold, "c")

    def _asked(self, make: type[Command], at: int, *fields: object) -> UUID | None:
        actor = MODERATOR if make in (Freeze, Lift) else FINANCE if make in (Adjust, Reverse) else GATEWAY
        outcome = self.stage.decide(make, actor, at, *fields)
        return outcome.id if outcome.refusal is None else None

    def _accrued(self, id: UUID, at: int, amount: int, sale: str | None) -> None:
        kept = amount if sale else 0
        self.model.receipts.append(Accrued(id, at, len(self.model.receipts), amount, amount, kept, sale))
        self.whole[id] = amount

    def settle(self, period: str, cutoff: int, *, is_flat: bool) -> None:
        """A run takes of each accrual what the model does; the document, explained, says so."""
        before, statements = self._balances(), self._statements()
        if is_flat:
            through: date = date_of(business_day(cutoff)) - timedelta(days=1)
            run = self.stage.decide(Settle, FINANCE, cutoff, through, 5_000)
        else:
            run = self.stage.decide(SettlePeriod, FINANCE, cutoff, period)
        assert run.refusal is None
        finish(self.stage.journal, run.id)
        expected = self.model.settle(cutoff)
        accruals, earnings = self._balances()
        moved = sum(expected.values())
        assert (accruals, earnings) == (before[0] - moved, before[1] + moved)
        assert accruals == sum(receipt.left for receipt in self.model.receipts)
        if self._statements() > statements:
            assert self._explained(moved) == expected
        else:
            assert not expected
        for id, part in expected.items():
            self.settled[id] = self.settled.get(id, 0) + part

    def _explained(self, moved: int) -> dict[UUID, int]:
        """What the newest statement took of each accrual, by the explanations of its lines."""
        found: dict[UUID, int] = {}
        with self.database.app.connect() as connection:
            row = connection.execute(_STATEMENT).one()
            document: dict[str, Any] = json.loads(row.document)
            assert document["totals"]["credited_minor"] == moved
            assert sum(line["amount_minor"] for line in document["lines"]) == moved
            for number, line in enumerate(document["lines"], start=1):
                receipts = explain(connection, row.statement, number, limit=1_000).receipts
                assert sum(receipt.amount_minor for receipt in receipts) == line["amount_minor"]
                for receipt in receipts:
                    assert receipt.amount_minor >= 0
                    if receipt.amount_minor:
                        assert receipt.entry not in found, "an accrual lies in one line"
                        found[receipt.entry] = receipt.amount_minor
        return found

    def _balances(self) -> tuple[int, int]:
        return balance(self.database, "accruals", "bo"), balance(self.database, "earnings", "bo")

    def _statements(self) -> int:
        with self.database.app.connect() as connection:
            return int(connection.execute(_STATEMENTS).scalar_one())


@settings(max_examples=20, phases=(Phase.generate,), deadline=None, suppress_health_check=list(HealthCheck))
@given(before_each_run=st.tuples(deeds(), deeds(), deeds(), deeds()), is_flat=st.booleans())
def test_nothing_of_an_accrual_is_taken_twice_and_every_statement_adds_up(
    server: Database, template: str, before_each_run: tuple[Deeds, Deeds, Deeds, Deeds], is_flat: bool
) -> None:
    with server.scratch(copy_of=template) as database:
        play = Play(database)
        for happening, run in zip(before_each_run, (*PERIODS, LAST), strict=True):
            for deed in happening:
                play.do(*deed)
            if run == LAST:
                for _ in range(len(play.model.held)):
                    play.do("lift", NOVEMBER, 1, 0)
            play.settle(*run, is_flat=is_flat)
        assert balance(database, "accruals", "bo") == 0
        with database.app.connect() as connection:
            withdrawn = {row[0]: row[1] for row in connection.execute(_WITHDRAWN)}
        for id, whole in play.whole.items():
            assert play.settled.get(id, 0) + withdrawn.get(id, 0) <= whole
        assert_sound(database)
