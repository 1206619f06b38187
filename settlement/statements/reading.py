"""Reading statements: one, or a page of a streamer's."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, select

from settlement.tables import runs, statements


class NoSuchStatement(LookupError):
    """No statement has that id."""


class StoredStatement(NamedTuple):
    """A statement as it was issued. ``document`` is None for one older than documents."""

    statement: UUID
    run: UUID
    streamer: str
    entry: int
    period: str
    document: bytes | None
    sha256: bytes | None


_COLUMNS = (
    statements.c.statement,
    statements.c.run,
    statements.c.streamer,
    statements.c.entry,
    runs.c.period,
    statements.c.document,
    statements.c.sha256,
)
_ASKED = select(*_COLUMNS).join(runs, runs.c.run == statements.c.run)


def statement(connection: Connection, id: UUID) -> StoredStatement:
    """The statement of that id. Raises :class:`NoSuchStatement`."""
    row = connection.execute(_ASKED.where(statements.c.statement == id)).first()
    if row is None:
        raise NoSuchStatement(f"there is no statement {id}")
    return _stored(row)


def stored_statements(
    connection: Connection, streamer: str, *, before: int | None = None, limit: int = 50
) -> list[StoredStatement]:
    """A streamer's statements, newest first, those of entries below ``before``."""
    asked = _ASKED.where(statements.c.streamer == streamer)
    if before is not None:
        asked = asked.where(statements.c.entry < before)
    return [
        _stored(row) for row in connection.execute(asked.order_by(statements.c.entry.desc()).limit(limit))
    ]


def _stored(row: Row[*tuple[Any, ...]]) -> StoredStatement:
    return StoredStatement(*row)
