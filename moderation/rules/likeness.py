"""``like``: a table of a document that takes from another of its kind whatever it does not say itself."""

import json
from typing import Any

from ledger.documents import FieldFault, InvalidDocument, place_of

_LIKE = "like"
#: The parts of a rule book whose tables may be like each other.
_PARTS = ("measures", "items")
#: So many tables at most are read for what one of them says.
_LONGEST_WAY = 8
#: A few lines can stand for a book that no memory holds.
_MOST_CHARS_FILLED = 1_000_000


def resolved(tables: dict[str, Any]) -> dict[str, Any]:
    """The same tables with every ``like`` filled in.

    Raises :class:`~ledger.documents.InvalidDocument` naming the field that refers to what is not there, or
    in a circle to itself, or over too many others; or when all that is filled in becomes too long.
    """
    faults: list[FieldFault] = []
    found = dict(tables)
    room = _MOST_CHARS_FILLED
    for part in _PARTS:
        if not isinstance(tables.get(part), dict):
            continue
        found[part] = {}
        for name in tables[part]:
            filled = _filled(part, name, tables[part], faults)
            room -= len(json.dumps(filled, ensure_ascii=False))
            if room < 0:
                message = f"has more than {_MOST_CHARS_FILLED:,} characters with every {_LIKE} filled in"
                raise InvalidDocument([FieldFault(part, message)])
            found[part][name] = filled
    if faults:
        raise InvalidDocument(faults)
    return found


def _filled(part: str, name: str, tables: dict[str, Any], faults: list[FieldFault]) -> Any:
    """A table with what the others say whose like it is; faults are added."""
    way, table = [name], tables[name]
    said: dict[str, Any] = {}
    while isinstance(table, dict):
        said = {field: value for field, value in table.items() if field != _LIKE} | said
        if _LIKE not in table:
            return said
        other = table[_LIKE]
        fault = _fault(other, way, tables)
        if fault is not None:
            faults.append(FieldFault(f"{place_of((part, name))}.{_LIKE}", fault))
            return said
        way.append(other)
        table = tables[other]
    return table if len(way) == 1 else said


def _fault(other: Any, way: list[str], tables: dict[str, Any]) -> str | None:
    if not isinstance(other, str):
        return "is not a text"
    if other not in tables:
        return f"is {_shown(other)}, which is not there"
    if other in way:
        circle = [*way[way.index(other) :], other]
        return f"goes in a circle: {' -> '.join(map(_shown, circle))}"
    if len(way) == _LONGEST_WAY:
        return f"is {_shown(other)}, and goes on over more than {_LONGEST_WAY} tables"
    return None


def _shown(name: str) -> str:
    return name[:60] if name.isprintable() else ascii(name[:60])
