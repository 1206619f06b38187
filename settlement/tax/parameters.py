"""The tax office's figures as dated data: which brackets, costs and deductions are in force on a day."""

import tomllib
from collections.abc import Sequence
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple


class NoTaxParameters(LookupError):
    """No figures are known for that day: it lies before the first that were published."""


class Bracket(NamedTuple):
    """A step of the table: cumulative taxable income through ``through_minor`` fen, None without end."""

    through_minor: int | None
    rate_bps: int
    quick_minor: int


class Parameters(NamedTuple):
    """The figures in force from a day on. Amounts in fen; ``basic_minor`` is deducted for each month."""

    effective_from: date
    source: str
    cost_bps: int
    basic_minor: int
    brackets: tuple[Bracket, ...]


def parameters_on(day: date, known: Sequence[Parameters] | None = None) -> Parameters:
    """The figures in force on a day (+08:00). Raises :class:`NoTaxParameters`."""
    for parameters in reversed(published() if known is None else known):
        if parameters.effective_from <= day:
            return parameters
    raise NoTaxParameters(f"no figures for withholding are known for {day.isoformat()}")


@cache
def published() -> tuple[Parameters, ...]:
    """The figures shipped with this version, oldest first."""
    return parsed(Path(__file__).with_name("parameters.toml").read_text(encoding="utf-8"))


def parsed(text: str) -> tuple[Parameters, ...]:
    """Figures as written in TOML. Raises ``ValueError`` where tables or brackets are not in order.

    A table is continuous: where one bracket ends, the next one asks for the same tax, so a fen more of
    income never costs more than the fen.
    """
    found = tuple(_parameters(table) for table in tomllib.loads(text)["parameters"])
    days = [parameters.effective_from for parameters in found]
    if days != sorted(set(days)):
        raise ValueError("parameters: effective_from must rise from one table to the next")
    return found


def _parameters(table: dict[str, Any]) -> Parameters:
    brackets = tuple(
        Bracket(row.get("through_minor"), row["rate_bps"], row["quick_minor"]) for row in table["brackets"]
    )
    where = f"parameters of {table['effective_from']}"
    if not 0 <= table["cost_bps"] <= 10_000 or table["basic_minor"] < 0:
        raise ValueError(f"{where}: cost_bps is a share, and basic_minor no less than 0")
    if not brackets or brackets[-1].through_minor is not None or brackets[0].quick_minor != 0:
        raise ValueError(f"{where}: the first bracket deducts nothing, and the last has no end")
    for lower, upper in pairwise(brackets):
        end = lower.through_minor
        if end is None or end <= 0 or (upper.through_minor is not None and upper.through_minor <= end):
            raise ValueError(f"{where}: brackets must rise, and only the last has no end")
        if end * (upper.rate_bps - lower.rate_bps) != (upper.quick_minor - lower.quick_minor) * 10_000:
            raise ValueError(f"{where}: the tax jumps at {end} fen")
    return Parameters(
        table["effective_from"], table["source"], table["cost_bps"], table["basic_minor"], brackets
    )
