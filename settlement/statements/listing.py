"""Lists of statements: what each came to, and whether it can still be objected to. Documents stay unread."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select, text

from ledger.kernel.posted import posted_instant
from settlement.objections.tables import objection_answers, objections
from settlement.objections.window import heard_until
from settlement.policies.versions import versions
from settlement.tables import runs, statements

_HELD = text("""
SELECT h.entry, sum(h.amount_minor)::bigint AS minor
FROM ledger.accounts AS a JOIN ledger.hold_acts AS h ON h.account = a.id AND h.act = 'placed'
WHERE a.kind = 'earnings' AND a.owner = :streamer AND h.entry = ANY (:entries)
  AND h.seq >= :first AND h.seq < (CAST(:last AS bigint) / 256 + 1) * 256
GROUP BY h.entry
""")


class Standing(StrEnum):
    """Whether a statement is settled between the two sides. Gap G22."""

    OPEN = "open"
    OBJECTED = "objected"
    FINAL = "final"


class Listed(NamedTuple):
    """A statement in a list: coins, and fen. ``number`` is the cursor behind it; times are instants.

    Objections are heard until ``heard_until``.
    """

    number: int
    statement: UUID
    run: UUID
    period: str
    issued_at: int
    coins: int
    gift_share_minor: int
    guild_share_minor: int
    platform_share_minor: int
    accruals_minor: int
    held_minor: int
    sha256: bytes | None
    heard_until: int
    standing: Standing

    @property
    def credited_minor(self) -> int:
        """What the streamer's earnings grew by, fen."""
        return self.gift_share_minor + self.accruals_minor


class ListPage(NamedTuple):
    """Some statements, newest first, and where the next page begins; None when these were the last."""

    statements: list[Listed]
    next_cursor: int | None


def statement_page(
    connection: Connection, streamer: str, at: int, *, before: int | None = None, limit: int = 50
) -> ListPage:
    """A page of a streamer's statements as they stand at an instant; ``before`` is the cursor before it."""
    asked = (
        select(
            statements.c.entry,
            statements.c.statement,
            statements.c.run,
            runs.c.period,
            statements.c.coins,
            statements.c.gift_share_minor,
            statements.c.guild_share_minor,
            statements.c.platform_share_minor,
            statements.c.accruals_minor,
            statements.c.sha256,
        )
        .join(runs, runs.c.run == statements.c.run)
        .where(statements.c.streamer == streamer)
        .order_by(statements.c.entry.desc())
        .limit(limit + 1)
    )
    if before is not None:
        asked = asked.where(statements.c.entry < before)
    rows = connection.execute(asked).all()
    published = versions(connection)
    objected = unanswered(connection, [row.statement for row in rows])
    held = _held(connection, streamer, [row.entry for row in rows])
    found = []
    for row in rows[:limit]:
        until = heard_until(row.entry, published)
        standing = standing_of(until, at, is_objected=row.statement in objected)
        found.append(
            Listed(
                *row[:4],
                posted_instant(row.entry),
                *row[4:9],
                held.get(row.entry, 0),
                row.sha256,
                until,
                standing,
            )
        )
    return ListPage(found, found[-1].number if len(rows) > limit else None)


def _held(connection: Connection, streamer: str, entries: Sequence[int]) -> dict[int, int]:
    """What each entry held back of the streamer's own earnings: a guild's is not on this list."""
    if not entries:
        return {}
    asked = {"streamer": streamer, "entries": entries, "first": min(entries), "last": max(entries)}
    return {row.entry: row.minor for row in connection.execute(_HELD, asked)}


def standing_of(until: int, at: int, *, is_objected: bool) -> Standing:
    """How a statement stands: an objection made in time keeps it from being final until it is answered."""
    if is_objected:
        return Standing.OBJECTED
    return Standing.OPEN if at < until else Standing.FINAL


def unanswered(connection: Connection, statements: Sequence[UUID]) -> set[UUID]:
    """Those of the statements to which an objection waits for its answer."""
    waiting = (
        select(objections.c.statement)
        .outerjoin(objection_answers, objection_answers.c.objection == objections.c.objection)
        .where(objections.c.statement.in_(statements), objection_answers.c.objection.is_(None))
    )
    return set(connection.scalars(waiting))
