"""Reading settlement: how far a run came, and the statements a streamer got."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, func, select, text

from ledger.instants import instant_of
from ledger.journal.tables import accounts
from settlement.tables import runs, statements


class NoSuchRun(LookupError):
    """No settlement run has that id."""


class RunState(NamedTuple):
    """A run and what it has settled so far, in coins and fen. ``finished_at`` is None until it is."""

    run: UUID
    period: str
    through: date
    share_bps: int | None
    occurred_at: int
    finished_at: int | None
    streamers_done: int
    streamers: int
    statements: int
    coins: int
    gift_share_minor: int
    platform_share_minor: int
    accruals_minor: int
    guild_share_minor: int
    held_minor: int


class Statement(NamedTuple):
    """What one run settled for one streamer: coins, and fen. ``number`` is the cursor behind it."""

    number: int
    statement: UUID
    run: UUID
    period: str
    through: date
    share_bps: int | None
    coins: int
    gift_share_minor: int
    platform_share_minor: int
    accruals_minor: int
    guild_share_minor: int
    held_minor: int


class NotSettled(NamedTuple):
    """What a run left of an account (gifts, in coins; accruals, in fen), why, and of how many streamers."""

    account: str
    reason: str
    streamers: int
    minor: int


_NOT_SETTLED = text("""
SELECT item ->> 'account' AS account, item ->> 'reason' AS reason, count(*) AS streamers,
       sum((item ->> 'minor')::bigint)::bigint AS minor
FROM settlement.statements AS s,
     jsonb_array_elements(convert_from(s.document, 'UTF8')::jsonb -> 'not_settled') AS item
WHERE s.run = :run
GROUP BY 1, 2 ORDER BY 1 DESC, 2
""")


class StatementPage(NamedTuple):
    """Some statements, newest first, and where the next page begins; None when these were the last."""

    statements: list[Statement]
    next_cursor: int | None


def run_state(connection: Connection, run: UUID) -> RunState:
    """How far a run came. Raises :class:`NoSuchRun`."""
    row = connection.execute(select(runs).where(runs.c.run == run)).first()
    if row is None:
        raise NoSuchRun(str(run))
    streamers = select(func.count()).where(accounts.c.kind == "gifts")
    total = connection.execute(streamers).scalar_one()
    if row.finished_at is not None:
        done = total
    elif row.settled_to is None:
        done = 0
    else:
        done = connection.execute(streamers.where(accounts.c.owner <= row.settled_to)).scalar_one()
    sums = [
        func.coalesce(func.sum(column), 0)
        for column in (
            statements.c.coins,
            statements.c.gift_share_minor,
            statements.c.platform_share_minor,
            statements.c.accruals_minor,
            statements.c.guild_share_minor,
            statements.c.held_minor,
        )
    ]
    count, *amounts = connection.execute(select(func.count(), *sums).where(statements.c.run == run)).one()
    return RunState(
        row.run,
        row.period,
        row.through,
        row.share_bps,
        instant_of(row.occurred_at),
        instant_of(row.finished_at) if row.finished_at else None,
        done,
        total,
        count,
        *map(int, amounts),
    )


def not_settled(connection: Connection, run: UUID) -> list[NotSettled]:
    """What the statements of a run say was not settled. Who had nothing at all has no statement."""
    return [NotSettled(*row) for row in connection.execute(_NOT_SETTLED, {"run": run})]


def statements_of(
    connection: Connection, streamer: str, *, before: int | None = None, limit: int = 50
) -> StatementPage:
    """A page of a streamer's statements, newest first; ``before`` is the cursor of the page before it."""
    query = (
        select(statements, runs.c.period, runs.c.through, runs.c.share_bps)
        .join(runs, runs.c.run == statements.c.run)
        .where(statements.c.streamer == streamer)
        .order_by(statements.c.entry.desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(statements.c.entry < before)
    found = [
        Statement(
            row.entry,
            row.statement,
            row.run,
            row.period,
            row.through,
            row.share_bps,
            row.coins,
            row.gift_share_minor,
            row.platform_share_minor,
            row.accruals_minor,
            row.guild_share_minor,
            row.held_minor,
        )
        for row in connection.execute(query)
    ]
    page = found[:limit]
    return StatementPage(page, page[-1].number if len(found) > limit else None)


def run_of_period(connection: Connection, name: str) -> UUID | None:
    """The run that was accepted for a period of that name, if there is one."""
    found: UUID | None = connection.scalar(
        select(runs.c.run).where(runs.c.period == name, runs.c.first.is_not(None))
    )
    return found
