"""Withholding (预扣预缴) by the cumulative method: pure arithmetic in fen, no database.

国家税务总局公告2025年第16号: what is due for the year so far, less what was withheld so far. Costs are a part
of the income; a basic amount is deducted for each month of it. Everything is exact until the tax itself is
rounded, half up, once.
"""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Literal, NamedTuple

from ledger.money import BPS, round_half_up
from settlement.tax.parameters import Parameters

MonthsRule = Literal["since_first", "with_income", "consecutive"]
MONTHS_RULES: tuple[MonthsRule, ...] = ("since_first", "with_income", "consecutive")
LAST_MONTH = 12


class IncomeType(StrEnum):
    """What a payout is to its payee: never wages, nobody is employed. Rule: LIVE-REL-1."""

    LABOUR_SERVICE = "labour_service"
    BUSINESS_INCOME = "business_income"


def income_type(*, is_organisation: bool) -> IncomeType:
    """A person provides a service (劳务报酬); an organisation does business (经营所得)."""
    return IncomeType.BUSINESS_INCOME if is_organisation else IncomeType.LABOUR_SERVICE


class Paid(NamedTuple):
    """Income in a month (1 to 12, China time) of the year, gross, in fen; below zero when taken back."""

    month: int
    gross_minor: int


class Withholding(NamedTuple):
    """What is withheld, and what it rests on, all in fen and of the year so far but ``tax_minor``.

    ``tax_minor`` is withheld now, at most all that is paid: what is due beyond it is withheld later.
    ``due_minor`` is the tax on the year so far; where less is due than was withheld, the difference is
    ``carried_minor``: it lowers what is withheld later in the year and is never paid out. ``taxable_minor``
    is rounded, for people to read; the tax is not reckoned from it.
    """

    tax_minor: int
    due_minor: int
    carried_minor: int
    income_minor: int
    taxable_minor: int
    months: int
    rate_bps: int


def withhold(
    parameters: Parameters,
    paid: Sequence[Paid],
    month: int,
    gross_minor: int,
    tax_so_far_minor: int,
    months_rule: MonthsRule,
) -> Withholding:
    """What to withhold of ``gross_minor`` fen paid in ``month``.

    ``paid`` is all other income of the same person in the same year, paid or in flight, in any order;
    ``tax_so_far_minor`` is what was withheld of it. Raises ``ValueError`` when there is income of a later
    month, or a month is none.
    """
    income = [*paid, Paid(month, gross_minor)]
    if not all(1 <= one.month <= month for one in income) or month > LAST_MONTH or tax_so_far_minor < 0:
        raise ValueError(f"income of months {sorted({one.month for one in income})} as seen in {month}")
    total = sum(one.gross_minor for one in income)
    months = counted_months({one.month for one in income if one.gross_minor > 0}, month, months_rule)
    # In ten-thousandths of a fen, so that costs need no rounding.
    taxable = max(0, total * (BPS - parameters.cost_bps) - parameters.basic_minor * months * BPS)
    bracket = next(
        bracket
        for bracket in parameters.brackets
        if bracket.through_minor is None or taxable <= bracket.through_minor * BPS
    )
    due = round_half_up(taxable * bracket.rate_bps - bracket.quick_minor * BPS * BPS, BPS * BPS)
    return Withholding(
        tax_minor=max(0, min(gross_minor, due - tax_so_far_minor)),
        due_minor=due,
        carried_minor=max(0, tax_so_far_minor - due),
        income_minor=total,
        taxable_minor=round_half_up(taxable, BPS),
        months=months,
        rate_bps=bracket.rate_bps,
    )


def counted_months(with_income: Collection[int], month: int, rule: MonthsRule) -> int:
    """For how many months, up to ``month``, the basic amount is deducted.

    The announcement says 连续取得收入的月份数 and does not settle what a gap does to it: ``since_first``
    counts every month from the first with income, ``with_income`` those with income only, ``consecutive``
    those since the last gap.
    """
    earned = {earned for earned in with_income if earned <= month}
    if not earned:
        return 0
    if rule == "since_first":
        return month - min(earned) + 1
    if rule == "with_income":
        return len(earned)
    run = 0
    while month - run in earned:
        run += 1
    return run
