"""Moderation on PostgreSQL in random order: what is held, taken, barred and given back, after every step."""

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from ledger.coins.top_ups import TopUp
from ledger.database import Database
from ledger.gifts.commands import Tip
from ledger.instants import MICROSECONDS_PER_DAY
from ledger.journal.commands import derived_id
from moderation.appeals.commands import DecideAppeal, FileAppeal
from moderation.cases.commands import (
    ApproveDecision,
    Decide,
    ExecuteDecision,
    Finding,
    Imposed,
    LiftMeasure,
    OpenCase,
    RefuseDecision,
)
from moderation.cases.due import finish_returns
from moderation.evidence.commands import AddEvidence
from moderation.rules.publishing import SwitchRule
from moderation.takings.commands import MakePreview
from moderation.takings.reading import previews
from moderation.takings.shown import Giving, Head, Loss, PlanShown
from settlement.commands import Settle
from settlement.returns.carrying import finish as finish_plan
from settlement.returns.givings import givings_of
from settlement.returns.planning import NothingToPlan
from settlement.returns.plans import ReturnPlans
from settlement.returns.selections import StreamerTips
from settlement.runs import finish
from tests.moderation.plain_standing import BOUND, Account, Amounts, PlainDecision, value_of, worth
from tests.moderation.takings.court import DIGEST, PROOF
from tests.moderation.watched_books import PEOPLE, STREAMERS, VIEWER, WatchedBooks
from tests.properties import bounded
from tests.settlement.returns.playing import ALWAYS, carried_out, planned

#: So that what lasts a day is over today, by the database's clock too.
_LATEST_DAY = 150
#: Fen; None is all there is.
PENALTIES = st.one_of(st.none(), st.integers(10, 3_000), st.integers(20_000, 60_000))

_LIFTABLE = """
SELECT m.measure FROM moderation.measures AS m
WHERE m.preview IS NULL AND m.kind <> 'freeze' AND m.follows IS NULL
  AND NOT EXISTS (SELECT FROM moderation.measure_ends AS e WHERE e.measure = m.measure)
ORDER BY m.entry, m.n
"""


