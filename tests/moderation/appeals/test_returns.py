"""Tips that went back, and a decision that is overturned: they stand again, to the fen."""

from ledger.journal.commands import derived_id
from moderation.cases.commands import FinishReturns, Imposed
from settlement.returns.carrying import finish
from tests.moderation.lately import head
from tests.moderation.takings.court import Court


def test_tips_go_back_and_stand_again(court: Court) -> None:
    court.earn(300)
    court.settle()
    court.earn(200)
    court.case()
    before = court.balances()
    preview, plan = court.tips_back()
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
    preview, _ = court.tips_back()
    decision = court.decide(Imposed("return_tips", "bo", preview=preview))
    court.answer(court.appeal(decision), "overturned")
    assert court.rows("SELECT kind FROM ledger.accounts WHERE frozen_by > 0") == []
    assert court.rows("SELECT count(*) FROM settlement.return_runs") == [(0,)]
    court.settle()
    assert court.balance("earnings") == 1_500
    court.sound()
