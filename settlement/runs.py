"""Settlement runs (结算批次): every streamer once, in batches, one commit each.

A run can be killed anywhere and started again: how far it came is committed with what it settled, and each
part has an id derived from the run, so the second start finishes it with the same result. It checks the
books before it begins, and its statements against them before it ends.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, func, select, update

from ledger.instants import instant_of
from ledger.journal.commands import derived_id
from ledger.journal.journal import Journal
from ledger.journal.tables import accounts
from settlement.checking import check_books, check_run, wait_for_writers
from settlement.commands import SettleStreamer
from settlement.tables import runs

STREAMERS_A_BATCH = 2_000


class Progress(NamedTuple):
    """How many streamers of a run are done, and how many there are."""

    done: int
    streamers: int


def unfinished_runs(connection: Connection) -> list[UUID]:
    """The runs that were accepted and not finished, oldest first."""
    return list(
        connection.scalars(select(runs.c.run).where(runs.c.finished_at.is_(None)).order_by(runs.c.entry))
    )


def carry_out(journal: Journal, run: UUID) -> Iterator[Progress]:
    """Settle every streamer of a run, yielding after each batch. One finished before has none left.

    Raises :class:`SelfCheckFailed`; what was settled until then stands, and the run is not finished.
    """
    with journal.engine.connect() as connection:
        if connection.scalar(select(runs.c.finished_at).where(runs.c.run == run)) is not None:
            return
        wait_for_writers(connection)
        check_books(connection)
        total = connection.scalar(select(func.count()).where(accounts.c.kind == "gifts")) or 0
    done = 0
    while (
        settled := journal.transact(lambda connection: _settle_batch(journal, connection, run))
    ) is not None:
        done += settled
        yield Progress(done, total)


def finish(journal: Journal, run: UUID) -> None:
    """Carry out a run to its end."""
    for _ in carry_out(journal, run):
        pass


def _settle_batch(journal: Journal, connection: Connection, run: UUID) -> int | None:
    """The next batch of streamers, in one commit with how far the run came; None once it is finished."""
    state = connection.execute(select(runs).where(runs.c.run == run).with_for_update()).one()
    if state.finished_at is not None:
        return None
    streamers = _streamers_behind(connection, state.settled_to)
    if streamers:
        outcomes = journal.decide_in(connection, _parts_of(state, streamers))
        assert not any(outcome.refusal for outcome in outcomes), "nobody is shut out of a run"
        progress: dict[str, object] = {"settled_to": streamers[-1]}
    else:
        check_run(connection, run)
        progress = {"finished_at": datetime.now(UTC)}
    connection.execute(update(runs).where(runs.c.run == run).values(progress))
    return len(streamers)


def _streamers_behind(connection: Connection, settled_to: str | None) -> list[str]:
    query = select(accounts.c.owner).where(accounts.c.kind == "gifts")
    if settled_to is not None:
        query = query.where(accounts.c.owner > settled_to)
    return list(connection.scalars(query.order_by(accounts.c.owner).limit(STREAMERS_A_BATCH)))


def _parts_of(state: Row[tuple[object, ...]], streamers: Sequence[str]) -> list[SettleStreamer]:
    run, actor, through, share_bps = state.run, state.actor, state.through, state.share_bps
    occurred_at = instant_of(state.occurred_at)
    return [
        SettleStreamer(
            derived_id(run, f"settlement:{streamer}"),
            actor,
            occurred_at,
            occurred_at,
            run,
            streamer,
            through,
            share_bps,
        )
        for streamer in streamers
    ]