class ModerationMachine(WatchedBooks):
    """Gifts are given and settled; people are judged, appeal, win and lose; days pass."""

    # People give and earn.

    @initialize(
        data=st.data(),
        off=st.sets(st.sampled_from(("P-MUTE/clean", "P-MUTE/mute", "P-POINTS/ladder"))),
        party=st.sampled_from(PEOPLE),
        claim=st.one_of(st.none(), st.integers(1, 90_000)),
        verdict=st.sampled_from(("upheld", "overturned", "overturned")),
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

    @rule(days=st.sampled_from((1, 3, 8)))
    def days_pass(self, days: int) -> None:
        self.day = min(self.day + days, _LATEST_DAY)

    # People are judged.

    def decide(self, party: str, measures: Sequence[Imposed], rule: str, freezes: Amounts) -> None:
        """A decision in a case of its own, whatever it needs beforehand being there."""
        shown = [one.preview for one in measures if one.preview]
        with self.court.database.app.connect() as connection:
            read = previews(connection, shown)
        takes: list[tuple[Account, int]] = [
            ((taking.account, taking.owner), taking.amount_minor)
            for id in shown
            for _, taking in read[id].takings
        ]
        finding = Finding(rule, (DIGEST,), override_reason="as it was drawn")
        command = Decide(*self.head("moderator:mo"), self.case, (finding,), tuple(measures), "seen")
        self.plain.decisions[str(command.id)] = one = PlainDecision(party, self.day, False, takes, freezes)
        self.accepted(command)
        # Damages are never one person's to claim; whatever else there is, the bound is for all of it.
        needs_second = len(shown) > 1 or (bool(shown) and self.plain.taken_alone(party, self.day) > BOUND)
        one.needs_second = self.needs_second(command.id)
        assert one.needs_second == needs_second

    def needs_second(self, decision: UUID) -> bool:
        query = "SELECT needs_second FROM moderation.decisions WHERE decision = :id"
        return bool(self.court.rows(query, id=decision)[0][0])

    def open_case(self, party: str) -> None:
        self.cases += 1
        self.case = f"k{self.cases}"
        self.accepted(OpenCase(*self.head("moderator:mo"), self.case, "spot_check", party, None, "seen"))
        proof = AddEvidence(*self.head("moderator:mo"), self.case, DIGEST, "image/png", len(PROOF))
        self.accepted(proof)

    @rule(
        party=st.sampled_from(PEOPLE),
        penalty=PENALTIES,
        claim=st.one_of(st.none(), st.integers(1, 3_000)),
        rule=st.sampled_from(("minor_tips", "minor_tips", "unfriendly_smoking")),
    )
    def take(self, party: str, penalty: int | None, claim: int | None, rule: str) -> None:
        """A penalty of some or of all there is, and perhaps damages beyond it."""
        self.open_case(party)
        asked = MakePreview(*self.head("moderator:mo"), self.case, "penalty", party, penalty)
        refusal = self.say(asked).refusal
        if refusal is not None:
            assert refusal.code == "nothing_to_take"
            return
        measures = [Imposed("penalty", party, preview=asked.id)]
        if claim is not None:
            losses = (Loss(Head.PROPERTY, claim, "a camera"),)
            more = MakePreview(
                *self.head("moderator:mo"), self.case, "damages", party, None, losses, (asked.id,)
            )
            if self.say(more).refusal is None:
                measures.append(Imposed("damages", party, preview=more.id))
        self.decide(party, measures, rule, {})

    @rule(
        party=st.sampled_from(PEOPLE),
        kinds=st.sets(st.sampled_from(("pause", "suspend_service", "legal_hold", "warn")), max_size=2),
        feature=st.sampled_from(("tip", "receive", "withdraw", "comment")),
        days=st.sampled_from((1, 20, 400, None)),
        rule=st.sampled_from(("minor_tips", "unfriendly_smoking", "illegal_defamation")),
    )
    def restrict(self, party: str, kinds: set[str], feature: str, days: int | None, rule: str) -> None:
        until = None if days is None else self.head("")[2] + days * MICROSECONDS_PER_DAY
        measures = [Imposed("restrict", party, feature=feature, until=until)]
        measures += (Imposed(kind, party, until=None if kind == "warn" else until) for kind in sorted(kinds))
        self.open_case(party)
        self.decide(party, measures, rule, {})

    @rule(
        party=st.sampled_from(STREAMERS), account=st.sampled_from(("gifts", "earnings")), n=st.integers(1, 99)
    )
    def freeze(self, party: str, account: str, n: int) -> None:
        if self.available()[account, party] >= n:
            self.open_case(party)
            freeze = Imposed("freeze", party, account=account, amount_minor=n)
            self.decide(party, [freeze], "minor_tips", {(account, party): n})

    @rule(party=st.sampled_from(STREAMERS), is_wrong=st.booleans())
    def give_back(self, party: str, is_wrong: bool) -> None:
        """All tips of a streamer go back, each once; if that was wrong, they stand again to the fen."""
        journal, before = self.court.journal, self.balances()
        try:
            plan = planned(journal, StreamerTips(party, *ALWAYS))
        except NothingToPlan:
            return
        self.open_case(party)
        shown = self.shown(plan)
        asked = MakePreview(*self.head("moderator:mo"), self.case, "return_tips", party, plan=shown)
        refusal = self.say(asked).refusal
        if refusal is not None:
            assert (refusal.code, shown.count) == ("nothing_to_take", 0)
            return
        finding = Finding("minor_tips", (DIGEST,), override_reason="as it was drawn")
        measures = (Imposed("return_tips", party, preview=asked.id),)
        decide = Decide(*self.head("moderator:mo"), self.case, (finding,), measures, "seen")
        refusal = self.say(decide).refusal
        if refusal is not None:
            assert refusal.code == "preview_stale"
            return
        alone = (party, self.day, shown.fen)
        self.plain.alone.append(alone)
        if self.needs_second(decide.id):
            self.accepted(ApproveDecision(*self.head("finance:fi"), decide.id))
            self.plain.alone.remove(alone)
        letter = FileAppeal(*self.head(f"streamer:{party}"), decide.id, party, "it was not me")
        self.day += 8
        step = ExecuteDecision(*self.head("platform:cases", derived_id(decide.id, "go")), decide.id)
        assert self.accepted(step).decided
        finish_plan(journal, plan)
        assert finish_returns(journal, step.occurred_at) == 1
        after, went = self.balances(), self.went_back(plan)
        assert after["wallet", VIEWER] - before["wallet", VIEWER] == went
        assert went == shown.coins
        assert value_of(before, party) > value_of(after, party)
        self.compare()
        if is_wrong:
            self.accepted(letter)
            overturned = DecideAppeal(*self.head("moderator:ju"), letter.id, "overturned", "seen again")
            self.court.done(overturned)
            carried_out(journal, plan, "restore")
            assert self.balances() == before
            self.plain.alone = [one for one in self.plain.alone if one is not alone]
            self.compare()

    def shown(self, plan: UUID) -> PlanShown:
        """A plan as moderators are shown it."""
        with self.court.database.app.connect() as connection:
            found = ReturnPlans().summary(connection, [plan])[plan]
            givings = tuple(
                Giving(one.streamer, one.unsettled_coins, one.streamer_minor)
                for one in givings_of(connection, plan)
            )
        return PlanShown(plan, found.sha256, found.count, found.coins, found.fen, givings)

    def went_back(self, plan: UUID) -> int:
        """The coins that a plan gave back: of each of its tips, once."""
        query = (
            "SELECT coalesce(sum(p.coins), 0)::bigint, count(*) - count(DISTINCT r.tip)"
            " FROM settlement.returned_tips AS r JOIN settlement.planned_returns AS p USING (plan, tip)"
            " WHERE r.plan = :plan"
        )
        ((coins, twice),) = self.court.rows(query, plan=plan)
        assert twice == 0
        return int(coins)

    # And what becomes of it.

    def one(self, data: st.DataObject, wanted: Callable[[PlainDecision], bool]) -> tuple[UUID, PlainDecision]:
        """Mostly a decision that is wanted, if there is one; or one of the newest."""
        known = self.plain.decisions
        ids = [id for id, one in known.items() if wanted(one)]
        if not ids or data.draw(st.integers(0, 4)) == 0:
            ids = list(known)[-4:]
        id = data.draw(st.sampled_from(ids))
        return UUID(id), known[id]

    @precondition(lambda self: self.plain.decisions)
    @rule(data=st.data(), passes=st.booleans(), actor=st.sampled_from(("finance:fi", "moderator:mo", "bo")))
    def look_again(self, data: st.DataObject, passes: bool, actor: str) -> None:
        """The second person agrees or not; whoever decided, or is concerned, does not agree."""
        id, one = self.one(data, lambda one: one.waits)
        actor = actor if ":" in actor else f"moderator:{one.party}"
        waits, before = one.waits, one.is_refused
        if passes:
            refusal = self.say(ApproveDecision(*self.head(actor), id)).refusal
            assert (refusal is None) == (waits and actor == "finance:fi")
            one.is_approved |= refusal is None
            return
        one.is_refused |= waits and not actor.endswith(f":{one.party}")
        refusal = self.say(RefuseDecision(*self.head(actor), id, "not shown")).refusal
        assert (refusal is None) == (one.is_refused and not before)

    @precondition(lambda self: self.plain.decisions)
    @rule(data=st.data())
    def execute(self, data: st.DataObject) -> None:
        """Exactly what was shown is taken, once, when its time has come."""
        id, one = self.one(data, lambda one: one.is_due(self.day))
        is_due = one.is_due(self.day)
        one.is_executed |= is_due
        moves: Amounts = {}
        for account, amount in one.takes:
            moves[account] = moves.get(account, 0) + (amount if account[0] == "debt" else -amount)
        step = ExecuteDecision(*self.head("platform:cases", derived_id(id, f"try:{uuid4()}")), id)
        outcome = self.accepted(step, moves)
        assert outcome.decided == is_due

    @precondition(lambda self: self.plain.decisions)
    @rule(data=st.data(), by_letter=st.booleans())
    def appeal(self, data: st.DataObject, by_letter: bool) -> None:
        """A letter posted in time is in time, even if the money is gone when it comes."""
        id, one = self.one(data, lambda one: one.appeal is None and one.stands)
        today, self.day = self.day, one.day + 2 if by_letter else self.day
        command = FileAppeal(*self.head(f"streamer:{one.party}"), id, one.party, "it was not me")
        may = one.appeal is None and one.stands and self.day < one.day + 8
        refusal = self.say(command).refusal
        assert (refusal is None) == may, refusal
        self.day = today
        if may:
            one.appeal, self.appeals[str(id)] = "open", command.id

    @precondition(lambda self: any(one.is_appealed for one in self.plain.decisions.values()))
    @rule(data=st.data(), verdict=st.sampled_from(("upheld", "overturned", "overturned")))
    def answer(self, data: st.DataObject, verdict: str) -> None:
        """What was taken comes back to the fen, debts too; what was held is free."""
        id = data.draw(st.sampled_from([id for id, one in self.plain.decisions.items() if one.is_appealed]))
        one, before = self.plain.decisions[id], self.balances()
        by_who_decided = DecideAppeal(*self.head("moderator:mo"), self.appeals[id], verdict, "fine as it was")
        refusal = self.say(by_who_decided).refusal
        assert refusal is not None
        one.appeal, one.is_overturned = "answered", verdict == "overturned"
        self.court.done(DecideAppeal(*self.head("moderator:ju"), self.appeals[id], verdict, "seen again"))
        self.compare()
        after = self.balances()
        back = worth(one.takes) if one.is_executed and one.is_overturned else 0
        for party in PEOPLE:
            regained = value_of(after, party) - value_of(before, party)
            assert regained == (back if party == one.party else 0), f"{party} {one}"
        if back:
            for account, amount in one.takes:
                if account[0] not in ("debt", "earnings"):
                    assert after[account] - before[account] >= amount

    @rule(
        data=st.data(),
        party=st.sampled_from(PEOPLE),
        penalty=PENALTIES,
        claim=st.one_of(st.none(), st.integers(1, 9_000)),
        verdict=st.sampled_from((None, "upheld", "overturned")),
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

    @rule(data=st.data())
    def lift(self, data: st.DataObject) -> None:
        """Only what it barred, and what followed from it, ends."""
        measures = [row[0] for row in self.court.rows(_LIFTABLE)]
        if measures:
            measure = data.draw(st.sampled_from(measures[-4:]))
            self.say(LiftMeasure(*self.head("moderator:ju"), measure, "enough"))

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
