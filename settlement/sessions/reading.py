"""Reading sessions: when each streamer was live, and the quality mark of it."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Text, and_, any_, literal, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from ledger.instants import instant_of
from settlement.sessions.tables import facts, session_ends, sessions


class Session(NamedTuple):
    """One live session (场次), from one instant up to another; ``closed_at`` is None while it is open.

    ``quality_bps`` is its newest quality mark, in ten-thousandths; 0 when none was given.
    """

    session: UUID
    opened_at: int
    closed_at: int | None
    quality_bps: int


def sessions_of(
    connection: Connection, streamers: Collection[str], upto_seq: int
) -> dict[str, list[Session]]:
    """The sessions of these streamers in the order of time, as they stood at a number of the journal.

    A streamer who had none is left out. No two sessions of a streamer overlap.
    """
    mark = (
        select(facts.c.value)
        .where(facts.c.session == sessions.c.session)
        .where(facts.c.metric == "quality_bps", facts.c.entry <= upto_seq)
        .order_by(facts.c.entry.desc())
        .limit(1)
        .lateral("mark")
    )
    end = and_(session_ends.c.session == sessions.c.session, session_ends.c.entry <= upto_seq)
    query = (
        select(
            sessions.c.streamer,
            sessions.c.session,
            sessions.c.opened_at,
            session_ends.c.closed_at,
            mark.c.value,
        )
        .select_from(sessions)
        .outerjoin(session_ends, end)
        .outerjoin(mark, true())
        .where(
            sessions.c.streamer == any_(literal(list(streamers), ARRAY(Text))), sessions.c.entry <= upto_seq
        )
        .order_by(sessions.c.streamer, sessions.c.opened_at, sessions.c.entry)
    )
    found: dict[str, list[Session]] = {}
    for row in connection.execute(query):
        closed_at = instant_of(row.closed_at) if row.closed_at else None
        found.setdefault(row.streamer, []).append(
            Session(row.session, instant_of(row.opened_at), closed_at, row.value or 0)
        )
    return found


def began_at(connection: Connection, ids: Collection[UUID]) -> dict[UUID, int]:
    """When these sessions were opened, those that were: an instant each."""
    if not ids:
        return {}
    rows = connection.execute(
        select(sessions.c.session, sessions.c.opened_at).where(sessions.c.session.in_(ids))
    )
    return {row.session: instant_of(row.opened_at) for row in rows}
