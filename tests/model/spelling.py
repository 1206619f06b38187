"""One event written in many ways: all that the format says does not count."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

Fields = dict[str, object]

OFFSETS_MINUTES = (0, 0, 480, 480, 480, 345, -570, 14 * 60, -12 * 60, 23 * 60 + 59, -23 * 60 - 59, 1, -1)
LINE_BYTES = 64 * 1024


class Raw(str):
    """JSON text to be written as it is."""

    __slots__ = ()


def line_of(fields: Fields, random: Random) -> bytes:
    """The fields as one line without its LF: any order, any white space, any escapes."""
    if random.random() < 0.4:
        return json.dumps(respelled(fields, random), ensure_ascii=False, separators=(",", ":")).encode()
    pairs = list(respelled(fields, random).items())
    random.shuffle(pairs)
    line = object_of(pairs, random).encode()
    if random.random() < 0.005:
        return line.rjust(LINE_BYTES - 1)
    return line + (b"\r" if random.random() < 0.1 else b"")


def object_of(pairs: Sequence[tuple[str, object]], random: Random) -> str:
    """A JSON object of these pairs, as often as they are given."""

    def space() -> str:
        return random.choice(("", "", "", " ", " ", "\t", "  ", "\r"))

    members = [
        f"{space()}{json_of(k, random)}{space()}:{space()}{json_of(v, random)}{space()}" for k, v in pairs
    ]
    return f"{space()}{{{','.join(members)}}}{space()}"


def json_of(value: object, random: Random) -> str:
    """A value as JSON, each character of a text as itself or escaped."""
    if isinstance(value, Raw):
        return value
    if not isinstance(value, str):
        return json.dumps(value)
    way = random.random()
    if way < 0.8:
        return json.dumps(value, ensure_ascii=way < 0.2)
    return '"' + "".join(_character(character, random) for character in value) + '"'


def _character(character: str, random: Random) -> str:
    if random.random() < 0.6:
        return json.dumps(character, ensure_ascii=False)[1:-1].replace("/", random.choice(("/", "\\/")))
    units = character.encode("utf-16-be", "surrogatepass")
    digits = random.choice(("02x", "02X"))
    return "".join(
        f"\\u{format(units[i], digits)}{format(units[i + 1], digits)}" for i in range(0, len(units), 2)
    )


def respelled(fields: Fields, random: Random) -> Fields:
    """The same content: other case of UUIDs, another offset for the same instant."""
    other = dict(fields)
    for name in ("id", "freeze"):
        if isinstance(other.get(name), str) and random.random() < 0.3:
            other[name] = str(other[name]).upper()
    at = other.get("at")
    if isinstance(at, datetime):
        other["at"] = stated(at, random)
    return other


def stated(instant: datetime, random: Random) -> str:
    """An instant as a clock somewhere shows it, in the years 2000 to 2999."""
    offsets = list(OFFSETS_MINUTES)
    random.shuffle(offsets)
    for minutes in offsets:
        local = instant.astimezone(UTC) + timedelta(minutes=minutes)
        if 2000 <= local.year <= 2999:
            break
    digits = f"{local.microsecond:06}".rstrip("0")
    if random.random() < 0.3:
        digits = digits.ljust(random.randint(len(digits), 6), "0")
    fraction = f".{digits}" if digits else ""
    sign = "-" if minutes < 0 or (minutes == 0 and random.random() < 0.2) else "+"
    zone = f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    if minutes == 0 and random.random() < 0.7:
        zone = "Z"
    return f"{local:%Y-%m-%dT%H:%M:%S}{fraction}{zone}"
