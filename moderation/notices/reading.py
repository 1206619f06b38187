"""The inbox of a party: what arrived, newest first, and whether it was read."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from ledger.instants import datetime_of
from moderation.notices.tables import deliveries, notice_reads, notices


class InboxNotice(NamedTuple):
    """A notice as its party sees it."""

    number: int
    notice: UUID
    kind: str
    case: str | None
    text: str
    written_at: datetime
    read_at: datetime | None


class InboxPage(NamedTuple):
    """Some notices, newest first, how many of all are unread, and the cursor of the page behind."""

    notices: list[InboxNotice]
    unread: int
    next_cursor: int | None


_ARRIVED = (
    select(
        notices.c.number,
        notices.c.notice,
        notices.c.kind,
        notices.c.case,
        notices.c.text,
        notices.c.written_at,
        notice_reads.c.read_at,
    )
    .join(deliveries, (deliveries.c.notice == notices.c.notice) & deliveries.c.failure.is_(None))
    .outerjoin(notice_reads, notice_reads.c.notice == notices.c.notice)
)


def inbox(connection: Connection, party: str, *, before: int | None, limit: int) -> InboxPage:
    """A page of what arrived at a party."""
    theirs = _ARRIVED.where(notices.c.party == party)
    page = theirs.order_by(notices.c.number.desc()).limit(limit + 1)
    if before is not None:
        page = page.where(notices.c.number < before)
    found = [InboxNotice(*row) for row in connection.execute(page)]
    unread = theirs.where(notice_reads.c.read_at.is_(None)).subquery()
    count = connection.execute(select(func.count()).select_from(unread)).scalar_one()
    return InboxPage(found[:limit], count, found[limit - 1].number if len(found) > limit else None)


def read_notice(connection: Connection, party: str, notice: UUID, at: int) -> InboxNotice | None:
    """A notice of that party's, read at an instant: the first time counts. None if there is none such."""
    of_party = _ARRIVED.where(notices.c.party == party, notices.c.notice == notice)
    if connection.execute(of_party).first() is None:
        return None
    connection.execute(
        insert(notice_reads).values(notice=notice, read_at=datetime_of(at)).on_conflict_do_nothing()
    )
    return InboxNotice(*connection.execute(of_party).one())
