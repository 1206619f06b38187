"""Somebody else looks again; what turns out wrong is undone to the fen."""

from uuid import UUID

import pytest

from ledger.journal.commands import derived_id
from moderation.appeals.commands import DecideAppeal, FileAppeal
from moderation.appeals.refusals import NotAReduction
from moderation.cases.commands import ExecuteDecision, Imposed, LiftMeasure
from moderation.cases.reading import Judged, judged
from moderation.cases.refusals import SecondPersonRequired
from moderation.cases.writing import measure_id
from moderation.commands import Freeze
from moderation.takings.shown import Head
from settlement.treasury.commands import PayInDebt
from tests.moderation import saying
from tests.moderation.lately import head, streamer, tip, top_up
from tests.moderation.takings.court import Court, loss


def _filing(decision: UUID, party: str = "bo", day: int = 1) -> FileAppeal:
    return saying.appeal(head(f"streamer:{party}", day=day), decision, party)


def _answering(appeal: object, verdict: str, actor: str = "moderator:ju", **changes: object) -> DecideAppeal:
    return DecideAppeal(*head(actor, day=2), appeal, verdict, "looked at again", **changes)  # type: ignore[arg-type]


def _everything(court: Court) -> None:
    """Accruals none, earnings 25.00, gifts 200, and a wallet of bo's own."""
    court.earn(500)
    court.settle()
    court.earn(200, day=1)


def test_an_appeal_stops_the_execution_until_it_is_answered(court: Court) -> None:
    _everything(court)
    court.case()
    decision = court.penalty()
    appeal = court.appeal(decision)
    assert not court.execute(decision)
    court.answer(appeal, "upheld")
    assert court.execute(decision)
    assert court.balances("bo") == {}
    court.sound()


def test_overturned_before_the_execution_everything_is_free_again(court: Court) -> None:
    _everything(court)
    court.case()
    before = court.balances()
    decision = court.penalty()
    bars = "SELECT count(*) FROM ledger.accounts WHERE owner = 'bo' AND incoming_barred_until > now()"
    assert court.rows(bars) == [(1,)]
    court.answer(court.appeal(decision), "overturned")
    assert (court.held("gifts"), court.held("earnings")) == (0, 0)
    assert court.rows(bars) == [(0,)]
    assert not court.execute(decision)
    assert court.balances() == before
    court.earn(10)
    court.sound()


def test_overturned_after_the_execution_everything_comes_back(court: Court) -> None:
    _everything(court)
    court.case()
    before = court.balances()
    penalty = court.preview("penalty", amount_minor=3_000)
    damages = court.preview("damages", losses=(loss(9_000),), beside=(penalty,))
    decision = court.decide(
        Imposed("penalty", "bo", preview=penalty), Imposed("damages", "bo", preview=damages)
    )
    assert court.execute(decision)
    assert court.balances("bo") != {}
    appeal = court.appeal(decision)
    court.answer(appeal, "overturned")
    assert court.balances() == before
    assert court.code(_answering(appeal, "overturned")) == "appeal_already_decided"
    assert court.code(_filing(decision)) == "appeal_exists"
    assert court.balances() == before
    court.sound()


def test_of_a_debt_that_was_paid_on_meanwhile_what_was_paid_is_earnings_again(court: Court) -> None:
    court.case()
    preview = court.preview("damages", losses=(loss(9_000),))
    decision = court.decide(Imposed("damages", "bo", preview=preview))
    assert court.execute(decision)
    court.earn(1_000)
    court.settle()
    court.done(PayInDebt(*head("finance:f1"), "bo", 2_000, "b-1"))
    assert (court.balance("debt"), court.balance("earnings")) == (7_000, 5_000)
    court.answer(court.appeal(decision), "overturned")
    assert (court.balance("debt"), court.balance("earnings")) == (0, 7_000)
    court.sound()


