"""Proving statements: made again from the journal, they are the same bytes. Invariant I7, LIVE-EARN-6."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, func, select

from settlement.statements.recompute import recompute
from settlement.tables import statements


class Proof(NamedTuple):
    """A statement made again, and whether it came out as it was issued."""

    statement: UUID
    streamer: str
    is_same: bool


def how_many(connection: Connection) -> int:
    """How many statements there are that have a document."""
    return connection.scalar(select(func.count()).where(statements.c.document.is_not(None))) or 0


def proofs(connection: Connection, at_most: int | None = None) -> Iterator[Proof]:
    """Every statement made again, or as many as asked for, chosen at random."""
    asked = select(statements.c.statement, statements.c.streamer).where(statements.c.document.is_not(None))
    asked = (
        asked.order_by(statements.c.entry)
        if at_most is None
        else asked.order_by(func.random()).limit(at_most)
    )
    for id, streamer in connection.execute(asked).all():
        issued = connection.scalar(select(statements.c.document).where(statements.c.statement == id))
        yield Proof(id, streamer, recompute(connection, id) == issued)
