"""What one version of the rule book changes in another, field by field, for people."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from ledger.money import written
from moderation.measures.kinds import Severity
from moderation.rules.document import RuleBook
from moderation.rules.steps import Step, kept_from

#: Fields of which more is harder on people, and of which less is.
_MORE_IS_HARDER = frozenset(
    (
        "points",
        "low",
        "medium",
        "high",
        "critical",
        "decay_days",
        "mute_factor_bps",
        "clean_months",
        "at_once",
        "answer_working_days",
        "bad_faith_window_days",
    )
)
_LESS_IS_HARDER = frozenset(
    ("file_days", "appeal_days", "window_days", "always_second", "materials_days", "bad_faith_strikes")
)
_SEVERITIES = [severity.value for severity in Severity]


class Change(NamedTuple):
    """A field, what it says in the old and in the new version, and whether the new is harder on people."""

    field: str
    old: str
    new: str
    is_harder: bool


def changes(old: RuleBook, new: RuleBook) -> list[Change]:
    """Everything that differs, the parts in the order of the document."""
    before, after = dict(_fields(old)), dict(_fields(new))
    found = [
        Change(
            field,
            _said(field, before.get(field)),
            _said(field, after.get(field)),
            _is_harder(field, before.get(field), after.get(field)),
        )
        for field in dict.fromkeys((*before, *after))
        if before.get(field) != after.get(field)
    ]
    return found + list(_changes_of_ladder(old, new))


def _fields(book: RuleBook) -> Iterator[tuple[str, Any]]:
    def flat(place: str, part: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(part, dict):
            for name, value in part.items():
                yield from flat(f"{place}.{name}" if place else name, value)
        elif part is not None:
            yield place, part

    return flat("", book.model_dump(mode="json", exclude={"ladder"}))


def _changes_of_ladder(old: RuleBook, new: RuleBook) -> Iterator[Change]:
    starts = {step.from_points for book in (old, new) for step in book.ladder}
    for points in sorted(starts):
        before, after = _step_at(old, points), _step_at(new, points)
        if before.measures != after.measures:
            was, is_now = kept_from(before.measures), kept_from(after.measures)
            is_harder = any(days > was.get(feature, 0) for feature, days in is_now.items())
            yield Change(f"ladder from {points} points", _follows(before), _follows(after), is_harder)


def _step_at(book: RuleBook, points: int) -> Step:
    return next(step for step in reversed(book.ladder) if step.from_points <= points)


def _follows(step: Step) -> str:
    return ", ".join(map(str, step.measures)) or "nothing"


def _is_harder(field: str, old: Any, new: Any) -> bool:
    part, _, last = field.rpartition(".")
    if part == "matrix":
        return not set(new or ()) <= set(old or ())
    if last == "severity":
        return old is not None and new is not None and _SEVERITIES.index(new) > _SEVERITIES.index(old)
    if last in ("bound_minor", "max_days"):
        # Without a bound nobody else has to agree; without a longest time it may last for ever.
        return new is None or (old is not None and bool(new > old))
    if old is None or new is None:
        return False
    return bool(new > old) if last in _MORE_IS_HARDER else last in _LESS_IS_HARDER and bool(new < old)


def _said(field: str, value: Any) -> str:
    if value is None:
        return "not there"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if field.endswith("_minor"):
        return written(value, "CNY")
    return f"{value} days" if field.endswith("_days") else str(value)
