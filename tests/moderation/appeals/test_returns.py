"""Tips that went back, and a decision that is overturned: they stand again, to the fen."""

from uuid import UUID, uuid4

from ledger.journal.commands import derived_id
from moderation.cases.commands import FinishReturns, Imposed
from moderation.takings.commands import MakePreview
from moderation.takings.shown import Giving, PlanShown
from settlement.returns.carrying import finish
from settlement.returns.givings import givings_of
from settlement.returns.planning import make_plan
from settlement.returns.plans import ReturnPlans
from settlement.returns.selections import StreamerTips
from tests.ledger.asked import EVENING, head
from tests.moderation.takings.court import Court

_LATER = 2**62


def _shown(court: Court) -> tuple[UUID, UUID]:
    """A preview of all of bo's tips going back, and its plan."""
    plan = uuid4()
    with court.database.app.begin() as connection:
        make_plan(connection, plan, StreamerTips("bo", EVENING - 1, EVENING + 10**12), _LATER, "unlawful")
        summary = ReturnPlans().summary(connection, [plan])[plan]
        givings = tuple(Giving(*giving) for giving in givings_of(connection, plan))
    shown = PlanShown(plan, summary.sha256, summary.count, summary.coins, summary.fen, givings)
    command = MakePreview(*head("moderator:mo"), "k1", "return_tips", "bo", plan=shown)
    court.done(command)
    return command.id, plan


def test_tips_go_back_and_stand_again(court: Court) -> None:
    court.earn(300)
    court.settle()
    court.earn(200)
    court.case()
    before = court.balances()
    preview, plan = _shown(court)
    decision = court.decide(Imposed("return_tips", "bo", preview=preview))
    frozen = "SELECT kind FROM ledger.accounts WHERE owner = 'bo' AND frozen_by > 0 ORDER BY kind"
    assert court.rows(frozen) == [("earnings",), ("gifts",)]
    assert court.execute(decision)
    finish(court.journal, plan)
    assert court.balance("wallet", "ana") == 1_500
    measure = court.rows("SELECT measure FROM moderation.measures WHERE kind = 'return_tips'")[0][0]
    id = derived_id(measure, "finish")
    court.done(FinishReturns(*head("platform:cases", day=9, id=id), decision, measure))
    assert court.rows(frozen) == []
    court.sound()
    court.answer(court.appeal(decision), "overturned")
    finish(court.journal, plan, "restore")
    assert court.balances() == before
    court.sound()


def test_overturned_before_anything_went_back_the_accounts_are_free(court: Court) -> None:
    court.earn(300)
    court.case()
    preview, _ = _shown(court)
    decision = court.decide(Imposed("return_tips", "bo", preview=preview))
    court.answer(court.appeal(decision), "overturned")
    assert court.rows("SELECT kind FROM ledger.accounts WHERE frozen_by > 0") == []
    assert court.rows("SELECT count(*) FROM settlement.return_runs") == [(0,)]
    court.settle()
    assert court.balance("earnings") == 1_500
    court.sound()


def test_a_penalty_leaves_alone_what_is_to_go_back(court: Court) -> None:
    court.earn(300)
    court.case()
    preview, _ = _shown(court)
    court.earn(50)
    beside = court.preview("penalty", beside=(preview,))
    greedy = court.preview("penalty")
    both = Imposed("return_tips", "bo", preview=preview), Imposed("penalty", "bo", preview=greedy)
    assert court.code(court.deciding(*both)) == "preview_stale"
    court.decide(both[0], Imposed("penalty", "bo", preview=beside))
    assert court.held("gifts") == 50
    court.case("k2")
    assert court.previewing("penalty", "k2", "bo") == "nothing_to_take"
    court.sound()
