"""From the bytes of an event file to events: every line is an event or malformed, judged from the line alone.

The readings chosen where the format leaves room are listed in the package's docstring (L1, L2, …).
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from tests.model.events import (
    Currency,
    Event,
    Forfeit,
    Freeze,
    Gift,
    Lift,
    Limit,
    Money,
    Register,
    Reward,
    Settle,
    Tip,
    TopUp,
)

LONGEST_LINE_BYTES = 64 * 1024
LONGEST_TEXT_CHARACTERS = 200
LARGEST_COUNT = 1_000_000_000
FACE_VALUE_FEN = 10
COIN_ACCOUNTS = ("wallet", "gifts")
CNY_ACCOUNTS = ("accruals", "earnings")

_UUID = re.compile(r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[47][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}")
_CNY = re.compile(r"(0|[1-9][0-9]{0,9})\.([0-9]{2})")
_DATE = re.compile(r"(2[0-9]{3})-([0-9]{2})-([0-9]{2})")
_AT = re.compile(
    r"(2[0-9]{3})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]{1,6}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)


class Malformed(ValueError):
    """A line that is no event; it decides nothing, and its id stays free."""


def events_of(file: Iterable[bytes]) -> Iterator[tuple[int, Event | Malformed]]:
    """Every line of a file opened for reading bytes, with its number from 1, blank and broken lines too."""
    for number, line in enumerate(file, start=1):
        try:
            yield number, event_of_line(line)
        except Malformed as malformed:
            yield number, malformed


def event_of_line(line: bytes) -> Event:
    """The event that one line states; its LF, and one CR before that, are not part of its length.

    Raises Malformed.
    """
    content = line.removesuffix(b"\n").removesuffix(b"\r")
    if len(content) > LONGEST_LINE_BYTES:
        raise Malformed(f"longer than {LONGEST_LINE_BYTES} bytes")
    if not content.strip(b" \t\r"):
        raise Malformed("blank line")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8 at byte {error.start}") from None
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_float=_no_number, parse_constant=_no_number)
    except Malformed:
        raise
    except json.JSONDecodeError as error:
        raise Malformed(f"not JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise Malformed("nested too deep") from None
    except ValueError:  # an integer of more digits than Python converts
        raise Malformed("a number out of any range") from None
    return event_of_fields(value)


def event_of_fields(fields: object) -> Event:
    """The event that a parsed JSON object states. Raises Malformed."""
    if not isinstance(fields, dict):
        raise Malformed("not a JSON object")
    kind = fields.get("type")
    if not isinstance(kind, str) or kind not in _TYPES:
        raise Malformed("no type, or an unknown one")
    make, readers = _TYPES[kind]
    for name in readers:
        if name not in fields:
            raise Malformed(f"{name} is missing")
    for name in fields:
        if name != "type" and name not in readers:
            raise Malformed(f"a {kind} has no field {name!a}")
    values = {}
    for name, read in readers.items():
        try:
            values[name] = read(fields[name])
        except Malformed as malformed:
            raise Malformed(f"{name} {malformed}") from None
    event = make(**values)
    if isinstance(event, TopUp) and event.paid.minor > event.coins * FACE_VALUE_FEN:
        raise Malformed("paid is above the face value of the coins")
    if isinstance(event, Freeze) and event.amount and event.amount.currency != currency_of(event.account):
        raise Malformed("amount is not in the currency of the account")
    return event


def currency_of(kind: str) -> Currency:
    """The currency of one of a party's accounts."""
    return "ZLB" if kind in COIN_ACCOUNTS else "CNY"


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Malformed("a field stands there twice")
    return fields


def _no_number(spelling: str) -> object:
    raise Malformed(f"{spelling[:40]} is not an integer")


def _id(value: object) -> str:
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise Malformed("is not a UUID of version 4 or 7")
    return value.lower()


