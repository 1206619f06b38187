"""Periods (结算周期): the month, week or day that a run settles, as people write it."""

import re
from datetime import date, timedelta
from typing import NamedTuple

_MONTH = re.compile(r"(2[0-9]{3})-(0[1-9]|1[0-2])")
_WEEK = re.compile(r"(2[0-9]{3})-W([0-5][0-9])")
_DAY = re.compile(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}")


class NoPeriod(ValueError):
    """A text that names no period."""


class Period(NamedTuple):
    """Whole days of China (+08:00), both ends included. ``name`` is 2026-10, 2026-W41 or 2026-10-05."""

    name: str
    first: date
    through: date


def period(name: str) -> Period:
    """The period of that name. Raises :class:`NoPeriod` with the reason, for people."""
    try:
        if found := _MONTH.fullmatch(name):
            first = date(int(found[1]), int(found[2]), 1)
            return Period(name, first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
        if found := _WEEK.fullmatch(name):
            monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
            return Period(name, monday, monday + timedelta(days=6))
        if _DAY.fullmatch(name):
            day = date.fromisoformat(name)
            return Period(name, day, day)
    except ValueError:
        raise NoPeriod("is no day of the calendar") from None
    raise NoPeriod("is not a month such as 2026-10, a week such as 2026-W41 or a day such as 2026-10-05")
