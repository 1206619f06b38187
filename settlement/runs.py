"""Settlement runs (结算批次): every streamer once, in batches, one commit each.

A run can be killed anywhere and started again: how far it came is committed with what it settled, and each
part has an id derived from the run, so the second start finishes it with the same result. It checks the
books before it begins, and its statements against them before it ends.

While one batch is decided and written, what the next received is read already. Only then it waits for the
one before: batches lock and commit in the order of their streamers.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from time import sleep
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, func, select, update

from ledger.instants import instant_of
from ledger.journal.commands import derived_id
from ledger.journal.journal import Journal
from ledger.journal.tables import accounts
from settlement.checking import check_books, check_run, wait_for_writers
from settlement.commands import SettleStreamer
from settlement.tables import runs

STREAMERS_A_BATCH = 1_000
_BATCHES_AT_ONCE = 2
#: How long a process leaves a run alone that another one carries out.
PAUSE_SECONDS = 0.5


class Progress(NamedTuple):
    """How many streamers of a run are done, and how many there are."""

    done: int
    streamers: int


class _Overtaken(Exception):
    """Another process carries out the same run, and was faster."""


class _Batch(NamedTuple):
    """Some streamers of a run, in order, and the last of the batch before."""

    behind: str | None
    streamers: Sequence[str]


def unfinished_runs(connection: Connection) -> list[UUID]:
    """The runs that were accepted and not finished, oldest first."""
    return list(
        connection.scalars(select(runs.c.run).where(runs.c.finished_at.is_(None)).order_by(runs.c.entry))
    )


def carry_out(journal: Journal, run: UUID) -> Iterator[Progress]:
    """Settle every streamer of a run, telling first how far it came, then after each batch.

    Two processes may do so at once: one of them gets ahead, and the other looks now and then.

    Raises :class:`SelfCheckFailed`; what was settled until then stands, and the run is not finished.
    """
    with journal.engine.connect() as connection:
        if _state(connection, run).finished_at is not None:
            return
        wait_for_writers(connection)
        check_books(connection)
    while True:
        try:
            yield from _settle_rest(journal, run)
        except _Overtaken:
            sleep(PAUSE_SECONDS)
            continue
        if journal.transact(lambda connection: _is_finished(connection, run)):
            return


def finish(journal: Journal, run: UUID) -> None:
    """Carry out a run to its end."""
    for _ in carry_out(journal, run):
        pass


def _settle_rest(journal: Journal, run: UUID) -> Iterator[Progress]:
    """Settle the streamers that are left. Raises :class:`_Overtaken`."""
    with journal.engine.connect() as connection:
        state = _state(connection, run)
        streamers = select(func.count()).where(accounts.c.kind == "gifts")
        total = connection.scalar(streamers) or 0
        done = connection.scalar(streamers.where(accounts.c.owner <= (state.settled_to or ""))) or 0
    yield Progress(done, total)
    with ThreadPoolExecutor(_BATCHES_AT_ONCE, "settling") as threads:
        before: Future[int] | None = None
        for batch in _batches(journal, state.settled_to):
            begun = threads.submit(_settle, journal, state, batch, before)
            if before is not None:
                done += before.result()
                yield Progress(done, total)
            before = begun
        if before is not None:
            done += before.result()
            yield Progress(done, total)


def _settle(journal: Journal, state: Row[Any], batch: _Batch, before: Future[int] | None) -> int:
    """Settle a batch, behind the one before, in one commit with how far the run came. How many they are."""
    parts = _parts_of(state, batch.streamers)

    def work(connection: Connection) -> int:
        opened = journal.open(connection, parts)
        if before is not None:
            before.result()
        if _state(connection, state.run, locked=True).settled_to != batch.behind:
            raise _Overtaken
        outcomes = journal.decide_opened(connection, opened)
        assert not any(outcome.refusal for outcome in outcomes), "nobody is shut out of a run"
        progress = {"settled_to": batch.streamers[-1]}
        connection.execute(update(runs).where(runs.c.run == state.run).values(progress))
        return len(parts)

    return journal.transact(work)


def _is_finished(connection: Connection, run: UUID) -> bool:
    """Finish a run of which nobody is left: whether it is so."""
    state = _state(connection, run, locked=True)
    if state.finished_at is None:
        if _streamers_behind(connection, state.settled_to):
            return False
        check_run(connection, run)
        connection.execute(update(runs).where(runs.c.run == run).values(finished_at=datetime.now(UTC)))
    return True


def _state(connection: Connection, run: UUID, *, locked: bool = False) -> Row[Any]:
    query = select(runs).where(runs.c.run == run)
    return connection.execute(query.with_for_update() if locked else query).one()


def _batches(journal: Journal, settled_to: str | None) -> Iterator[_Batch]:
    behind = settled_to
    while True:
        with journal.engine.connect() as connection:
            streamers = _streamers_behind(connection, behind)
        if not streamers:
            return
        yield _Batch(behind, streamers)
        behind = streamers[-1]


def _streamers_behind(connection: Connection, settled_to: str | None) -> list[str]:
    query = select(accounts.c.owner).where(accounts.c.kind == "gifts")
    if settled_to is not None:
        query = query.where(accounts.c.owner > settled_to)
    return list(connection.scalars(query.order_by(accounts.c.owner).limit(STREAMERS_A_BATCH)))


def _parts_of(state: Row[Any], streamers: Sequence[str]) -> list[SettleStreamer]:
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
