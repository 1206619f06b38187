"""Playing an event file into the books, in batches, in the file's order.

The next batch is read and parsed while the current one is committed. A `settle` is a barrier: what stands
before it is decided first, its run is carried out, and only then the file goes on. Nothing here remembers
how far it came: a run that was cut short is resumed by playing the file again, since what was decided then
is answered from the books.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import BinaryIO, NamedTuple, TypeVar
from uuid import UUID

from api.event_file import Malformed, command_of, lines_of
from ledger.journal.commands import Command
from ledger.journal.expiry import expire
from ledger.journal.journal import Journal
from settlement.commands import Settle
from settlement.runs import finish, unfinished_runs

LARGEST_BATCH = 1_000

T = TypeVar("T")


class RefusedEvent(NamedTuple):
    """An event that the books said no to, and the line it stands in."""

    line: int
    id: UUID
    code: str


class MalformedLine(NamedTuple):
    """A line that is no event, and why."""

    line: int
    reason: str


@dataclass
class Tally:
    """What came of the events of a file: each is accepted or refused; some of both were decided before."""

    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    malformed: int = 0

    @property
    def events(self) -> int:
        """All lines that were events."""
        return self.accepted + self.refused.total()


class Played(NamedTuple):
    """What came of the next few lines, in file order, and how many bytes they took."""

    refused: list[RefusedEvent]
    malformed: list[MalformedLine]
    size_bytes: int


@dataclass
class _Batch:
    lines: list[int]
    commands: list[Command]
    malformed: list[MalformedLine]
    size_bytes: int = 0

    @property
    def ends_with_settle(self) -> bool:
        return bool(self.commands) and isinstance(self.commands[-1], Settle)


def replay(
    journal: Journal, file: BinaryIO, tally: Tally, *, largest_batch: int = LARGEST_BATCH
) -> Iterator[Played]:
    """Play a file of events, batch by batch; ``tally`` is kept up to date.

    Holds that are overdue expire first, and settlement runs that were left unfinished are finished. Raises
    ``TryAgain``, ``DatabaseUnavailable`` or the file's ``OSError``; what was yielded then stays decided.
    """
    expire(journal)
    with journal.engine.connect() as connection:
        unfinished = unfinished_runs(connection)
    for run in unfinished:
        finish(journal, run)
    for batch in _made_ahead(_batches(file, largest_batch)):
        yield _play(journal, batch, tally)


def _play(journal: Journal, batch: _Batch, tally: Tally) -> Played:
    refused: list[RefusedEvent] = []
    outcomes = journal.decide(batch.commands) if batch.commands else []
    for line, outcome in zip(batch.lines, outcomes, strict=True):
        tally.repeated += outcome.replayed
        if outcome.refusal is None:
            tally.accepted += 1
        else:
            refused.append(RefusedEvent(line, outcome.id, outcome.refusal.code))
            tally.refused[outcome.refusal.code] += 1
    tally.malformed += len(batch.malformed)
    # Decided before is not carried out: the run may have been cut short.
    if batch.ends_with_settle and outcomes[-1].refusal is None:
        finish(journal, outcomes[-1].id)
    return Played(refused, batch.malformed, batch.size_bytes)


def _batches(file: BinaryIO, largest: int) -> Iterator[_Batch]:
    """The lines of a file in batches, each with at most one `settle`, at its end."""
    batch = _Batch([], [], [])
    for line in lines_of(file):
        batch.size_bytes += line.size_bytes
        try:
            if line.content is None:
                raise Malformed("longer than 64 KiB")
            command = command_of(line.content)
        except Malformed as reason:
            batch.malformed.append(MalformedLine(line.number, str(reason)))
        else:
            batch.lines.append(line.number)
            batch.commands.append(command)
        if len(batch.commands) + len(batch.malformed) >= largest or batch.ends_with_settle:
            yield batch
            batch = _Batch([], [], [])
    yield batch


def _made_ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, each made by a thread while the one before it is used."""
    wanted: SimpleQueue[bool] = SimpleQueue()
    made: SimpleQueue[Future[T]] = SimpleQueue()

    def make() -> None:
        while wanted.get():
            future: Future[T] = Future()
            try:
                future.set_result(next(items))
            except BaseException as end:  # noqa: BLE001 (the end of the items, too, is told to who waits)
                future.set_exception(end)
            made.put(future)

    # A daemon: a thread that waits for a terminal or a pipe must not keep an interrupted process alive.
    threading.Thread(target=make, name="read-ahead", daemon=True).start()
    wanted.put(True)
    try:
        while True:
            try:
                item = made.get().result()
            except StopIteration:
                return
            wanted.put(True)
            yield item
    finally:
        wanted.put(False)
