"""The same books while tips go back: until they have, the streamer's gifts and earnings stand still."""

from typing import NamedTuple
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ledger.journal.commands import derived_id
from moderation.appeals.commands import DecideAppeal, FileAppeal
from moderation.cases.commands import ApproveDecision, Decide, ExecuteDecision, Finding, Imposed
from moderation.cases.due import finish_returns
from moderation.takings.commands import MakePreview
from moderation.takings.reading import going_back
from moderation.takings.shown import Giving, PlanShown
from settlement.returns.carrying import finish as finish_plan
from settlement.returns.givings import givings_of
from settlement.returns.planning import NothingToPlan, make_plan
from settlement.returns.plans import ReturnPlans
from settlement.returns.selections import StreamerTips
from tests.moderation import saying
from tests.moderation.judging_books import JudgingBooks
from tests.moderation.plain_standing import value_of
from tests.moderation.takings.court import DIGEST
from tests.moderation.watched_books import LATEST_DAY, STREAMERS, VIEWER
from tests.settlement.returns.playing import ALWAYS, carried_out, last_seq

_WENT_BACK = """
SELECT coalesce(sum(p.coins), 0)::bigint, count(*) - count(DISTINCT r.tip)
FROM settlement.returned_tips AS r JOIN settlement.planned_returns AS p USING (plan, tip)
WHERE r.plan = :plan
"""
_FROZEN = "SELECT kind, owner FROM ledger.accounts WHERE frozen_by > 0"


class Going(NamedTuple):
    """Tips that are decided to go back, and the letter that their streamer wrote about it the same day."""

    decision: UUID
    day: int
    shown: PlanShown
    letter: FileAppeal
    alone: tuple[str, int, int]


class ReturningBooks(JudgingBooks):
    """All tips of a streamer are to go back, while everything else goes on; some days later they do."""

    def __init__(self) -> None:
        super().__init__()
        self.going: dict[str, Going] = {}

    def frozen(self) -> set[str]:
        return set(self.going)

    def compare(self) -> None:
        """Nothing stands still but for tips that are to go back."""
        super().compare()
        still = {(kind, party) for party in self.frozen() for kind in ("gifts", "earnings")}
        assert {tuple(row) for row in self.court.rows(_FROZEN)} == still

    @rule(party=st.sampled_from(STREAMERS))
    def decide_to_give_back(self, party: str) -> None:
        if party in self.going:
            return
        self.open_case(party)
        shown = self.shown(party)
        if shown is None:
            return
        asked = MakePreview(*self.head("moderator:mo"), self.case, "return_tips", party, plan=shown)
        refusal = self.say(asked).refusal
        if refusal is not None:
            assert (refusal.code, shown.count) == ("nothing_to_take", 0)
            return
        finding = Finding("minor_tips", (DIGEST,), override_reason="as it was drawn")
        measures = (Imposed("return_tips", party, preview=asked.id),)
        decide = Decide(*self.head("moderator:mo"), self.case, (finding,), measures, "seen")
        alone = (party, self.day, shown.fen)
        letter = saying.appeal(self.head(f"streamer:{party}"), decide.id, party)
        self.going[party] = Going(decide.id, self.day, shown, letter, alone)
        self.accepted(decide)
        self.plain.alone.append(alone)
        if self.needs_second(decide.id):
            self.accepted(ApproveDecision(*self.head("finance:fi"), decide.id))
            self.plain.alone.remove(alone)

    @precondition(lambda self: self.going and self.day < LATEST_DAY)
    @rule(data=st.data(), is_wrong=st.booleans())
    def give_back(self, data: st.DataObject, is_wrong: bool) -> None:
        """They go back, each once; if that was wrong, they stand again to the fen."""
        party = data.draw(st.sampled_from(sorted(self.going)))
        one, journal, before = self.going.pop(party), self.court.journal, self.balances()
        self.day = max(self.day, one.day + 8)
        step = ExecuteDecision(*self.head("platform:cases", derived_id(one.decision, "go")), one.decision)
        assert self.court.done(step)[0].decided
        finish_plan(journal, one.shown.plan)
        assert finish_returns(journal, step.occurred_at) == 1
        after, went = self.balances(), self.went_back(one.shown.plan)
        assert after["wallet", VIEWER] - before["wallet", VIEWER] == went
        assert went == one.shown.coins
        assert value_of(before, party) > value_of(after, party)
        self.compare()
        if is_wrong:
            self.overturn(one)
            carried_out(journal, one.shown.plan, "restore")
            assert self.balances() == before
            self.compare()

    @precondition(lambda self: self.going)
    @rule(data=st.data())
    def not_give_back(self, data: st.DataObject) -> None:
        """What turns out wrong before they went back leaves everything as it is, but free."""
        before = self.balances()
        self.overturn(self.going.pop(data.draw(st.sampled_from(sorted(self.going)))))
        assert self.balances() == before
        self.compare()

    def overturn(self, one: Going) -> None:
        """The letter has been written in time."""
        self.court.done(one.letter)
        self.court.done(DecideAppeal(*self.head("moderator:ju"), one.letter.id, "overturned", "seen again"))
        self.plain.alone = [alone for alone in self.plain.alone if alone is not one.alone]

    def shown(self, party: str) -> PlanShown | None:
        """What moderators are shown of all tips of a streamer; nothing if there are none."""
        plan = uuid4()
        try:
            with self.court.database.app.begin() as connection:
                going, tips = [one.plan for one in going_back(connection)], StreamerTips(party, *ALWAYS)
                upto = last_seq(connection)
                make_plan(connection, plan, tips, upto, "unlawful", going=going)
                found = ReturnPlans().summary(connection, [plan])[plan]
                givings = tuple(Giving(*giving) for giving in givings_of(connection, plan))
        except NothingToPlan:
            return None
        return PlanShown(plan, found.sha256, found.count, found.coins, found.fen, givings)

    def went_back(self, plan: UUID) -> int:
        """The coins that a plan gave back: of each of its tips, once."""
        ((coins, twice),) = self.court.rows(_WENT_BACK, plan=plan)
        assert twice == 0
        return int(coins)
