"""What people are told is true: how much, out of what, what is free again, and of whom."""

import pytest

from ledger.database import Database
from moderation.cases.commands import Imposed, LiftMeasure
from moderation.cases.due import due_decisions
from moderation.cases.reading import decisions_on
from moderation.cases.writing import measure_id
from moderation.commands import Freeze
from settlement.returns.selections import ViewerTips
from tests.moderation.lately import head
from tests.moderation.takings.court import Court, loss

_NOTICES = "SELECT kind, text FROM moderation.notices WHERE party = :party ORDER BY entry"
_FREED = "由此冻结的款项解除冻结"


@pytest.fixture
def court(empty_database: Database) -> Court:
    """Bo has 45.00 of earnings, and a case."""
    court = Court(empty_database)
    court.earn(900)
    court.settle()
    court.case()
    return court


def _told(court: Court, party: str = "bo") -> str:
    """The last notice."""
    kind, text = court.rows(_NOTICES, party=party)[-1]
    return f"{kind}: {text}"


def test_damages_say_what_they_consist_of_and_what_the_penalty_covers(court: Court) -> None:
    penalty = court.preview("penalty", amount_minor=1_000)
    damages = court.preview("damages", losses=(loss(2_500), loss(500)), beside=(penalty,))
    court.decide(Imposed("penalty", preview=penalty), Imposed("damages", preview=damages))
    told = _told(court)
    assert "财产损失 25.00 元：as the invoice says" in told
    assert "其中 10.00 元 已由违约金抵充" in told


def test_what_a_penalty_is_taken_from_and_what_damages_leave_as_a_debt_is_said(court: Court) -> None:
    court.decide(Imposed("damages", preview=court.preview("damages", losses=(loss(6_000),))))
    assert "从收益余额扣除 45.00 元" in _told(court)
    assert "余额不足，15.00 元 计为应收款" in _told(court)


def test_findings_without_measures_are_told_too_and_are_among_the_decisions_on_the_person(
    court: Court,
) -> None:
    command = court.deciding(rule="unfriendly_smoking")
    court.done(command)
    assert "仅作记录" in _told(court)
    with court.database.app.connect() as connection:
        (own,) = decisions_on(connection, "bo", before=None, limit=9).decisions
    assert own.decision.decision == command.id
    assert court.appeal(command.id)


def test_a_compensation_does_not_say_that_money_was_frozen(court: Court) -> None:
    court.case("k2", "ana")
    given = court.preview("compensation", "k2", "ana", losses=(loss(500),))
    court.decide(Imposed("compensation", "ana", preview=given), case="k2")
    assert "先行冻结" not in _told(court, "ana")
    assert "执行；申诉处理期间不执行" in _told(court, "ana")


def test_what_was_frozen_before_a_refused_decision_is_said_to_be_frozen_again(court: Court) -> None:
    court.done(Freeze(*head("moderator:mo"), "bo", "earnings", 4_000, "k1", "LIVE-MOD-4"))
    damages = court.preview("damages", losses=(loss(4_000),))
    command = court.deciding(Imposed("damages", preview=damages))
    court.done(command)
    court.refuse(command.id)
    assert court.held("earnings") == 4_000
    assert "冻结恢复原状" in _told(court)


def test_the_lift_of_what_held_nothing_says_nothing_of_freezes(court: Court) -> None:
    decision = court.decide(Imposed("warn"), Imposed("freeze", account="earnings", amount_minor=100))
    court.done(LiftMeasure(*head("moderator:mo"), measure_id(decision, 0), "not needed"))
    assert "警示" in _told(court)
    assert "冻结" not in _told(court)
    court.done(LiftMeasure(*head("moderator:mo"), measure_id(decision, 1), "not needed"))
    assert _FREED in _told(court)


def test_whom_the_case_is_not_about_is_not_told_why_something_ended(court: Court) -> None:
    decision = court.decide(Imposed("warn", "ana"), Imposed("warn"))
    court.done(LiftMeasure(*head("moderator:mo"), measure_id(decision, 0), "bo is ill"))
    assert "bo is ill" not in _told(court, "ana")
    court.done(LiftMeasure(*head("moderator:mo"), measure_id(decision, 1), "bo is ill"))
    assert "bo is ill" in _told(court)


def test_who_did_not_appeal_is_not_told_that_they_did_nor_why_it_was_answered_so(court: Court) -> None:
    decision = court.decide(Imposed("warn", "ana"), Imposed("warn"))
    court.answer(court.appeal(decision), "overturned")
    assert "您就案件 k1 提出的申诉" in _told(court)
    assert "理由：looked at again" in _told(court)
    assert "经他人申诉复核" in _told(court, "ana")
    assert "looked at again" not in _told(court, "ana")


def test_what_is_back_of_damages_is_told_as_it_came_back(court: Court) -> None:
    """Of 60.00 the earnings had 45.00, and 15.00 are owed."""
    decision = court.decide(Imposed("damages", preview=court.preview("damages", losses=(loss(6_000),))))
    assert court.execute(decision)
    assert (court.balance("earnings"), court.balance("debt")) == (0, 1_500)
    court.answer(court.appeal(decision), "overturned")
    assert (court.balance("earnings"), court.balance("debt")) == (4_500, 0)
    assert "已退还：收益余额 45.00 元。" in _told(court)
    assert "已冲销：应收款 15.00 元。" in _told(court)


def test_what_is_not_taken_after_all_is_told_as_such(court: Court) -> None:
    decision = court.decide(Imposed("damages", preview=court.preview("damages", losses=(loss(6_000),))))
    court.answer(court.appeal(decision), "overturned")
    assert "不再扣除：收益余额 45.00 元。" in _told(court)
    assert "不再计收：应收款 15.00 元。" in _told(court)


def test_a_compensation_that_is_overturned_is_told_to_be_withdrawn(court: Court) -> None:
    court.case("k2", "ana")
    given = court.preview("compensation", "k2", "ana", losses=(loss(500),))
    decision = court.decide(Imposed("compensation", "ana", preview=given), case="k2")
    assert court.execute(decision)
    court.answer(court.appeal(decision, "ana"), "overturned")
    assert "已撤回赔付：应付退款 5.00 元。" in _told(court, "ana")
    assert "已退还" not in _told(court, "ana")


def test_whoever_paid_for_a_minors_tips_is_told_what_they_get_and_not_what_coins_are_worth(
    court: Court,
) -> None:
    """Ana's coins were bought at face value; half of it goes back."""
    court.earn(100)
    court.case("k2", "ana")
    shown = court.tips_shown("k2", "ana", of=ViewerTips, kind="minor", ratio_bps=5_000)
    assert shown.refund_minor
    preview = court.preview("return_minors_tips", "k2", "ana", plan=shown)
    court.decide(Imposed("return_minors_tips", "ana", preview=preview), case="k2", rule="minor_tips")
    assert f"退还未成年人打赏，合计 {shown.refund_minor / 100:.2f} 元" in _told(court, "ana")


def test_what_is_not_due_any_more_is_not_looked_for(court: Court) -> None:
    penalty = court.preview("penalty", amount_minor=1_000)
    decision = court.decide(Imposed("penalty", preview=penalty), Imposed("warn"))
    court.answer(court.appeal(decision), "changed", ended=(0,))
    damages = court.deciding(Imposed("damages", preview=court.preview("damages", losses=(loss(100),))))
    court.done(damages)
    court.done(LiftMeasure(*head("moderator:mo"), measure_id(damages.id, 0), "not needed"))
    court.approve(damages.id)
    with court.database.app.connect() as connection:
        assert due_decisions(connection, head(day=20)[2]) == []
    court.sound()
