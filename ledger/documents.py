"""Documents that people write: TOML read strictly, and every fault named with the field it is in.

A document is validated as JSON, so that what is published and hashed (canonical JSON, RFC 8785) is read
back by the very same rules.
"""

import json
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

_YEARS = range(2000, 2200)
#: Reading a key takes the square of how deep it goes; whatever the key, it stands on one line.
_MOST_DOTS_A_LINE = 100
#: So many faults are told; who sends more has sent something else.
_MOST_FAULTS = 50


class Terms(BaseModel):
    """A part of a document: as written, nothing converted, nothing ignored."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


DocumentT = TypeVar("DocumentT", bound=Terms)


def _in_utc(moment: datetime) -> datetime:
    if moment.year not in _YEARS:
        raise PydanticCustomError("year", "is not between the years 2000 and 2199")
    return moment.astimezone(UTC)


#: A time with its offset, kept in UTC.
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class FieldFault(NamedTuple):
    """What is wrong with a document, and where: a field, or a place in the text."""

    field: str
    message: str


class InvalidDocument(Exception):
    """A text that is not the document it should be. Its text is one line that names the fields."""

    def __init__(self, faults: list[FieldFault]) -> None:
        if len(faults) > _MOST_FAULTS:
            faults = [*faults[:_MOST_FAULTS], FieldFault("", f"and {len(faults) - _MOST_FAULTS} faults more")]
        super().__init__("; ".join(f"{field}: {message}" if field else message for field, message in faults))
        self.faults = faults


def broken(field: str, message: str) -> PydanticCustomError:
    """What breaks a rule about several fields; ``field`` lies within the part that has the rule."""
    return PydanticCustomError("rule", "{message}", {"field": field, "message": message})


def read_toml(text: str, noun: str, longest_chars: int) -> dict[str, Any]:
    """The tables of a TOML text, its times as texts. ``noun`` says what it should be: "policy".

    Raises :class:`InvalidDocument`.
    """
    if len(text) > longest_chars:
        raise InvalidDocument([FieldFault("", f"the {noun} is longer than {longest_chars:,} characters")])
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") > _MOST_DOTS_A_LINE:
            fault = f"is nested too deeply: line {number} has more than {_MOST_DOTS_A_LINE} dots"
            raise InvalidDocument([FieldFault("", f"the {noun} {fault}")])
    try:
        tables = json.loads(json.dumps(tomllib.loads(text), default=_written))
    except RecursionError:
        raise InvalidDocument([FieldFault("", f"the {noun} is nested too deeply")]) from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidDocument([FieldFault("", f"the {noun} is not TOML: {str(error)[:200]}")]) from None
    except ValueError:
        raise InvalidDocument([FieldFault("", f"the {noun} has a number that is too long")]) from None
    assert isinstance(tables, dict)
    return tables


def validated(
    model: type[DocumentT], tables: Mapping[str, Any], noun: str, enums: Mapping[type[StrEnum], str]
) -> DocumentT:
    """The document of some tables. ``enums``: what a member of each enumeration is called: "a measure".

    Raises :class:`InvalidDocument`.
    """
    try:
        return model.model_validate_json(json.dumps(tables))
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise InvalidDocument([_fault(item, noun, enums) for item in found]) from None


def sha256_of(document: bytes) -> str:
    """A canonical document's SHA-256, as hexadecimal digits."""
    return sha256(document).hexdigest()


def _written(value: object) -> str:
    assert isinstance(value, datetime | date | time)
    return value.isoformat()


_A_TIME = "is not a time with its offset, such as 2026-11-01T00:00:00+08:00"
_A_TABLE = "is not a table"
_SENTENCES = {
    "missing": "is missing",
    "timezone_aware": "does not say its offset, such as 2026-11-01T00:00:00+08:00",
    "datetime_type": _A_TIME,
    "datetime_parsing": _A_TIME,
    "datetime_from_date_parsing": _A_TIME,
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "bool_type": "is neither true nor false",
    "string_type": "is not a text",
    "model_type": _A_TABLE,
    "model_attributes_type": _A_TABLE,
    "mapping_type": _A_TABLE,
    "dict_type": _A_TABLE,
    "tuple_type": "is not a list",
}


def _fault(item: Any, noun: str, enums: Mapping[type[StrEnum], str]) -> FieldFault:
    place = place_of(item["loc"])
    facts = item.get("ctx", {})
    match item["type"]:
        case "rule":
            return FieldFault(f"{place}.{facts['field']}".removeprefix("."), facts["message"])
        case "json_invalid":
            # What we write is JSON: its depth is all that can be wrong with it.
            return FieldFault("", f"the {noun} is nested too deeply")
        case "extra_forbidden":
            return FieldFault(place, f"is not a field of a {noun}")
        case "greater_than_equal":
            return FieldFault(place, f"is below {facts['ge']}")
        case "less_than_equal":
            return FieldFault(place, f"is above {facts['le']}")
        case "literal_error":
            return FieldFault(place, f"is not one of {facts['expected']}")
        case "enum":
            expected = str(facts["expected"])
            what = next(what for kind, what in enums.items() if expected.startswith(f"'{next(iter(kind))}'"))
            return FieldFault(place, f"is not {what}: {expected}")
        case "string_pattern_mismatch":
            return FieldFault(place, f"is not a name of the form {facts['pattern']}")
        case "string_too_long":
            return FieldFault(place, f"has more than {facts['max_length']} characters")
        case "too_long":
            return FieldFault(place, f"has more than {facts['max_length']}")
        case kind:
            return FieldFault(place, _SENTENCES.get(kind) or str(item["msg"]))


def place_of(path: tuple[str | int, ...]) -> str:
    """A field as people name it: ``classes.standard.tiers[0].share_bps``."""
    place = ""
    for part in path:
        if part == "[key]":
            continue
        name = part if isinstance(part, str) and part.isprintable() else ascii(part)
        place += f"[{part}]" if isinstance(part, int) else f".{name[:60]}"
    return place.removeprefix(".")