def _at(value: object) -> datetime:
    found = _AT.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise Malformed("is not YYYY-MM-DDThh:mm:ss with an offset, in the years 2000 to 2999")
    *calendar, fraction, sign, offset_hours, offset_minutes = found.groups()
    offset = timedelta()
    if sign:
        if int(offset_hours) > 23 or int(offset_minutes) > 59:
            raise Malformed("has an offset that no clock shows")
        offset = timedelta(hours=int(offset_hours), minutes=int(offset_minutes))
    year, month, day, hour, minute, second = map(int, calendar)
    microsecond = int((fraction or "").ljust(6, "0"))
    try:
        stated = datetime(
            year,
            month,
            day,
            hour,
            minute,
            second,
            microsecond,
            tzinfo=timezone(-offset if sign == "-" else offset),
        )
    except ValueError:
        raise Malformed("is no time of any calendar day") from None
    return stated.astimezone(UTC)


def _date(value: object) -> date:
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise Malformed("is not YYYY-MM-DD in the years 2000 to 2999")
    year, month, day = map(int, found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        raise Malformed("is no calendar day") from None


def _text(value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_TEXT_CHARACTERS:
        raise Malformed(f"is not a text of 1 to {LONGEST_TEXT_CHARACTERS} characters")
    categories = {unicodedata.category(character) for character in value}
    if "Cc" in categories:
        raise Malformed("has a control character")
    if "Cs" in categories:
        raise Malformed("has a lone surrogate")
    return value


def _whole(smallest: int, largest: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if type(value) is not int or not smallest <= value <= largest:
            raise Malformed(f"is not an integer from {smallest} to {largest}")
        return value

    return read


_count = _whole(1, LARGEST_COUNT)


def _count_or_none(value: object) -> int | None:
    return None if value is None else _count(value)


def _cny(value: object) -> Money:
    found = _CNY.fullmatch(value) if isinstance(value, str) else None
    if not found or value == "0.00":
        raise Malformed("is not a CNY amount above zero")
    return Money("CNY", int(found[1]) * 100 + int(found[2]))


def _amount_or_none(value: object) -> Money | None:
    if value is None:
        return None
    return _cny(value) if isinstance(value, str) else Money("ZLB", _count(value))


def _one_of(*names: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in names:
            raise Malformed(f"is none of {', '.join(names)}")
        return value

    return read


_role = _one_of("viewer", "streamer")


def _roles(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise Malformed("is not a list with a role in it")
    roles = tuple(_role(item) for item in value)
    if len(set(roles)) != len(roles):
        raise Malformed("names a role twice")
    return roles


def _type(
    make: Callable[..., Event], **readers: Callable[[Any], Any]
) -> tuple[Callable[..., Event], dict[str, Any]]:
    return make, {"id": _id, "at": _at, **readers}


_TYPES: dict[str, tuple[Callable[..., Event], dict[str, Callable[[Any], Any]]]] = {
    "register": _type(Register, party=_text, roles=_roles),
    "gift": _type(Gift, gift=_text, coins=_count),
    "limit": _type(Limit, per_tip=_count_or_none, per_day=_count_or_none),
    "topup": _type(
        TopUp, viewer=_text, coins=_count, paid=_cny, channel=_one_of("wechat", "alipay"), channel_txn=_text
    ),
    "tip": _type(Tip, viewer=_text, streamer=_text, room=_text, gift=_text, quantity=_count),
    "reward": _type(Reward, streamer=_text, task=_text, amount=_cny),
    "freeze": _type(
        Freeze,
        party=_text,
        account=_one_of(*COIN_ACCOUNTS, *CNY_ACCOUNTS),
        amount=_amount_or_none,
        case=_text,
        rule=_text,
    ),
    "lift": _type(Lift, freeze=_id, case=_text),
    "forfeit": _type(Forfeit, freeze=_id, amount=_amount_or_none, case=_text, rule=_text),
    "settle": _type(Settle, through=_date, share_bps=_whole(0, 10_000)),
}
