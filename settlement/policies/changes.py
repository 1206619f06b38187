"""What one version of the policy changes in another, field by field, for people."""

from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any, NamedTuple

from ledger.money import written
from settlement.policies.document import ClassTerms, Policy

_CHINA = timezone(timedelta(hours=8))
#: Fields of which more is less for the streamer, and of which less is.
_MORE_IS_LESS = frozenset(("hold_days", "threshold_minor", "debt_cap_bps", "guild.share_bps"))
_LESS_IS_LESS = frozenset(("share_bps", "enabled", "min_bps", "max_bps", "notice_days", "objection_days"))


class Change(NamedTuple):
    """A field, what it says in the old and in the new version, and whether streamers have less by it."""

    field: str
    old: str
    new: str
    is_a_cut: bool


def changes(old: Policy, new: Policy) -> list[Change]:
    """Everything that differs, the parts in the order of the document.

    A class that a version does not name has the terms of `standard`, and is compared by them.
    """
    found = []
    old_fields, new_fields = _fields(old), _fields(new)
    for field in ("version", "effective_at", "major", "notice_days", "objection_days"):
        found += _compared(field, old_fields.pop(field), new_fields.pop(field))
    for name in dict.fromkeys((*old.classes, *new.classes)):
        found += _changes_of_class(name, old, new)
    for field in old_fields:
        found += _compared(field, old_fields[field], new_fields[field])
    return found


def _fields(policy: Policy) -> dict[str, Any]:
    flat: dict[str, Any] = {}

    def flatten(place: str, part: Any) -> None:
        if isinstance(part, dict):
            for name, value in part.items():
                flatten(f"{place}.{name}" if place else name, value)
        else:
            flat[place] = part

    flatten("", policy.model_dump(mode="json", exclude={"classes"}))
    flat["effective_at"] = policy.effective_at.astimezone(_CHINA).isoformat(sep=" ")
    return flat


def _changes_of_class(name: str, old: Policy, new: Policy) -> list[Change]:
    place = f"classes.{name}"
    was, is_now = ("there" if name in policy.classes else "not there: as standard" for policy in (old, new))
    found = [] if was == is_now else [Change(place, was, is_now, is_a_cut=False)]
    before, after = old.class_terms(name), new.class_terms(name)
    found += _compared(f"{place}.hold_days", before.hold_days, after.hold_days)
    steps = {tier.from_coins for terms in (before, after) for tier in terms.tiers}
    for coins in sorted(steps):
        shares = _share_at(before, coins), _share_at(after, coins)
        found += _compared(f"{place}.tiers from {coins:,} coins.share_bps", *shares)
    return found


def _share_at(terms: ClassTerms, coins: int) -> int:
    return max(
        (tier for tier in terms.tiers if tier.from_coins <= coins), key=lambda tier: tier.from_coins
    ).share_bps


def _compared(field: str, old: Any, new: Any) -> list[Change]:
    if old == new:
        return []
    return [Change(field, _said(field, old), _said(field, new), _is_a_cut(field, old, new))]


def _is_a_cut(field: str, old: Any, new: Any) -> bool:
    if old is None or new is None:
        return False
    last = field.rpartition(".")[2]
    if field in _MORE_IS_LESS or last in _MORE_IS_LESS:
        return bool(new > old)
    return last in _LESS_IS_LESS and bool(new < old)


def _said(field: str, value: Any) -> str:
    if value is None:
        return "as the class says"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.endswith("_bps"):
        return f"{Decimal(value).scaleb(-2).normalize():f} %"
    if field.endswith("_minor"):
        return written(value, "CNY")
    return f"{value} days" if field.endswith("_days") else str(value)
