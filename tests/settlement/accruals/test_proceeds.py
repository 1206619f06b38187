"""Enforcement: vouchered costs first, then half and half, and an odd fen to the platform."""

from hypothesis import given
from hypothesis import strategies as st

from settlement.accruals.proceeds import divide
from tests.settlement.earning import House, case, cost, proceeds


def test_a_cost_needs_a_voucher_of_its_own_and_a_case(house: House) -> None:
    house.done(case(), case("K-2"))
    assert house.refusal(cost(4_000, None)) == "voucher_missing"
    assert house.refusal(cost(4_000, "V-1", "K-3")) == "ip_case_not_found"
    assert house.refusal(proceeds(1, "K-3")) == "ip_case_not_found"
    assert house.refusal(cost(4_000, "V-1")) is None
    assert house.refusal(cost(4_000, "V-1", "K-2")) == "voucher_already_used"
    assert house.refusal(case()) == "ip_case_exists"
    assert (house.platform("enforcement_cost"), house.platform("bank")) == (4_000, -4_000)


def test_proceeds_that_do_not_cover_the_costs_pay_nobody(house: House) -> None:
    house.done(case(), cost(4_000, "V-1"), proceeds(2_500))
    assert house.minors() == (0, 0, 0)
    assert (house.platform("enforcement_cost"), house.platform("ip_income")) == (1_500, 0)
    assert house.rows("SELECT amount_minor, reason FROM settlement.accruals") == [(0, "costs_not_covered")]
    # The next proceeds pay what is left of the costs, 15.00, and 5.00 is shared.
    house.done(proceeds(2_000))
    assert (house.minors().accruals, house.platform("ip_income")) == (250, 250)
    assert house.platform("enforcement_cost") == 0


def test_the_costs_of_another_case_are_not_these(house: House) -> None:
    house.done(case(), case("K-2"), cost(4_000, "V-1", "K-2"))
    house.done(proceeds(1_000))
    assert house.minors().accruals == 500


def test_where_the_kind_is_disabled_the_platform_has_what_the_costs_leave(house: House) -> None:
    house.publish("ip_proceeds")
    house.done(case(), cost(4_000, "V-1"), proceeds(10_001))
    assert (house.minors().accruals, house.platform("ip_income")) == (0, 6_001)


@given(st.integers(1, 10**12), st.integers(0, 10**12))
def test_the_parts_are_the_whole_and_the_platform_has_at_most_a_fen_more(gross: int, costs: int) -> None:
    costs_paid, streamer, platform = divide(gross, costs)
    assert costs_paid + streamer + platform == gross
    assert costs_paid == min(gross, costs)
    assert platform - streamer in (0, 1)
