"""Single values of an event, from JSON to what the books count. Each reader raises ``Malformed``.

Stricter than JSON libraries are: nothing is converted, trimmed or guessed.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from ledger.instants import instant_of

LARGEST_COUNT = 1_000_000_000
SMALLEST_MEASURE = -10_000
MOST_TEXTS = 20

_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,200}")
_UUID = re.compile(r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[47][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}")
_FEN = re.compile(r"(0|[1-9][0-9]{0,9})\.([0-9]{2})")
_DATE = re.compile(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}")
_AT = re.compile(
    r"2[0-9]{3}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)

_NO_INSTANT = "is not a time such as 2026-10-01T19:30:00+08:00 in the years 2000 to 2999"

Reader = Callable[[object], object]


class Malformed(ValueError):
    """A line that is no event. It decides nothing, and the id it may name stays free."""


def identifier(value: object) -> UUID:
    """A UUID of version 4 or 7; case does not matter."""
    if type(value) is not str or not _UUID.fullmatch(value):
        raise Malformed("is not a UUID of version 4 or 7")
    return UUID(value)


def identifier_or_none(value: object) -> UUID | None:
    """The same, or null."""
    return None if value is None else identifier(value)


def instant(value: object) -> int:
    """A moment with its offset, such as 2026-10-01T19:30:00.122+08:00, as an instant."""
    if type(value) is not str or not _AT.fullmatch(value):
        raise Malformed(_NO_INSTANT)
    try:
        return instant_of(datetime.fromisoformat(value))
    except ValueError:
        raise Malformed("is no day of the calendar") from None


def day(value: object) -> date:
    """A calendar date, such as 2026-10-01."""
    if type(value) is not str or not _DATE.fullmatch(value):
        raise Malformed("is not a date such as 2026-10-01 in the years 2000 to 2999")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Malformed("is no day of the calendar") from None


def text(value: object) -> str:
    """1 to 200 characters, none of them a control character or half a surrogate pair."""
    if type(value) is not str or not _TEXT.fullmatch(value):
        raise Malformed("is not a text of 1 to 200 characters without control characters")
    return value


def text_or_none(value: object) -> str | None:
    """The same, or null."""
    return None if value is None else text(value)


def texts(value: object) -> tuple[str, ...]:
    """A list of at most 20 texts, none twice. Their order is kept."""
    if type(value) is not list or len(value) > MOST_TEXTS:
        raise Malformed(f"is not a list of at most {MOST_TEXTS} texts")
    found = tuple([text(item) for item in value])
    if len(set(found)) < len(found):
        raise Malformed("names something twice")
    return found


def yes_or_no(value: object) -> bool:
    """A JSON true or false."""
    if type(value) is not bool:
        raise Malformed("is not true or false")
    return value


def whole_number(value: object) -> int:
    """A JSON integer from 0 to 1000000000."""
    if type(value) is not int or not 0 <= value <= LARGEST_COUNT:
        raise Malformed(f"is not an integer from 0 to {LARGEST_COUNT}")
    return value


def measure(value: object) -> int:
    """A JSON integer from -10000 to 1000000000; the metric says which of them it can be."""
    if type(value) is not int or not SMALLEST_MEASURE <= value <= LARGEST_COUNT:
        raise Malformed(f"is not an integer from {SMALLEST_MEASURE} to {LARGEST_COUNT}")
    return value


def count(value: object) -> int:
    """Coins, or how many of something: a JSON integer from 1 to 1000000000."""
    if type(value) is not int or not 1 <= value <= LARGEST_COUNT:
        raise Malformed(f"is not an integer from 1 to {LARGEST_COUNT}")
    return value


def count_or_none(value: object) -> int | None:
    """The same, or null."""
    return None if value is None else count(value)


def share_bps(value: object) -> int:
    """Ten-thousandths, from 0 to 10000."""
    if type(value) is not int or not 0 <= value <= 10_000:
        raise Malformed("is not an integer from 0 to 10000")
    return value


def fen(value: object) -> int:
    """A CNY amount above zero, written like "12.50", in fen."""
    found = _FEN.fullmatch(value) if type(value) is str else None
    amount_minor = int(found[1]) * 100 + int(found[2]) if found else 0
    if not amount_minor:
        raise Malformed('is not an amount of CNY above zero such as "12.50"')
    return amount_minor


def signed_fen(value: object) -> int:
    """A CNY amount that is not zero, written like "12.50" or "-12.50", in fen."""
    if type(value) is str and value.startswith("-"):
        return -fen(value[1:])
    return fen(value)


def coins_or_fen(value: object) -> tuple[int, str] | tuple[None, None]:
    """An integer of coins or a text of CNY, with its currency; null for all there is."""
    if value is None:
        return None, None
    return (fen(value), "CNY") if type(value) is str else (count(value), "ZLB")


def one_of(*names: str) -> Callable[[object], str]:
    """A reader of a text that can only be one of these."""

    def read(value: object) -> str:
        if type(value) is not str or value not in names:
            raise Malformed(f"is not one of {', '.join(names)}")
        return value

    return read


def some_of(*names: str) -> Callable[[object], tuple[str, ...]]:
    """A reader of a list with one or more of these, none twice. Their order is kept."""
    read_one = one_of(*names)

    def read(value: object) -> tuple[str, ...]:
        if type(value) is not list or not value:
            raise Malformed(f"is not a list with some of {', '.join(names)}")
        chosen = tuple([read_one(item) for item in value])
        if len(set(chosen)) < len(chosen):
            raise Malformed("names something twice")
        return chosen

    return read
