"""What can be earned besides gifts, and when it is not: the arithmetic stands beside each figure."""

from datetime import date

import pytest

from settlement.accruals.commands import Promote
from settlement.commands import Reward
from tests.ledger.asked import streamer
from tests.settlement.earning import (
    House,
    activity,
    at,
    case,
    commission,
    cost,
    enrol,
    evaluate,
    judged,
    proceeds,
    returned,
    sale,
    task,
)


@pytest.mark.rule("LIVE-TASK-1")
def test_six_hundred_minutes_done_and_evaluated_twice_are_one_reward(house: House) -> None:
    assigned = task(target=600, reward=2_000)
    house.done(assigned)
    # 240 + 350 = 590 minutes: not yet.
    house.live((0, 240), minutes=240)
    second = house.live((300, 660), minutes=350)
    assert house.refusal(evaluate(assigned)) == "target_not_reached"
    # Counted again, the second session had 360: 240 + 360 = 600.
    house.measure(second, "minutes", 360)
    assert house.refusal(evaluate(assigned)) is None
    assert house.refusal(evaluate(assigned)) == "task_already_rewarded"
    # One reward of 20.00.
    assert house.minors() == (2_000, 0, 0)
    assert house.platform("reward_expense") == 2_000


@pytest.mark.rule("LIVE-EARN-2")
def test_each_kind_accrues_from_its_own_expense(house: House) -> None:
    house.done(
        Reward(*at(), "mei", "evening", 2_000),
        Promote(*at(), "mei", None, "P-1", 700),
        commission(rate_bps=1_000),
        sale(price=10_000),
    )
    # Task 20.00, interactive play 7.00, a tenth of goods for 100.00 is 10.00: 37.00 in all.
    assert house.minors().accruals == 3_700
    assert house.platform("reward_expense") == 2_000
    assert house.platform("promotion_expense") == 700
    assert house.platform("commission_expense") == 1_000


@pytest.mark.rule("LIVE-EARN-2")
def test_goods_that_the_platform_did_not_commission_are_refused(house: House) -> None:
    house.done(streamer("bo"), commission("C-1", party="bo"))
    assert house.refusal(sale(number="C-2")) == "commission_not_found"
    assert house.refusal(sale(number="C-1")) == "commission_not_found"
    assert house.minors() == (0, 0, 0)


@pytest.mark.rule("LIVE-EARN-2")
def test_returned_goods_take_their_commission_back(house: House) -> None:
    house.done(commission(rate_bps=1_000), sale("O-1", 10_000), sale("O-2", 10_000))
    # Before settlement: 10.00 + 10.00; half of the first order comes back, less 5.00.
    house.done(returned("O-1", 5_000))
    assert house.minors() == (1_500, 0, 0)
    house.settle()
    # After it: the whole second order comes back, 10.00 of the 15.00 earned.
    house.done(returned("O-2", 10_000))
    assert house.minors() == (0, 500, 0)
    # Two orders for 200.00, of which 50.00 were kept: a tenth is 5.00.
    assert house.platform("commission_expense") == 500


@pytest.mark.rule("LIVE-EARN-3")
def test_a_kind_the_policy_does_not_pay_is_recorded_and_earns_nothing(house: House) -> None:
    house.publish("interaction_promo")
    house.done(Promote(*at(), "mei", None, "P-1", 700), Reward(*at(), "mei", "evening", 2_000))
    assert house.minors().accruals == 2_000
    query = "SELECT kind, amount_minor, policy_version, reason FROM settlement.accruals ORDER BY entry"
    assert house.rows(query) == [
        ("interaction_promo", 0, "2026-10", "kind_disabled"),
        ("task", 2_000, "2026-10", None),
    ]


@pytest.mark.rule("LIVE-COND-2")
def test_promotion_without_written_permission_is_recorded_and_earns_nothing(house: House) -> None:
    house.done(Promote(*at(), "mei", None, None, 700))
    assert house.minors() == (0, 0, 0)
    assert house.rows("SELECT amount_minor, reason FROM settlement.accruals") == [(0, "no_permission")]