def test_a_changed_decision_ends_what_is_named_and_what_follows_from_it(court: Court) -> None:
    _everything(court)
    court.case()
    decision = court.decide(
        Imposed("penalty", "bo", preview=court.preview("penalty")),
        Imposed("restrict", "bo", feature="withdraw"),
        Imposed("warn", "bo"),
    )
    kinds = "SELECT n, kind, feature FROM moderation.measures WHERE decision = :decision ORDER BY n"
    imposed = court.rows(kinds, decision=decision)
    court.answer(court.appeal(decision), "changed", ended=(0,))
    ended = court.rows(
        "SELECT m.n, e.how FROM moderation.measure_ends AS e JOIN moderation.measures AS m USING (measure)"
        " ORDER BY 1"
    )
    followed = [n for n, kind, feature in imposed if (kind, feature) == ("restrict", "receive")]
    assert ended == [(0, "overturned"), *((n, "overturned") for n in followed)]
    assert court.held("gifts") == 0
    barred = "SELECT kind FROM ledger.accounts WHERE owner = 'bo' AND outgoing_barred_until > now()"
    assert court.rows(barred) == [("earnings",)]
    court.earn(10)
    court.sound()


@pytest.mark.parametrize("executed", [False, True])
def test_a_lowered_penalty_keeps_the_first_of_what_it_took(court: Court, executed: bool) -> None:
    _everything(court)
    court.case()
    decision = court.penalty()
    if executed:
        assert court.execute(decision)
    appeal = court.appeal(decision)
    assert court.code(_answering(appeal, "changed", lowered=((0, 4_500),))) == "not_a_reduction"
    court.answer(appeal, "changed", lowered=((0, 2_655),))
    if not executed:
        assert (court.held("earnings"), court.held("gifts")) == (2_500, 15)
        assert court.execute(decision)
    assert (court.balance("earnings"), court.balance("gifts")) == (0, 185)
    assert court.balance("penalty_income", "platform") == 2_650
    court.sound()


def test_everybody_concerned_appeals_on_their_own_and_the_money_waits_for_all_of_them(court: Court) -> None:
    court.done(streamer("cy"))
    court.earn(100)
    court.earn(50, whom="cy")
    court.case()
    measures = [
        Imposed("penalty", party, preview=court.preview("penalty", party=party)) for party in ("bo", "cy")
    ]
    decision = court.decide(*measures)
    first, second = court.appeal(decision), court.appeal(decision, "cy")
    assert not court.execute(decision)
    court.answer(first, "upheld")
    assert not court.execute(decision)
    court.answer(second, "upheld")
    assert court.execute(decision)
    assert (court.balance("gifts"), court.balance("gifts", "cy")) == (0, 0)
    again = court.decide(Imposed("warn"), Imposed("warn", "cy"))
    first, second = court.appeal(again), court.appeal(again, "cy")
    court.answer(first, "overturned")
    assert court.code(_answering(second, "upheld")) == "decision_closed"
    court.answer(second, "overturned")
    court.sound()


def test_a_penalty_that_is_lowered_and_executed_in_one_batch_takes_what_was_left_of_it(court: Court) -> None:
    court.earn(100)
    court.case()
    decision = court.penalty(1_000)
    answer = _answering(court.appeal(decision), "changed", lowered=((0, 500),))
    id = derived_id(decision, "execute")
    court.done(answer, ExecuteDecision(*head("platform:clock", day=9, id=id), decision))
    assert (court.balance("gifts"), court.held("gifts")) == (50, 0)
    ((told,),) = court.rows("SELECT text FROM moderation.notices WHERE kind = 'execution'")
    assert "扣除违约金 5.00 元" in told
    court.sound()


@pytest.mark.parametrize("executed", [False, True])
def test_a_measure_is_not_lowered_twice_by_one_answer(court: Court, executed: bool) -> None:
    _everything(court)
    court.case()
    decision = court.penalty()
    if executed:
        assert court.execute(decision)
    appeal = court.appeal(decision)
    before = court.balances()
    for lowered in (((0, 300), (0, 100)), ((0, 100), (0, 100))):
        assert court.code(_answering(appeal, "changed", lowered=lowered)) == "not_a_reduction"
    assert court.balances() == before
    court.sound()


