"""Which months a run rules out: once a day or a week of one is settled, it cannot be settled whole."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, select

from settlement.periods import Period, period
from settlement.tables import runs


def ruled_out(asked: Period, settled: Sequence[Period]) -> list[Period]:
    """The months that settling a period rules out, and that nothing ruled out before. Pure.

    None where the days before it were settled likewise: whoever goes on by days or weeks has chosen so.
    """
    if any(_follows(asked, before) for before in settled):
        return []
    first = period(f"{asked.first:%Y-%m}")
    touched = dict.fromkeys((first, period(f"{asked.through:%Y-%m}")))
    return [
        month
        for month in touched
        if (month.first, month.through) != (asked.first, asked.through)
        and not any(one.first <= month.through and month.first <= one.through for one in settled)
    ]


def warnings(connection: Connection, asked: Period, *, before_entry: int | None = None) -> list[str]:
    """What whoever settles a period should know beforehand, for people; of the runs before an entry."""
    found = select(runs.c.period, runs.c.first, runs.c.through).where(
        runs.c.first.is_not(None),
        runs.c.through >= asked.first - timedelta(days=40),
        runs.c.first <= asked.through + timedelta(days=40),
    )
    if before_entry is not None:
        found = found.where(runs.c.entry < before_entry)
    settled = [Period(row.period, row.first, row.through) for row in connection.execute(found)]
    return [
        f"once {asked.name} is settled, {month.name} can only be settled by days, or by weeks around it"
        for month in ruled_out(asked, settled)
    ]


def _follows(asked: Period, before: Period) -> bool:
    is_alike = before.through - before.first == asked.through - asked.first
    return is_alike and before.through + timedelta(days=1) == asked.first
