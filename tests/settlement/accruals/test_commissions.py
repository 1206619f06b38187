"""Live commerce: commissions that were given, orders that count once, goods that came back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.journal.reversals import Reverse
from ledger.money import share_of
from moderation.commands import Freeze, Lift
from settlement.accruals.commands import Adjust
from settlement.accruals.commissions import Sale
from tests.ledger.asked import streamer
from tests.settlement.earning import House, at, commission, returned, sale


def test_a_sale_earns_the_rate_of_its_commission_once(house: House) -> None:
    house.done(commission(rate_bps=1_250))
    assert house.refusal(sale(price=999)) is None
    # 9.99 × 12.5 % = 1.24875, rounded half up.
    assert house.minors().accruals == 125
    assert house.refusal(sale(price=999)) == "sale_already_counted"
    assert house.rows("SELECT kind, reference FROM settlement.accruals") == [("commerce", "O-1")]


def test_goods_the_platform_did_not_give_this_streamer_earn_nothing(house: House) -> None:
    house.done(streamer("bo"), commission(party="bo"))
    assert house.refusal(sale()) == "commission_not_found"
    assert house.refusal(sale(number="C-2")) == "commission_not_found"
    assert house.refusal(commission()) == "commission_exists"
    assert house.minors() == (0, 0, 0)


def test_a_commission_too_small_to_count_is_recorded_with_its_reason(house: House) -> None:
    house.done(commission(rate_bps=1), sale(price=1), returned(price=1))
    assert house.rows("SELECT amount_minor, reason FROM settlement.accruals") == [(0, "rounds_to_nothing")]


def test_returned_goods_take_their_commission_out_of_the_accruals(house: House) -> None:
    house.done(commission(), sale(), sale("O-2", 5_000))
    assert house.refusal(returned(price=10_001)) == "exceeds_sale"
    assert house.refusal(returned(price=4_000)) is None
    assert house.refusal(returned(price=6_001)) == "exceeds_sale"
    assert house.refusal(returned(price=6_000)) is None
    assert house.refusal(returned("O-3")) == "sale_not_found"
    assert house.minors() == (500, 0, 0)
    assert house.platform("commission_expense") == 500


def test_once_settled_it_comes_out_of_the_earnings_and_the_rest_is_owed(house: House) -> None:
    house.done(commission(), sale())
    house.settle()
    house.done(sale("O-2", 4_000))
    assert house.minors() == (400, 1_000, 0)
    house.done(returned(price=7_000))
    # The accruals are another sale's, not settled yet: they stay.
    assert house.minors() == (400, 300, 0)
    house.done(returned(price=3_000), returned("O-2", 4_000))
    assert house.minors() == (0, 0, 0)


def test_what_is_not_there_any_more_is_owed(house: House) -> None:
    house.done(commission(), sale())
    house.settle()
    house.done(Adjust(*at(actor="finance:f1"), "mei", -700, "paid out already"))
    house.done(returned())
    assert house.minors() == (0, 0, 700)
    query = "SELECT amount_minor, earnings_minor, debt_minor FROM settlement.withdrawals"
    assert house.rows(query) == [(0, 300, 700)]


def test_what_a_run_took_in_part_is_taken_back_from_both(house: House) -> None:
    # 6.00 of the 10.00 are held when the run comes: 4.00 become earnings, 6.00 wait.
    house.done(commission(), sale())
    freeze = Freeze(*at(6, actor="moderator:m1"), "mei", "accruals", 600, "case", "R-1")
    house.done(freeze)
    house.settle()
    house.done(Lift(*at(7, actor="moderator:m1"), freeze.id, "case"), sale("O-2", 50_000))
    assert house.minors() == (5_600, 400, 0)
    house.done(returned())
    assert house.minors() == (5_000, 0, 0)


def test_a_sale_that_finance_reversed_is_not_taken_back_again(house: House) -> None:
    sold = sale()
    house.done(commission(), sold)
    house.done(Reverse(*at(8, actor="finance:f1"), sold.id, "by mistake"))
    house.done(returned())
    assert house.minors() == (0, 0, 0)


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_a_sale_is_reversed_or_its_goods_returned_never_both(house: House, in_one_batch: bool) -> None:
    first, second = sale(), sale("O-2")
    # What could be taken twice is there: another sale's commission.
    house.done(commission(), first, second, sale("O-3", 50_000))
    asked = (
        Reverse(*at(8, actor="finance:f1"), first.id, "by mistake"),
        returned(price=4_000),
        returned("O-2", 4_000),
        Reverse(*at(8, actor="finance:f1"), second.id, "by mistake"),
        returned("O-2", 6_000),
    )
    outcomes = house.decided(*asked) if in_one_batch else house.one_by_one(*asked)
    codes = [outcome.refusal.code if outcome.refusal else None for outcome in outcomes]
    assert codes == [None, None, None, "already_reversed", None]
    assert house.minors() == (5_000, 0, 0)
    assert house.platform("commission_expense") == 5_000


@given(st.integers(1, 10**9), st.integers(1, 10_000), st.data())
def test_what_stays_of_a_sale_is_the_commission_of_what_was_kept(
    price: int, rate_bps: int, data: st.DataObject
) -> None:
    sold, taken = Sale("mei", 1, price, rate_bps, True), 0
    while sold.left_minor and data.draw(st.booleans()):
        back = data.draw(st.integers(1, sold.left_minor))
        part = sold.commission_of(back)
        assert part >= 0
        taken += part
        sold.left_minor -= back
    assert share_of(price, rate_bps) - taken == share_of(sold.left_minor, rate_bps)