@pytest.mark.rule("LIVE-ACT-1")
def test_only_who_enrolled_is_awarded(house: House) -> None:
    house.done(streamer("bo"), activity(award=50_000), enrol("mei"))
    for party in ("mei", "bo"):
        house.live_as(party, (0, 60), "gala", face_shown=1, interactions=100)
        house.done(judged(party))
    assert (house.minors("mei").accruals, house.minors("bo").accruals) == (50_000, 0)
    assert house.rows("SELECT result FROM settlement.activity_results WHERE streamer = 'bo'") == [
        ("NOT_ENROLLED",)
    ]


@pytest.mark.rule("LIVE-ACT-2")
def test_one_counted_session_without_a_face_voids_the_whole_activity(house: House) -> None:
    house.done(activity(award=50_000), enrol())
    house.live((0, 50), "gala", face_shown=1, interactions=500)
    hidden = house.live((60, 100), "gala", interactions=500)
    fact = house.measure(hidden, "face_shown", 0)
    house.done(judged())
    assert house.minors() == (0, 0, 0)
    assert house.rows("SELECT result, rests_on FROM settlement.activity_results") == [
        ("FACE_NOT_SHOWN", fact)
    ]


@pytest.mark.rule("LIVE-ACT-2")
def test_an_award_that_accrued_is_taken_back_when_the_facts_are_put_right(house: House) -> None:
    house.done(activity(award=50_000, interactions=100), enrol())
    session = house.live((0, 60), "gala", face_shown=1, interactions=100)
    house.done(judged())
    assert house.minors() == (50_000, 0, 0)
    # One interaction was the streamer's own: 99 are fewer than 100.
    house.measure(session, "interactions", 99)
    house.done(judged())
    assert house.minors() == (0, 0, 0)
    assert house.platform("award_expense") == 0
    house.settle(date(2026, 12, 31))
    assert house.minors() == (0, 0, 0)


@pytest.mark.rule("LIVE-ACT-3")
def test_an_award_lowered_after_enrolment_is_still_the_one_enrolled_for(house: House) -> None:
    house.done(activity("v1", award=50_000), enrol(), activity("v2", award=10_000))
    house.live((0, 60), "gala", face_shown=1, interactions=100)
    house.done(judged())
    assert house.minors().accruals == 50_000


@pytest.mark.rule("LIVE-TIME-1")
def test_streaming_at_another_time_than_the_activitys_is_not_eligible(house: House) -> None:
    # The window is 20:00 to 22:00; mei streamed from 18:00 to 19:00, two hours before it.
    house.done(activity(), enrol())
    house.live((-120, -60), "gala", face_shown=1, interactions=1_000)
    house.done(judged())
    assert house.minors() == (0, 0, 0)
    assert house.rows("SELECT result FROM settlement.activity_results") == [("OUT_OF_WINDOW",)]


@pytest.mark.rule("LIVE-IP-3")
def test_proceeds_less_costs_are_shared_half_and_half_and_the_odd_fen_is_the_platforms(house: House) -> None:
    house.done(case(), cost(4_000, "V-1"), proceeds(10_001))
    # 100.01 − 40.00 = 60.01; half of it, 30.00, is the streamer's, 30.01 the platform's.
    assert house.minors() == (3_000, 0, 0)
    assert house.platform("ip_income") == 3_001
    # The costs are paid: 40.00 − 40.00. The bank has 100.01 − 40.00 more than before.
    assert house.platform("enforcement_cost") == 0
    assert house.platform("bank") == 6_001


@pytest.mark.rule("LIVE-IP-3")
def test_proceeds_that_leave_nothing_pay_nothing(house: House) -> None:
    house.done(case(), cost(4_000, "V-1"), proceeds(4_000))
    assert house.minors() == (0, 0, 0)
    assert house.platform("ip_income") == 0


@pytest.mark.rule("LIVE-IP-4")
def test_a_cost_of_enforcement_without_a_voucher_is_refused(house: House) -> None:
    house.done(case())
    assert house.refusal(cost(4_000, None)) == "voucher_missing"
    house.done(proceeds(10_000))
    # No cost counts: half of 100.00.
    assert house.minors() == (5_000, 0, 0)
