"""Moderation on PostgreSQL in random order: what is held, taken, barred and given back, after every step."""

from copy import deepcopy
from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from ledger.coins.top_ups import TopUp
from ledger.database import Database
from ledger.gifts.commands import Tip
from ledger.journal.commands import derived_id
from moderation.appeals.commands import DecideAppeal
from moderation.cases.commands import ExecuteDecision
from moderation.rules.publishing import SwitchRule
from settlement.commands import Settle
from settlement.runs import finish
from tests.moderation import saying
from tests.moderation.judging_books import PENALTIES
from tests.moderation.plain_standing import COINS, PlainDecision, value_of
from tests.moderation.returning_books import ReturningBooks
from tests.moderation.watched_books import LATEST_DAY, PEOPLE, STREAMERS, VIEWER
from tests.properties import bounded

VERDICTS = st.sampled_from(("upheld", "overturned", "changed", "changed"))
#: Fen that are still taken.
LESS = st.one_of(st.integers(1, 3_000), st.integers(10_000, 60_000))

_IN_FORCE = """
SELECT m.n FROM moderation.measures AS m
WHERE m.decision = :id
  AND NOT EXISTS (SELECT FROM moderation.measure_ends AS e WHERE e.measure = m.measure)
ORDER BY m.n
"""


class ModerationMachine(ReturningBooks):
    """Gifts are given and settled; people are judged, appeal, win and lose; days pass."""

    # People give and earn.

    @initialize(
        data=st.data(),
        off=st.sets(st.sampled_from(("P-MUTE/clean", "P-MUTE/mute", "P-POINTS/ladder"))),
        party=st.sampled_from(PEOPLE),
        claim=st.one_of(st.none(), st.integers(1, 90_000)),
        verdict=VERDICTS,
    )
    def an_evening_begins(
        self, data: st.DataObject, off: set[str], party: str, claim: int | None, verdict: str
    ) -> None:
        """Some rules are off, so that other things happen; there is something to take, and some is taken."""
        for name in sorted(off):
            self.accepted(SwitchRule(*self.head("moderator:mo"), name, False, "as it was drawn"))
        for streamer in STREAMERS:
            self.give(party=streamer, roses=20)
        self.settle()
        self.give(party="bo", roses=15)
        self.buy(coins=9_000)
        self.a_whole_life(data=data, party=party, penalty=data.draw(PENALTIES), claim=claim, verdict=verdict)

    @rule(party=st.sampled_from(STREAMERS), roses=st.one_of(st.integers(1, 30), st.integers(400, 800)))
    def give(self, party: str, roses: int) -> None:
        wallet, gifts, coins = ("wallet", VIEWER), ("gifts", party), roses * 10
        before, available = self.barred(), self.available()
        command = Tip(*self.head(f"viewer:{VIEWER}"), VIEWER, party, "room", "rose", roses)
        outcome = self.say(command, {wallet: -coins, gifts: coins})
        code = outcome.refusal.code if outcome.refusal else None
        if (wallet, "outgoing") in before or (gifts, "incoming") in before:
            assert code == "not_permitted"
        else:
            assert code == ("insufficient_funds" if available[wallet] < coins else None)

    @rule(coins=st.one_of(st.integers(1, 500), st.integers(5_000, 9_000)))
    def buy(self, coins: int) -> None:
        wallet = ("wallet", VIEWER)
        is_barred = (wallet, "incoming") in self.barred()
        id = uuid4()
        command = TopUp(*self.head("gateway:file", id), VIEWER, coins, coins * 10, "wechat", str(id))
        outcome = self.say(command, {wallet: coins})
        if not is_barred:
            self.paid[VIEWER] = self.paid.get(VIEWER, 0) + coins * 10
        assert (outcome.refusal.code if outcome.refusal else None) == ("not_permitted" if is_barred else None)

    @rule()
    def settle(self) -> None:
        """What stands held stays; of the rest the streamer has half, to the fen."""
        before, free = self.balances(), self.available()
        run = Settle(*self.head("finance:fi"), date(2998, 12, 31), 5_000)
        self.court.done(run)
        finish(self.court.journal, run.id)
        after = self.balances()
        for party in STREAMERS:
            gifts, earnings = ("gifts", party), ("earnings", party)
            settled = before[gifts] - after[gifts]
            assert 0 <= settled <= free[gifts]
            assert after[earnings] - before[earnings] == settled * 5
        self.compare()

    @rule(party=st.sampled_from(STREAMERS), roses=st.sampled_from((7, 60, 700)), is_settled=st.booleans())
    def earn(self, party: str, roses: int, is_settled: bool) -> None:
        """Coins bought, given, and perhaps settled."""
        self.buy(coins=roses * 10)
        self.give(party=party, roses=roses)
        if is_settled:
            self.settle()

    @rule(days=st.sampled_from((1, 3, 8)))
    def days_pass(self, days: int) -> None:
        self.day = min(self.day + days, LATEST_DAY)

    # And what becomes of it.

    @precondition(lambda self: self.plain.decisions)
    @rule(data=st.data())
    def execute(self, data: st.DataObject) -> None:
        """Exactly what was shown is taken, once, when its time has come."""
        id, one = self.one(data, *(one.is_due(self.day) for one in self.plain.decisions.values()))
        is_due, moves = one.is_due(self.day), one.moves
        one.is_executed |= is_due
        step = ExecuteDecision(*self.head("platform:cases", derived_id(id, f"try:{uuid4()}")), id)
        outcome = self.accepted(step, moves)
        assert outcome.decided == is_due

    @precondition(lambda self: self.plain.decisions)
    @rule(data=st.data(), by_letter=st.booleans())
    def appeal(self, data: st.DataObject, by_letter: bool) -> None:
        """A letter posted in time is in time, even if the money is gone when it comes."""
        known = self.plain.decisions.values()
        id, one = self.one(data, *(one.appeal is None and one.stands for one in known))
        today, self.day = self.day, one.day + 2 if by_letter else self.day
        command = saying.appeal(self.head(f"streamer:{one.party}"), id, one.party)
        may = one.appeal is None and one.stands and self.day < one.day + 8
        refusal = self.say(command).refusal
        assert (refusal is None) == may, refusal
        self.day = today
        if may:
            one.appeal, self.appeals[str(id)] = "open", command.id

    @precondition(lambda self: any(one.is_appealed for one in self.plain.decisions.values()))
    @rule(data=st.data(), verdict=VERDICTS)
    def answer(self, data: st.DataObject, verdict: str) -> None:
        """What was taken, or the part of it that should not have been, comes back to the fen, debts too."""
        id = data.draw(st.sampled_from([id for id, one in self.plain.decisions.items() if one.is_appealed]))
        one, appeal, before = self.plain.decisions[id], self.appeals[id], self.balances()
        was = one.moves if one.is_executed else {}
        ended, lowered, is_change = self.changed(data, one, id, verdict)
        by_who_decided, by_another = (
            DecideAppeal(*self.head(f"moderator:{who}"), appeal, verdict, "seen again", ended, lowered)
            for who in ("mo", "ju")
        )
        assert self.court.code(by_who_decided) == "second_person_required"
        if not is_change:
            assert self.court.code(by_another) in ("not_a_reduction", "nothing_changed")
            self.compare()
            return
        one.appeal, one.is_overturned = "answered", verdict == "overturned"
        self.court.done(by_another)
        self.compare()
        stays = one.moves if one.is_executed and one.stands else {}
        back = {account: amount - stays.get(account, 0) for account, amount in was.items()}
        after = self.balances()
        for party in PEOPLE:
            regained = value_of(after, party) - value_of(before, party)
            assert regained == -value_of(back, party), f"{party} {one}"
        for account, amount in back.items():
            if account[0] in COINS:
                assert after[account] - before[account] == -amount

    def changed(
        self, data: st.DataObject, one: PlainDecision, id: str, verdict: str
    ) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...], bool]:
        """Measures that end, those that take less, and whether that is right for such a verdict."""
        if verdict != "changed":
            return (), (), True
        numbers = [int(n) for (n,) in self.court.rows(_IN_FORCE, id=UUID(id))]
        money = [] if one.is_at_once else list(one.takes)
        how = data.draw(st.sampled_from(("ended", "lowered", "both")))
        is_ended, is_lowered = (
            bool(numbers) and (how != "lowered" or not money),
            bool(money) and how != "ended",
        )
        ended = data.draw(st.sets(st.sampled_from(numbers), min_size=1, max_size=2)) if is_ended else set()
        less = data.draw(st.sets(st.sampled_from(money), min_size=1)) - ended if is_lowered else set()
        lowered = tuple((n, data.draw(LESS)) for n in sorted(less))
        as_it_was = deepcopy(one)
        is_change = all(one.lower(n, fen) for n, fen in lowered) and bool(ended or lowered)
        if is_change:
            for n in ended:
                one.end(n)
        else:
            one.takes = as_it_was.takes
        return tuple(sorted(ended)), lowered, is_change

    @rule(
        data=st.data(),
        party=st.sampled_from(PEOPLE),
        penalty=PENALTIES,
        claim=st.one_of(st.none(), st.integers(1, 9_000)),
        verdict=st.one_of(st.none(), VERDICTS),
    )
    def a_whole_life(
        self, data: st.DataObject, party: str, penalty: int | None, claim: int | None, verdict: str | None
    ) -> None:
        """Taken, agreed to, executed when its time has come, and mostly looked at again."""
        count = len(self.plain.decisions)
        self.take(party=party, penalty=penalty, claim=claim, rule="minor_tips")
        if len(self.plain.decisions) == count:
            return
        one = list(self.plain.decisions.values())[-1]
        if one.needs_second:
            self.look_again(data=data, passes=True, actor="finance:fi")
        self.days_pass(days=8)
        self.execute(data=data)
        if verdict is not None:
            self.appeal(data=data, by_letter=True)
        if any(other.is_appealed for other in self.plain.decisions.values()):
            self.answer(data=data, verdict=verdict or "upheld")

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def what_was_asked_is_asked_again(self, data: st.DataObject) -> None:
        """The first answer comes again, and nothing moves."""
        command = data.draw(st.sampled_from(self.asked[-20:]))
        before = self.balances()
        (outcome,) = self.court.decided(command)
        assert outcome.replayed or not outcome.decided or command.kind == "decision_executed"
        if command.kind != "decision_executed":
            assert self.balances() == before
        self.compare()


def test_whatever_is_decided_nothing_is_taken_twice_and_everybody_stands_as_the_measures_say(
    server: Database, request: pytest.FixtureRequest
) -> None:
    class Machine(ModerationMachine):
        pass

    Machine.server, Machine.template = server, request.getfixturevalue("_migrated")
    run_state_machine_as_test(Machine, settings=bounded(examples=8, steps=40))