@pytest.mark.parametrize("executed", [False, True])
def test_of_a_lowered_penalty_what_was_decided_stays_and_what_was_remitted_is_said(
    court: Court, executed: bool
) -> None:
    _everything(court)
    court.case()
    shown = court.preview("penalty")
    decision = court.decide(Imposed("penalty", "bo", preview=shown), Imposed("warn", "bo"))
    if executed:
        assert court.execute(decision)
    assert set(_kept(court, decision).remitted.values()) == {0}
    court.answer(court.appeal(decision), "changed", lowered=((0, 2_655),))
    kept = _kept(court, decision)
    penalty = kept.decision.measures[0]
    assert (penalty.amount_minor, kept.remitted) == (4_500, {penalty.measure: 1_850})
    if not executed:
        assert court.execute(decision)
        told = "SELECT text FROM moderation.notices WHERE kind = 'execution'"
        ((text,),) = court.rows(told)
        assert text.endswith("扣除违约金 26.50 元。")


def test_of_what_an_appeal_ended_all_is_remitted_and_of_what_was_lifted_nothing(court: Court) -> None:
    court.earn(200)
    court.case()
    tips, _ = court.tips_back()
    decision = court.decide(Imposed("return_tips", "bo", preview=tips))
    court.answer(court.appeal(decision), "overturned")
    kept = _kept(court, decision)
    assert kept.remitted == {kept.decision.measures[0].measure: 2_000}
    lifted = court.penalty(500)
    court.done(LiftMeasure(*head("moderator:mo"), measure_id(lifted, 0), "by mistake"))
    assert set(_kept(court, lifted).remitted.values()) == {0}


def test_a_penalty_that_was_lowered_is_lowered_on_from_what_it_still_takes(court: Court) -> None:
    _everything(court)
    court.case("k1", "ana")
    decision = court.penalty()
    court.answer(court.appeal(decision), "changed", lowered=((0, 2_655),))
    appeal = court.appeal(decision, "ana")
    refusal = court.refusal(_answering(appeal, "changed", lowered=((0, 2_700),)))
    assert isinstance(refusal, NotAReduction)
    assert (refusal.takes_minor, refusal.asked_minor) == (2_650, 2_700)


def test_a_lowered_penalty_still_counts_in_full_towards_the_bound_of_one_person(court: Court) -> None:
    court.earn(20_000)
    court.settle()
    court.case()
    decision = court.penalty(40_000)
    court.answer(court.appeal(decision), "changed", lowered=((0, 1_000),))
    needs_second = "SELECT needs_second FROM moderation.decisions ORDER BY entry"
    court.penalty(20_000)
    assert court.rows(needs_second) == [(False,), (True,)]


def _kept(court: Court, decision: UUID) -> Judged:
    with court.database.app.connect() as connection:
        return judged(connection, [decision])[0]


def test_who_may_file_and_until_when(court: Court) -> None:
    _everything(court)
    court.case()
    decision = court.penalty()
    assert court.code(_filing(decision, "ana")) == "decision_not_found"
    assert court.code(_filing(decision, day=9)) == "appeal_too_late"
    appeal = court.appeal(decision)
    assert court.code(_filing(decision)) == "appeal_exists"
    for actor, code in (
        ("moderator:mo", "second_person_required"),
        ("moderator:bo", "own_affair"),
        ("finance:mo", "second_person_required"),
    ):
        assert court.code(_answering(appeal, "overturned", actor)) == code
    assert court.code(_answering(decision, "overturned")) == "appeal_not_found"
    assert court.code(_answering(appeal, "changed")) == "nothing_changed"
    assert court.code(_answering(appeal, "overturned", ended=(0,))) == "nothing_changed"
    assert court.code(_answering(appeal, "changed", ended=(77,))) == "measure_not_found"


