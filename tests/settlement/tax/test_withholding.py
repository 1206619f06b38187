"""Cumulative withholding, to the fen. The oracle values are reckoned by hand from the announcement."""

from datetime import date
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settlement.tax.parameters import parameters_on
from settlement.tax.withholding import (
    MONTHS_RULES,
    IncomeType,
    MonthsRule,
    Paid,
    Withholding,
    counted_months,
    income_type,
    withhold,
)

FIGURES = parameters_on(date(2026, 1, 1))
RULES = st.sampled_from(MONTHS_RULES)
#: A year's payouts in the order of their months, several in one month and gaps included.
YEARS = st.lists(
    st.builds(Paid, st.integers(1, 12), st.integers(1, 30_000_000)), min_size=1, max_size=15
).map(lambda paid: sorted(paid, key=lambda one: one.month))


def through_the_year(paid: list[Paid], rule: MonthsRule = "since_first") -> list[Withholding]:
    """What is withheld of one payout after the other."""
    done: list[Withholding] = []
    for number, one in enumerate(paid):
        so_far = sum(withheld.tax_minor for withheld in done)
        done.append(withhold(FIGURES, paid[:number], one.month, one.gross_minor, so_far, rule))
    return done


def taxes(*gross_minor: int) -> list[int]:
    """The tax of each month, from January on."""
    paid = [Paid(month, gross) for month, gross in enumerate(gross_minor, start=1)]
    return [withheld.tax_minor for withheld in through_the_year(paid)]


@pytest.mark.parametrize("rule", MONTHS_RULES)
@pytest.mark.parametrize(
    ("gross_minor", "yuan"),
    [
        # 6,250 less 20 % is 5,000, which the basic amount takes away.
        (625_000, [0] * 12),
        # (10,000 × 80 % − 5,000) × 3 % = 90 each month; 36,000 is reached exactly in December.
        (1_000_000, [90] * 12),
        # January: 35,000 × 3 % = 1,050. February: 70,000 × 10 % − 2,520 − 1,050 = 3,430. And so on.
        (5_000_000, [1050, 3430, 3500, 3500, 6600, 7000, 7000, 7000, 7750, 8750, 8750, 8750]),
        # January: 155,000 × 20 % − 16,920 = 14,080. From August on, all of a month is at 45 %: 69,750.
        (20_000_000, [14080, 31500, 41000, 46500, 52250, 54250, 66750, *[69750] * 5]),
    ],
)
def test_a_year_of_equal_months_is_withheld_as_the_announcement_has_it(
    gross_minor: int, yuan: list[int], rule: MonthsRule
) -> None:
    paid = [Paid(month, gross_minor) for month in range(1, 13)]
    assert [withheld.tax_minor for withheld in through_the_year(paid, rule)] == [y * 100 for y in yuan]


@pytest.mark.parametrize(
    ("rule", "months", "fen"),
    [
        # 150,000 × 80 % = 120,000 in both; 4,980 was withheld in January.
        # 120,000 − 4 × 5,000 = 100,000; × 10 % − 2,520 = 7,480; less 4,980.
        ("since_first", 4, 250_000),
        # 120,000 − 2 × 5,000 = 110,000; × 10 % − 2,520 = 8,480; less 4,980.
        ("with_income", 2, 350_000),
        # 120,000 − 5,000 = 115,000; × 10 % − 2,520 = 8,980; less 4,980.
        ("consecutive", 1, 400_000),
    ],
)
def test_a_gap_counts_as_the_rule_of_the_policy_has_it(rule: MonthsRule, months: int, fen: int) -> None:
    january, april = through_the_year([Paid(1, 10_000_000), Paid(4, 5_000_000)], rule)
    assert january.tax_minor == 498_000
    assert (april.months, april.tax_minor) == (months, fen)


@pytest.mark.parametrize(
    ("with_income", "month", "counted"),
    [
        ({1, 2, 3}, 3, (3, 3, 3)),
        ({2, 3, 5, 6}, 6, (5, 4, 2)),
        ({4}, 6, (3, 1, 0)),
        ({12}, 12, (1, 1, 1)),
        (set(), 5, (0, 0, 0)),
    ],
)
def test_months_are_counted_three_ways(with_income: set[int], month: int, counted: tuple[int, ...]) -> None:
    assert tuple(counted_months(with_income, month, rule) for rule in MONTHS_RULES) == counted


@pytest.mark.parametrize(
    ("taxable_yuan", "due_yuan"),
    [
        # The quick deductions are such that the table is continuous: both sides of each step agree.
        (36_000, "1080.00"),
        (144_000, "11880.00"),
        (300_000, "43080.00"),
        (420_000, "73080.00"),
        (660_000, "145080.00"),
        (960_000, "250080.00"),
        (1_000_000, "268080.00"),
    ],
)
def test_at_each_step_of_the_table_the_tax_is_what_the_table_says(taxable_yuan: int, due_yuan: str) -> None:
    gross = (taxable_yuan + 5_000) * 100 * 10 // 8
    withheld = withhold(FIGURES, [], 1, gross, 0, "since_first")
    assert withheld.taxable_minor == taxable_yuan * 100
    assert withheld.due_minor == int(due_yuan.replace(".", ""))


