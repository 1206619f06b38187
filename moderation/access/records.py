"""Writing and reading access records.

A record is written on the connection that reads what is protected, before anything of it leaves: when the
transaction does not commit, nobody saw anything.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from moderation.access.tables import access_records


class Access(NamedTuple):
    """One look or act: by whom (role:subject), what was done, to what (case:…, report:…)."""

    actor: str
    act: str
    object: str
    detail: str = ""


class AccessRecord(NamedTuple):
    """An access as it was recorded. ``number`` says in which order."""

    number: int
    at: datetime
    actor: str
    act: str
    object: str
    detail: str


class AccessPage(NamedTuple):
    """Some records, newest first, and the cursor of the page behind."""

    records: list[AccessRecord]
    next_cursor: int | None


def record(connection: Connection, actor: str, act: str, object: str, detail: str = "") -> None:
    """Write down one access, in the caller's transaction. The database's clock says when."""
    record_all(connection, (Access(actor, act, object, detail),))


def record_all(connection: Connection, accesses: Iterable[Access]) -> None:
    """The same for several, in one statement."""
    rows = [access._asdict() for access in accesses]
    if rows:
        connection.execute(insert(access_records), rows)


def access_page(
    connection: Connection,
    *,
    actor: str | None = None,
    object: str | None = None,
    before: int | None,
    limit: int,
) -> AccessPage:
    """What was looked at and done: by someone, to something, or by anyone to anything."""
    found = select(access_records).order_by(access_records.c.number.desc()).limit(limit + 1)
    if actor is not None:
        found = found.where(access_records.c.actor == actor)
    if object is not None:
        found = found.where(access_records.c.object == object)
    if before is not None:
        found = found.where(access_records.c.number < before)
    records = [AccessRecord(*row) for row in connection.execute(found)]
    is_more = len(records) > limit
    return AccessPage(records[:limit], records[limit - 1].number if is_more else None)
