"""Tips, settlements, returns, forfeits, reversals and appeals in any order: in the end it all adds up."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from api.wiring import desks
from ledger.coins.top_ups import TopUp
from ledger.database import Database
from ledger.gifts.commands import Tip
from ledger.journal.journal import Journal
from ledger.journal.reversals import Reverse
from ledger.parties import Register
from moderation.commands import Forfeit, Freeze, Lift
from settlement.policies.classes import Classify
from settlement.returns.selections import StreamerTips, ViewerTips
from settlement.statements.gifts import gifts_of_line
from settlement.statements.recompute import rebuilt
from tests.settlement.returns.playing import (
    ALWAYS,
    assert_sound,
    balance,
    carried_out,
    planned,
    returned,
)
from tests.settlement.statements.months import FINANCE, GATEWAY, MODERATOR, OCTOBER, Stage, moments
from tests.settlement.statements.worked import DAY, NOVEMBER, settle, stage_on

#: Runs of the test, each with when it is asked for; the last one settles whatever there is.
PERIODS = (("2026-09", OCTOBER), ("2026-10", NOVEMBER), ("2026-11-01", NOVEMBER + DAY))
LAST = ("2026-W45", NOVEMBER + 8 * DAY)
PAYEES = ("bo", "mei", "公会")
#: Kim's packs: coins, and what they cost.
PACKS = ((10, 61), (33, 330), (700, 5_001))
PAID = sum(paid for _, paid in PACKS)

_RETURNED = text("""
SELECT d.id, r.earnings_minor + r.debt_minor AS streamer_minor, r.guild_earnings_minor + r.guild_debt_minor,
       r.platform_minor
FROM settlement.returned_tips AS r JOIN settlement.planned_returns AS p USING (plan, tip)
JOIN settlement.return_plans AS of USING (plan) JOIN ledger.decisions AS d ON d.seq = r.tip
WHERE of.ratio_bps = 10000 AND r.coins > r.unsettled_coins
""")
_STATEMENTS = text("SELECT statement, entry FROM settlement.statements ORDER BY entry")

Deeds = list[tuple[str, int, int, int]]


@pytest.fixture(scope="module")
def template(server: Database, _migrated: str) -> Iterator[str]:
    """Books with the stage set, a guild that bo and mei are of, and kim, who buys in packs."""
    with server.scratch(copy_of=_migrated) as database:
        stage = stage_on(database)
        stage.decide(Classify, GATEWAY, OCTOBER - DAY, "mei", "standard", "公会")
        stage.decide(Register, GATEWAY, OCTOBER - DAY, "kim", ("viewer",))
        for coins, paid in PACKS:
            stage.decide(TopUp, GATEWAY, OCTOBER - DAY, "kim", coins, paid, "wechat", str(uuid4()))
        database.dispose()
        yield database.name


def deeds() -> st.SearchStrategy[Deeds]:
    """What happens before a run: tips mostly, and everything that can be done about them."""
    kinds = st.sampled_from(
        ["tip"] * 7
        + ["send back", "plan", "carry out", "refund", "reverse", "forfeit", "hold", "lift", "appeal"]
    )
    return st.lists(st.tuples(kinds, moments(), st.integers(1, 70), st.integers(0, 5)), max_size=12)


class Play:
    """The books of one example, and what in them may be done next."""

    def __init__(self, database: Database) -> None:
        self.stage = Stage(database, Journal(database.app, desks()))
        self.tips: list[UUID] = []
        self.waiting: list[UUID] = []
        self.done: list[UUID] = []
        self.held: list[UUID] = []

    def do(self, deed: str, at: int, amount: int, number: int) -> None:
        journal, decide = self.stage.journal, self.stage.decide
        streamer, viewer = PAYEES[number % 2], ("ana", "kim")[number // 2 % 2]
        window = (min(at, OCTOBER + number * 5 * DAY), max(at, OCTOBER + number * 5 * DAY) + 1)
        match deed:
            case "tip":
                given = decide(Tip, f"viewer:{viewer}", at, viewer, streamer, "r1", "rose", amount)
                self.tips += [given.id] if given.refusal is None else []
            case "send back":
                self.done.append(returned(journal, StreamerTips(streamer, *window)))
            case "plan":
                self.waiting.append(planned(journal, StreamerTips(streamer, *window)))
            case "carry out" if self.waiting:
                self.done.append(self.waiting.pop(number % len(self.waiting)))
                carried_out(journal, self.done[-1])
            case "refund":
                ratio = (10_000, 5_000, 3_333)[number % 3]
                self.done.append(returned(journal, ViewerTips("kim", *window), "minor", ratio))
            case "reverse" if self.tips:
                decide(Reverse, FINANCE, at, self.tips[amount % len(self.tips)], "by mistake")
            case "forfeit":
                held = decide(Freeze, MODERATOR, at, streamer, "gifts", amount, "c", "r", None)
                if held.refusal is None:
                    decide(Forfeit, MODERATOR, at, held.id, None, None, "c", "r")
            case "hold":
                whole = None if number == 5 else amount
                held = decide(Freeze, MODERATOR, at, streamer, "gifts", whole, "c", "r", None)
                self.held += [held.id] if held.refusal is None else []
            case "lift" if self.held:
                decide(Lift, MODERATOR, at, self.held.pop(), "c")
            case "appeal" if self.done:
                carried_out(journal, self.done[amount % len(self.done)], "restore")


@settings(max_examples=20, phases=(Phase.generate,), deadline=None, suppress_health_check=list(HealthCheck))
@given(before_each_run=st.tuples(deeds(), deeds(), deeds(), deeds()))
def test_whatever_happens_to_tips_in_the_end_it_all_adds_up(
    server: Database, template: str, before_each_run: tuple[Deeds, Deeds, Deeds, Deeds]
) -> None:
    """Nobody owes anything, for nothing was paid out: what was kept back until later went back first."""
    with server.scratch(copy_of=template) as database:
        play = Play(database)
        for happening, run in zip(before_each_run, (*PERIODS, LAST), strict=True):
            for deed in happening:
                play.do(*deed)
            if run == LAST:
                for freeze in play.held:
                    assert play.stage.decide(Lift, MODERATOR, NOVEMBER, freeze, "c").refusal is None
            settle(play.stage, *run)
        for payee in PAYEES:
            assert balance(database, "debt", payee) == 0
            assert payee == "公会" or balance(database, "gifts", payee) == 0
        assert balance(database, "refunds_payable", "kim") <= PAID
        shares = shares_by_line(database)
        for tip, *taken in rows(database):
            assert shares[tip] == list(taken)
        carried_out(play.stage.journal, planned(play.stage.journal, StreamerTips("bo", *ALWAYS)))
        assert balance(database, "debt", "bo") == 0
        assert_sound(database)


def shares_by_line(database: Database) -> dict[UUID, list[int]]:
    """What each tip earned its streamer, the guild and the platform, by the lines of all statements."""
    found: dict[UUID, list[int]] = defaultdict(lambda: [0, 0, 0])
    with database.app.connect() as connection:
        for row in connection.execute(_STATEMENTS).all():
            for number, _ in enumerate(rebuilt(connection, row.statement).settled.gift_lines):
                for gift in gifts_of_line(connection, row.statement, number):
                    parts = (gift.streamer_minor, gift.guild_minor, gift.platform_minor)
                    found[gift.entry] = [a + b for a, b in zip(found[gift.entry], parts, strict=True)]
    return found


def rows(database: Database) -> list[Any]:
    """What was taken back of tips that were settled."""
    with database.app.connect() as connection:
        return [tuple(row) for row in connection.execute(_RETURNED)]
