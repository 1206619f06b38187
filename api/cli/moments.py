"""Moments as people type them."""

from datetime import UTC, date, datetime, timedelta, timezone

from api.cli import Misused
from api.event_file.fields import Malformed, day
from ledger.instants import MICROSECONDS_PER_DAY, datetime_of, end_of_day, instant_of

_CHINA = timezone(timedelta(hours=8))
#: As far as an offset leads out of the years 2000 to 2999.
_FIRST_INSTANT = instant_of(datetime(1999, 12, 31, tzinfo=UTC))
_LAST_INSTANT = instant_of(datetime(3000, 1, 2, tzinfo=UTC))


def moment(text: str, option: str) -> int:
    """The instant up to which something counts, itself included: a time with its offset, or a date, which
    means all of that day in China (+08:00).

    Raises :class:`Misused` for anything else, and for a year in which nothing can have happened.
    """
    return _moment(text, option, -1)


def beginning(text: str, option: str) -> int:
    """The instant from which on something counts; a date means from 0:00 (+08:00) on. Raises likewise."""
    return _moment(text, option, -MICROSECONDS_PER_DAY)


def ending(text: str, option: str) -> int:
    """The first instant that no longer counts; a date counts to its 24:00 (+08:00). Raises likewise."""
    return _moment(text, option, 0)


def _moment(text: str, option: str, from_end_of_day: int) -> int:
    try:
        found = end_of_day(date.fromisoformat(text)) + from_end_of_day
    except ValueError:
        found = _instant(text, option)
    if not _FIRST_INSTANT <= found <= _LAST_INSTANT:
        raise Misused(f"{option} {text!r} is not in the years 2000 to 2999")
    return found


def _instant(text: str, option: str) -> int:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Misused(
            f"{option} {text!r} is neither a date such as 2026-10-01 nor a time such as 2026-10-01T19:30Z"
        ) from None
    if found.tzinfo is None:
        raise Misused(f"{option} {text!r} does not say its offset, such as +08:00")
    return instant_of(found)


def calendar_date(text: str, option: str) -> date:
    """A date of the years in which events can happen. Raises :class:`Misused`."""
    try:
        return day(text)
    except Malformed as reason:
        raise Misused(f"{option} {text!r} {reason}") from None


def month_named(text: str, option: str) -> tuple[int, int]:
    """A month, such as 2026-10, as its year and number. Raises :class:`Misused`."""
    try:
        first = day(f"{text}-01")
    except Malformed:
        raise Misused(f"{option} {text[:40]!r} is not a month such as 2026-10") from None
    return first.year, first.month


def written(instant: int) -> str:
    """An instant as the clocks of China show it, to the second."""
    return datetime_of(instant).astimezone(_CHINA).strftime("%Y-%m-%d %H:%M:%S")
