"""What one command of a batch took of the accruals, the next ones see, whoever plans them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ledger.database import Database
from ledger.journal.commands import Command
from ledger.journal.reversals import Reverse
from moderation.commands import Forfeit, Freeze, Lift
from settlement.accruals.commands import Adjust, RecordSale
from tests.settlement.earning import House, at, commission, returned, sale
from tests.settlement.returns.playing import assert_sound

_WITHDRAWN = "SELECT amount_minor, earnings_minor, debt_minor FROM settlement.withdrawals ORDER BY entry"


def reverse(sold: RecordSale) -> Reverse:
    """A sale was a mistake."""
    return Reverse(*at(8, actor="finance:f1"), sold.id, "by mistake")


def deduct(amount: int) -> Adjust:
    """Finance takes something back."""
    return Adjust(*at(9, actor="finance:f1"), "mei", -amount, "counted twice")


def outcomes(house: House, asked: Sequence[Command], in_one_batch: bool) -> list[str | None]:
    """What each is refused with."""
    found = house.decided(*asked) if in_one_batch else house.one_by_one(*asked)
    return [outcome.refusal.code if outcome.refusal else None for outcome in found]


def withdrawn(house: House) -> list[tuple[Any, ...]]:
    """What was taken back out of accruals, earnings and debt."""
    return house.rows(_WITHDRAWN)


@pytest.fixture
def sales(house: House) -> list[RecordSale]:
    """Commissions of 10.00, 20.00 and 50.00, from the oldest on."""
    found = [sale("O-1"), sale("O-2", 20_000), sale("O-3", 50_000)]
    house.done(commission(), *found)
    return found


both = pytest.mark.parametrize("in_one_batch", [False, True])


@both
def test_a_deduction_leaves_out_an_accrual_that_was_reversed(
    house: House, sales: list[RecordSale], in_one_batch: bool
) -> None:
    # The 6.00 come out of the second sale: of its 20.00, 14.00 are there to be taken back.
    asked = reverse(sales[0]), deduct(600), returned("O-2", 20_000)
    assert outcomes(house, asked, in_one_batch) == [None, None, None]
    assert withdrawn(house) == [(1_400, 0, 600)]
    house.settle()
    assert house.minors() == (0, 5_000, 600)
    assert_sound(house.database)


@both
def test_the_reversal_of_what_a_deduction_took_takes_it_of_the_next(
    house: House, sales: list[RecordSale], in_one_batch: bool
) -> None:
    # 4.00 of the first went: its reversal takes 6.00 of it, and 4.00 of the second.
    asked = deduct(400), reverse(sales[0]), returned("O-2", 20_000)
    assert outcomes(house, asked, in_one_batch) == [None, None, None]
    assert withdrawn(house) == [(1_600, 0, 400)]
    house.settle()
    assert house.minors() == (0, 5_000, 400)
    assert_sound(house.database)


@both
def test_a_reversal_takes_its_own_accrual_even_if_others_are_older(
    house: House, sales: list[RecordSale], in_one_batch: bool
) -> None:
    # What was reversed is returned, too, which takes nothing more; the first sale is all there.
    asked = reverse(sales[1]), returned("O-2", 20_000), returned("O-1")
    assert outcomes(house, asked, in_one_batch) == [None, None, None]
    assert withdrawn(house) == [(1_000, 0, 0)]
    house.settle()
    assert house.minors() == (0, 5_000, 0)
    assert_sound(house.database)


@both
def test_an_accrual_that_was_taken_back_is_not_reversed(
    house: House, sales: list[RecordSale], in_one_batch: bool
) -> None:
    asked = returned("O-2", 5_000), reverse(sales[1])
    assert outcomes(house, asked, in_one_batch) == [None, "already_reversed"]
    assert withdrawn(house) == [(500, 0, 0)]
    assert_sound(house.database)


@both
def test_the_reversal_of_what_was_settled_takes_the_oldest_that_is_not(
    house: House, sales: list[RecordSale], in_one_batch: bool
) -> None:
    house.settle()
    house.done(sale("O-4", 15_000), sale("O-5", 50_000))
    # The 10.00 are earnings already: they come out of the fourth sale's 15.00.
    asked = reverse(sales[0]), returned("O-4", 15_000)
    assert outcomes(house, asked, in_one_batch) == [None, None]
    assert withdrawn(house) == [(500, 1_000, 0)]
    assert house.minors() == (5_000, 7_000, 0)
    assert_sound(house.database)


@both
def test_a_forfeit_takes_the_oldest_accruals(
    house: House, sales: list[RecordSale], in_one_batch: bool
) -> None:
    freeze = Freeze(*at(6, actor="moderator:m1"), "mei", "accruals", 1_200, "case", "R-1")
    house.done(freeze)
    forfeit = Forfeit(*at(7, actor="moderator:m1"), freeze.id, None, None, "case", "R-1")
    asked = forfeit, returned("O-1"), returned("O-2", 20_000)
    assert outcomes(house, asked, in_one_batch) == [None, None, None]
    assert withdrawn(house) == [(0, 0, 1_000), (1_800, 0, 200)]
    house.settle()
    assert house.minors() == (0, 5_000, 1_200)
    assert_sound(house.database)


@both
def test_what_comes_back_by_a_reversal_is_the_youngest_to_be_deducted_from(
    house: House, sales: list[RecordSale], in_one_batch: bool
) -> None:
    taken = deduct(8_000)
    house.done(taken, sale("O-4", 15_000))
    # The 80.00 are dated before the fourth sale: deductions take those first.
    back = Reverse(*at(2, actor="finance:f1"), taken.id, "by mistake")
    asked = back, deduct(8_200), returned("O-4", 15_000)
    assert outcomes(house, asked, in_one_batch) == [None, None, None]
    assert withdrawn(house) == [(1_300, 0, 200)]
    house.settle()
    assert house.minors() == (0, 0, 200)
    assert_sound(house.database)


_OUTCOME = """
SELECT d.id, w.amount_minor, w.earnings_minor, w.debt_minor
FROM settlement.withdrawals AS w JOIN ledger.decisions AS d ON d.seq = w.accrual ORDER BY w.entry
"""
_DEDUCTED = "SELECT accruals_minor, earnings_minor, debt_minor FROM settlement.deductions ORDER BY entry"
_LINES = """
SELECT convert_from(document, 'UTF8')::jsonb -> 'lines' FROM settlement.statements ORDER BY entry
"""


@pytest.fixture(scope="module")
def template(_migrated: str) -> str:
    """Empty books, to be copied."""
    return _migrated


@settings(max_examples=8, phases=(Phase.generate,), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    deeds=st.lists(
        st.tuples(
            st.sampled_from(["sale", "return", "return", "deduct", "raise", "reverse", "forfeit"]),
            st.integers(1, 900),
            st.integers(0, 5),
        ),
        min_size=3,
        max_size=8,
    ),
    is_cut=st.booleans(),
)
def test_a_batch_comes_to_the_same_as_its_commands_one_by_one(
    server: Database, template: str, deeds: list[tuple[str, int, int]], is_cut: bool
) -> None:
    sales = [sale(f"O-{number}", 5_000) for number in range(4)]
    freezes = [Freeze(*at(6, actor="moderator:m1"), "mei", "accruals", 150, "c", "R-1") for _ in range(5)]
    whole = Freeze(*at(6, actor="moderator:m1"), "mei", "accruals", 1_300, "c", "R-1")
    lift = Lift(*at(7, actor="moderator:m1"), whole.id, "c")
    asked = [_asked(deed, amount, number, sales, freezes) for deed, amount, number in deeds]
    found = []
    for in_one_batch in (True, False):
        with server.scratch(copy_of=template) as database:
            house = House(database)
            house.done(commission(), *sales)
            if is_cut:
                house.done(whole)
                house.settle()
                house.done(lift)
            house.done(sale("O-9", 30_000), *freezes)
            codes = outcomes(house, asked, in_one_batch)
            house.settle(date(2026, 11, 30))
            rows = [house.rows(query) for query in (_OUTCOME, _DEDUCTED, _LINES)]
            found.append((codes, rows, house.minors()))
            if in_one_batch:
                assert_sound(database)
    assert found[0] == found[1]


def _asked(
    deed: str, amount: int, number: int, sales: Sequence[RecordSale], freezes: Sequence[Freeze]
) -> Command:
    match deed:
        case "sale":
            return sale(f"N-{number}", 10 * amount)
        case "return":
            # Of those before the batch, and of those within.
            return returned(f"O-{number}" if number < 4 else f"N-{amount % 6}", 10 * amount)
        case "deduct":
            return deduct(amount)
        case "raise":
            return Adjust(*at(9, actor="finance:f1"), "mei", amount, "forgotten")
        case "reverse":
            return reverse(sales[number % 4])
        case _:
            freeze = freezes[number % 5]
            return Forfeit(*at(7, actor="moderator:m1"), freeze.id, None, None, "c", "R-1")