def test_whoever_approved_does_not_answer_the_appeal(court: Court) -> None:
    court.earn(6_000)
    court.case()
    appeal = court.appeal(court.penalty())
    refusal = court.refusal(_answering(appeal, "overturned", "finance:fi"))
    assert isinstance(refusal, SecondPersonRequired)
    assert str(refusal) == "'fi' decided or approved it: somebody else has to look at it"
    court.answer(appeal, "overturned")
    assert court.held("gifts") == 0


def test_points_are_forgotten_and_what_later_decisions_owe_to_them_ends(court: Court) -> None:
    court.case()
    first = court.decide(Imposed("warn", "bo"), rule="illegal_symbols")
    second = court.decide(Imposed("warn", "bo"), rule="illegal_symbols", day=1)
    in_force = (
        "SELECT m.kind, m.feature FROM moderation.measures AS m"
        " WHERE m.because = 'points' AND m.decision = :decision"
        " AND NOT EXISTS (SELECT FROM moderation.measure_ends AS e WHERE e.measure = m.measure) ORDER BY m.n"
    )
    assert court.rows(in_force, decision=second) == [("pause", None), ("restrict", "receive")]
    court.answer(court.appeal(first), "overturned")
    assert court.rows(in_force, decision=first) == []
    assert court.rows(in_force, decision=second) == []
    third = court.decide(Imposed("warn", "bo"), rule="illegal_symbols", day=3)
    assert court.rows(in_force, decision=third) == [("pause", None), ("restrict", "receive")]
    court.sound()


def test_a_freeze_of_the_decision_is_released(court: Court) -> None:
    _everything(court)
    court.case()
    decision = court.decide(Imposed("freeze", "bo", account="earnings", amount_minor=1_000))
    assert court.held("earnings") == 1_000
    court.answer(court.appeal(decision), "overturned")
    assert court.held("earnings") == 0
    court.sound()


def test_both_sides_are_told(court: Court) -> None:
    _everything(court)
    court.case()
    decision = court.penalty()
    appeal = court.appeal(decision)
    court.answer(appeal, "overturned")
    told = court.rows("SELECT party, text FROM moderation.notices WHERE kind = 'appeal' ORDER BY number")
    assert [party for party, _ in told] == ["bo", "bo"]
    assert "撤销原处理决定" in told[1][1]
    assert "收益余额 25.00 元、待结算礼物 200 智联币" in told[1][1]


def test_a_settlement_after_a_restoration_pays_everything_once(court: Court) -> None:
    court.earn(500)
    court.case()
    decision = court.penalty(3_005)
    assert court.execute(decision)
    court.settle()
    assert court.balance("earnings") == (500 - 300) * 5
    court.answer(court.appeal(decision), "overturned")
    assert court.balance("gifts") == 300
    court.settle()
    assert (court.balance("gifts"), court.balance("earnings")) == (0, 500 * 5)
    court.settle()
    assert court.balance("earnings") == 500 * 5
    court.sound()


def test_what_a_freeze_held_is_free_once_the_penalty_that_used_it_is_overturned(court: Court) -> None:
    court.done(Freeze(*head("moderator:mo"), "ana", "wallet", 600, "k1", "LIVE-MOD-4"))
    court.prove("k1")
    decision = court.penalty(9_000, party="ana")
    assert court.held("wallet", "ana") == 900
    court.answer(court.appeal(decision, "ana"), "overturned")
    court.done(tip("ana", "bo", "rose", 100), top_up("ana", 10))
    court.sound()


def test_compensation_overturned_before_it_is_paid_is_owed_no_more(court: Court) -> None:
    court.case("k1", "ana")
    given = court.preview("compensation", "k1", "ana", losses=(loss(500, Head.TRAVEL),))
    decision = court.decide(Imposed("compensation", "ana", preview=given))
    assert court.execute(decision)
    court.answer(court.appeal(decision, "ana"), "overturned")
    assert court.balance("refunds_payable", "ana") == 0
    court.sound()
