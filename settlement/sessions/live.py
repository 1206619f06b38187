"""Sessions as a batch sees them: those it needs of the books, moved on by what it accepts."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.instants import datetime_of, instant_of

_FOREVER = 2**62

_SESSIONS = text("""
SELECT s.session, s.entry, s.streamer, s.tags, s.opened_at, e.closed_at
FROM settlement.sessions AS s
LEFT JOIN settlement.session_ends AS e ON e.session = s.session
WHERE s.session = ANY (:named)
   OR s.session IN (
        SELECT last.session
        FROM unnest(CAST(:streamers AS text[])) AS of (streamer)
        JOIN LATERAL (SELECT l.session FROM settlement.sessions AS l WHERE l.streamer = of.streamer
                      ORDER BY l.opened_at DESC, l.entry DESC LIMIT 1) AS last ON true)
   OR s.session IN (
        SELECT i.session
        FROM unnest(CAST(:watched AS text[]), CAST(:since AS timestamptz[]), CAST(:until AS timestamptz[]))
             AS of (streamer, since, until)
        JOIN settlement.sessions AS i ON i.streamer = of.streamer AND i.opened_at < of.until
        LEFT JOIN settlement.session_ends AS ie ON ie.session = i.session
        WHERE ie.closed_at IS NULL OR ie.closed_at > of.since)
""")

_FACTS = text("""
SELECT DISTINCT ON (f.session, f.metric) f.session, f.metric, f.value, f.entry
FROM settlement.facts AS f
WHERE f.session = ANY (:sessions)
ORDER BY f.session, f.metric, f.entry DESC
""")


class Measured(NamedTuple):
    """The newest fact of a metric, and its entry."""

    value: int
    entry: int


@dataclass(slots=True)
class Live:
    """One session, from ``opened_at`` up to ``closed_at`` (None: still on the air)."""

    session: UUID
    entry: int
    streamer: str
    tags: frozenset[str]
    opened_at: int
    closed_at: int | None = None
    facts: dict[str, Measured] = field(default_factory=dict)

    def is_on_in(self, since: int, until: int) -> bool:
        """Whether any of it lies in that stretch of time."""
        return self.opened_at < until and (self.closed_at is None or self.closed_at > since)


class LiveSessions:
    """The sessions a batch needs. Say first what is needed, then :meth:`load` it under the locks."""

    def __init__(self) -> None:
        self._named: set[UUID] = set()
        self._latest_of: set[str] = set()
        self._watched: dict[str, tuple[int, int]] = {}
        self._known: dict[UUID, Live] = {}
        self._of: dict[str, list[Live]] = {}

    def need(self, *sessions: UUID) -> None:
        """These sessions will be asked for."""
        self._named.update(sessions)

    def need_latest(self, streamer: str) -> None:
        """The latest session of a streamer will be asked for."""
        self._latest_of.add(streamer)

    def need_between(self, streamer: str, since: int, until: int) -> None:
        """The sessions of a streamer in a stretch of time will be asked for, with their facts."""
        first, last = self._watched.get(streamer, (_FOREVER, -_FOREVER))
        self._watched[streamer] = min(first, since), max(last, until)

    def load(self, connection: Connection) -> None:
        """Read what is needed: two statements, whatever its size, or none."""
        if not (self._named or self._latest_of or self._watched):
            return
        needed: dict[str, Any] = {
            "named": list(self._named),
            "streamers": list(self._latest_of),
            "watched": list(self._watched),
            "since": [datetime_of(since) for since, _ in self._watched.values()],
            "until": [datetime_of(until) for _, until in self._watched.values()],
        }
        for row in connection.execute(_SESSIONS, needed):
            closed_at = instant_of(row.closed_at) if row.closed_at else None
            self.add(
                Live(
                    row.session,
                    row.entry,
                    row.streamer,
                    frozenset(row.tags),
                    instant_of(row.opened_at),
                    closed_at,
                )
            )
        watched = [live.session for live in self._known.values() if live.streamer in self._watched]
        for row in connection.execute(_FACTS, {"sessions": watched}) if watched else ():
            self._known[row.session].facts[row.metric] = Measured(row.value, row.entry)

    def add(self, live: Live) -> None:
        """A session, read or just opened."""
        self._known[live.session] = live
        self._of.setdefault(live.streamer, []).append(live)

    def get(self, session: UUID) -> Live | None:
        """The session, if it is there."""
        return self._known.get(session)

    def latest_of(self, streamer: str) -> Live | None:
        """The last session of a streamer in the order of time."""
        return max(self._of.get(streamer, ()), key=_order, default=None)

    def between(self, streamer: str, since: int, until: int) -> list[Live]:
        """The sessions of a streamer that were on in a stretch of time, in their order."""
        return sorted(
            (live for live in self._of.get(streamer, ()) if live.is_on_in(since, until)), key=_order
        )


def reached(metric: str, sessions: Iterable[Live]) -> int:
    """What sessions come to, by their newest facts: how many there are, or the sum of the metric."""
    counted: Collection[Live] = list(sessions)
    if metric == "sessions":
        return len(counted)
    return sum(live.facts[metric].value for live in counted if metric in live.facts)


def _order(live: Live) -> tuple[int, int]:
    return live.opened_at, live.entry
