"""``like``: a table of a document that takes from another of its kind whatever it does not say itself."""

from typing import Any

from ledger.documents import FieldFault, InvalidDocument, place_of

_LIKE = "like"
#: The parts of a rule book whose tables may be like each other.
_PARTS = ("measures", "items")


def resolved(tables: dict[str, Any]) -> dict[str, Any]:
    """The same tables with every ``like`` filled in.

    Raises :class:`~ledger.documents.InvalidDocument` naming the field that refers to what is not there, or
    in a circle to itself.
    """
    faults: list[FieldFault] = []
    found = dict(tables)
    for part in _PARTS:
        if isinstance(tables.get(part), dict):
            found[part] = {name: _filled(part, name, tables[part], faults) for name in tables[part]}
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
    return None


def _shown(name: str) -> str:
    return name[:60] if name.isprintable() else ascii(name[:60])
