"""The tax office's figures: dated, in order, and refused where a table has a hole or a jump."""

from datetime import date
from pathlib import Path

import pytest

import settlement.tax.parameters as parameters
from settlement.tax.parameters import NoTaxParameters, parameters_on, parsed, published

SHIPPED = Path(parameters.__file__).with_name("parameters.toml").read_text(encoding="utf-8")


def test_the_shipped_figures_are_those_of_the_announcement() -> None:
    (figures,) = published()
    assert (figures.cost_bps, figures.basic_minor) == (2_000, 500_000)
    table = [(one.through_minor, one.rate_bps, one.quick_minor) for one in figures.brackets]
    yuan = [
        (36_000, 3, 0),
        (144_000, 10, 2_520),
        (300_000, 20, 16_920),
        (420_000, 25, 31_920),
        (660_000, 30, 52_920),
        (960_000, 35, 85_920),
        (None, 45, 181_920),
    ]
    assert table == [(top and top * 100, rate * 100, quick * 100) for top, rate, quick in yuan]
    assert "2025年第16号" in figures.source


def test_figures_are_in_force_from_their_day_on() -> None:
    assert parameters_on(date(2025, 10, 1)) == published()[0]
    with pytest.raises(NoTaxParameters, match="2025-09-30"):
        parameters_on(date(2025, 9, 30))


def test_a_later_table_follows_an_earlier_one_which_stays() -> None:
    later = (
        SHIPPED.partition("[[parameters]]")[2]
        .replace("2025-10-01", "2027-01-01")
        .replace("500_000", "600_000")
    )
    known = parsed(f"{SHIPPED}\n[[parameters]]{later}")
    in_force = {day: parameters_on(day, known).basic_minor for day in (date(2026, 12, 31), date(2027, 1, 1))}
    assert list(in_force.values()) == [500_000, 600_000]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("quick_minor = 252_000", "quick_minor = 252_001", "the tax jumps at 3600000 fen"),
        ("through_minor = 14_400_000", "through_minor = 3_000_000", "brackets must rise"),
        ("{ rate_bps = 4_500", "{ through_minor = 99_000_000, rate_bps = 4_500", "the last has no end"),
        ("rate_bps = 300, quick_minor = 0", "rate_bps = 300, quick_minor = 1", "deducts nothing"),
        ("cost_bps = 2_000", "cost_bps = 10_001", "cost_bps is a share"),
        ("basic_minor = 500_000", "basic_minor = -1", "no less than 0"),
    ],
)
def test_a_table_with_a_slip_in_it_is_refused(old: str, new: str, reason: str) -> None:
    assert old in SHIPPED
    with pytest.raises(ValueError, match=reason):
        parsed(SHIPPED.replace(old, new, 1))


def test_two_tables_of_one_day_are_refused() -> None:
    with pytest.raises(ValueError, match="effective_from must rise"):
        parsed(f"{SHIPPED}\n{SHIPPED}")
