"""Working days (工作日) in China: weekdays without the public holidays, and the days worked in their place.

The state announces them year by year; beyond the last year announced a weekday is taken to be worked, and
the deadline is provisional.
"""

from datetime import timedelta
from typing import NamedTuple

from chinese_calendar import constants, is_workday  # type: ignore[import-untyped]

from ledger.instants import business_day, date_of, end_of_day

_DAY = timedelta(days=1)
_ANNOUNCED = range(min(constants.holidays).year, max(constants.holidays).year + 1)
_SATURDAY = 5


class Deadline(NamedTuple):
    """The first instant that is too late, and whether holidays not announced yet may still move it."""

    at: int
    is_provisional: bool


def working_days_after(instant: int, count: int) -> Deadline:
    """The end of the ``count``-th working day (+08:00) after the day of an instant, which does not count."""
    day, is_provisional = date_of(business_day(instant)), False
    while count > 0:
        day += _DAY
        is_announced = day.year in _ANNOUNCED
        is_provisional |= not is_announced
        count -= is_workday(day) if is_announced else day.weekday() < _SATURDAY
    return Deadline(end_of_day(day), is_provisional)
