"""Late arrivals (延时到账) of a tip that goes back: what is kept back of its shares goes back first.

The hold that a statement placed ends, and a smaller one keeps what is left until the same day; nothing of
it is free on the way. A hold is known by the name under which its statement placed it.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, insert, text

from ledger.chart import AccountRef
from ledger.journal.commands import derived_id
from ledger.kernel.books import Books
from ledger.kernel.entries import Act, Expire, Hold, Release
from settlement.returns.shares import Kept
from settlement.returns.tables import narrowed_holds

_NEWEST = text("""
SELECT DISTINCT ON (hold) hold, rest FROM settlement.narrowed_holds
WHERE hold = ANY (:holds) ORDER BY hold, entry DESC
""")
_PLANNED = text("""
SELECT tip, hold, amount_minor FROM settlement.planned_holds WHERE plan = ANY (:plans) AND tip = ANY (:tips)
""")


class Narrowed(NamedTuple):
    """What ends and begins so that a tip's part is free: the acts, and by hold what keeps the rest."""

    acts: tuple[Act, ...]
    freed: Mapping[AccountRef, int]
    rests: tuple[tuple[UUID, UUID | None], ...]


def kept_of(connection: Connection, plans: Collection[UUID], tips: Collection[int]) -> dict[int, Kept]:
    """What was planned of these tips, by tip."""
    found: dict[int, list[tuple[UUID, int]]] = {}
    for row in connection.execute(_PLANNED, {"plans": list(plans), "tips": list(tips)}):
        found.setdefault(row.tip, []).append((row.hold, row.amount_minor))
    return {tip: tuple(kept) for tip, kept in found.items()}


class LateArrivals:
    """The holds of a batch, each as it stands now, moving on with the batch."""

    def __init__(self, connection: Connection, holds: Collection[UUID]) -> None:
        self._now: dict[UUID, UUID | None] = {hold: hold for hold in holds}
        self._now |= _newest(connection, holds)
        self._rows: list[dict[str, object]] = []

    def holds(self) -> Iterable[UUID]:
        """Those that may end."""
        return [hold for hold in self._now.values() if hold is not None]

    def is_behind(self, connection: Connection) -> bool:
        """Whether one was narrowed since it was read."""
        found = _newest(connection, list(self._now))
        return any(self._now[hold] != rest for hold, rest in found.items())

    def narrowed(self, books: Books, kept: Kept, tip: int) -> Narrowed:
        """Free what is kept back of a tip's shares, as far as it is still kept."""
        acts: list[Act] = []
        freed: dict[AccountRef, int] = {}
        rests: list[tuple[UUID, UUID | None]] = []
        for first, wanted in kept:
            state = books.holds.get(now) if (now := self._now[first]) is not None else None
            if state is None or state.ended is not None or state.amount_minor is None:
                continue
            if state.expires_at is not None and state.expires_at <= books.now:
                acts.append(Expire(state.hold))
                freed[state.account] = freed.get(state.account, 0) + state.amount_minor
                rests.append((first, None))
                continue
            part = min(wanted, state.amount_minor)
            rest = derived_id(first, f"return:{tip}") if part < state.amount_minor else None
            acts.append(Release(state.hold))
            if rest is not None:
                acts.append(Hold(rest, state.account, state.amount_minor - part, state.expires_at))
            freed[state.account] = freed.get(state.account, 0) + part
            rests.append((first, rest))
        return Narrowed(tuple(acts), freed, tuple(rests))

    def accepted(self, narrowed: Narrowed, entry: int) -> None:
        """From now on the rests are what is kept back."""
        self._now |= dict(narrowed.rests)
        self._rows += [{"hold": hold, "entry": entry, "rest": rest} for hold, rest in narrowed.rests]

    def write(self, connection: Connection) -> None:
        """What was narrowed."""
        if self._rows:
            connection.execute(insert(narrowed_holds), self._rows)


def _newest(connection: Connection, holds: Collection[UUID]) -> dict[UUID, UUID | None]:
    rows = connection.execute(_NEWEST, {"holds": list(holds)}) if holds else ()
    return {row.hold: row.rest for row in rows}