def test_half_a_fen_is_rounded_up_and_only_the_tax_is_rounded() -> None:
    # 6,250.00 is free. Of 0.62 more 0.496 is taxable: 0.01488 yuan of tax. Of 0.63, 0.504: 0.01512.
    assert [withhold(FIGURES, [], 1, gross, 0, "since_first").tax_minor for gross in (625_062, 625_063)] == [
        1,
        2,
    ]
    # A fen more than nothing owed: 0.008 yuan taxable, 0.00024 of tax.
    assert withhold(FIGURES, [], 1, 625_001, 0, "since_first").tax_minor == 0


def test_what_is_taken_back_lowers_what_follows_and_is_never_paid_out() -> None:
    # January 50,000: 1,050. In February 40,000 of it is taken back before 10,000 is paid:
    # 20,000 × 80 % − 10,000 = 6,000; × 3 % = 180 due, 870 too much, carried.
    paid = [Paid(1, 5_000_000), Paid(2, -4_000_000)]
    february = withhold(FIGURES, paid, 2, 1_000_000, 105_000, "since_first")
    assert (february.tax_minor, february.due_minor, february.carried_minor) == (0, 18_000, 87_000)
    # March 50,000: 70,000 × 80 % − 15,000 = 41,000; × 10 % − 2,520 = 1,580 due, of which 1,050 is there.
    march = withhold(FIGURES, [*paid, Paid(2, 1_000_000)], 3, 5_000_000, 105_000, "since_first")
    assert (march.tax_minor, march.carried_minor) == (53_000, 0)


def test_no_more_is_withheld_than_is_paid_and_the_rest_follows() -> None:
    # Ten months of 10,000 are free of 5,000 each. After a gap only one month counts: 100,100 × 80 % − 5,000
    # = 75,080; × 10 % − 2,520 = 4,988 due, 900 of it withheld: 4,088, of which 100 is paid.
    paid = [Paid(month, 1_000_000) for month in range(1, 11)]
    little = withhold(FIGURES, paid, 12, 10_000, 90_000, "consecutive")
    assert (little.due_minor, little.tax_minor) == (498_800, 10_000)


@given(paid=YEARS, rule=RULES)
def test_tax_is_never_negative_and_never_more_than_is_paid(paid: list[Paid], rule: MonthsRule) -> None:
    for one, withheld in zip(paid, through_the_year(paid, rule), strict=True):
        assert 0 <= withheld.tax_minor <= one.gross_minor
        assert 0 <= withheld.taxable_minor <= withheld.income_minor


@given(paid=YEARS)
def test_what_was_withheld_comes_to_the_most_that_was_ever_due(paid: list[Paid]) -> None:
    done = through_the_year(paid, "with_income")
    most_due = accumulate((withheld.due_minor for withheld in done), max)
    assert list(accumulate(withheld.tax_minor for withheld in done)) == list(most_due)


@given(gross_minor=st.integers(1_000_000, 30_000_000), last=st.integers(1, 12))
def test_month_by_month_comes_to_what_one_reckoning_in_the_last_month_does(
    gross_minor: int, last: int
) -> None:
    paid = [Paid(month, gross_minor) for month in range(1, last + 1)]
    at_once = withhold(FIGURES, paid[:-1], last, gross_minor, 0, "since_first").due_minor
    assert sum(withheld.tax_minor for withheld in through_the_year(paid)) == at_once


@given(paid=YEARS, rule=RULES, seed=st.randoms(use_true_random=False))
def test_the_order_in_which_earlier_payouts_are_read_does_not_matter(
    paid: list[Paid], rule: MonthsRule, seed: object
) -> None:
    shuffled = paid[:-1]
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    last = paid[-1]
    one, other = (
        withhold(FIGURES, before, last.month, last.gross_minor, 0, rule) for before in (paid[:-1], shuffled)
    )
    assert one == other


@given(total=st.integers(1, 50_000_000), more=st.integers(0, 5_000_000), month=st.integers(1, 12), rule=RULES)
def test_a_fen_more_of_income_never_costs_more_than_the_fen(
    total: int, more: int, month: int, rule: MonthsRule
) -> None:
    less, greater = (
        withhold(FIGURES, [], month, gross, 0, rule).due_minor for gross in (total, total + more)
    )
    assert 0 <= greater - less <= more


@pytest.mark.parametrize(
    ("paid", "month"), [([Paid(5, 1)], 4), ([], 13), ([], 0), ([Paid(0, 1)], 1), ([Paid(13, 1)], 12)]
)
def test_income_of_a_later_month_or_of_no_month_is_a_mistake(paid: list[Paid], month: int) -> None:
    with pytest.raises(ValueError, match="income of months"):
        withhold(FIGURES, paid, month, 100, 0, "since_first")


def test_a_person_serves_an_organisation_does_business_and_nobody_has_wages() -> None:
    assert income_type(is_organisation=False) is IncomeType.LABOUR_SERVICE
    assert income_type(is_organisation=True) is IncomeType.BUSINESS_INCOME
    assert {kind.value for kind in IncomeType} == {"labour_service", "business_income"}
