"""Instants and days: when something happened, and which business day that was.

Inside the books an instant is a whole number of microseconds since 1970-01-01T00:00Z, and a day the
number of days since 1970-01-01 on the calendar of China (+08:00, no summer time since 1991).
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

MICROSECONDS_PER_DAY = 86_400_000_000
CHINA_OFFSET_MICROSECONDS = 8 * 3_600_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_MICROSECOND = timedelta(microseconds=1)


def instant_of(moment: datetime) -> int:
    """An aware datetime as an instant."""
    return (moment - _EPOCH) // _MICROSECOND


def datetime_of(instant: int) -> datetime:
    """An instant as a datetime in UTC."""
    return _EPOCH + timedelta(microseconds=instant)


def written_in_utc(instant: int) -> str:
    """An instant as a text, such as a refusal states it: 2026-10-01T16:00:00Z."""
    return datetime_of(instant).isoformat().replace("+00:00", "Z")


def business_day(instant: int) -> int:
    """The day (+08:00) on which an instant falls."""
    return (instant + CHINA_OFFSET_MICROSECONDS) // MICROSECONDS_PER_DAY


def date_of(day: int) -> date:
    """A day number as a calendar date."""
    return date.fromordinal(_EPOCH_ORDINAL + day)


def day_of(calendar_date: date) -> int:
    """A calendar date as a day number."""
    return calendar_date.toordinal() - _EPOCH_ORDINAL


@lru_cache(maxsize=1024)
def month_of(day: int) -> tuple[int, int]:
    """The first day of the calendar month that a day belongs to, and of the month after it."""
    first = date_of(day).replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    return day_of(first), day_of(after)


def end_of_day(calendar_date: date) -> int:
    """24:00 (+08:00) of a date: the first instant that no longer belongs to it."""
    return (day_of(calendar_date) + 1) * MICROSECONDS_PER_DAY - CHINA_OFFSET_MICROSECONDS
