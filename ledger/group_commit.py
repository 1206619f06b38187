"""Group commit: commands that arrive while a batch is committing share the next one.

One writer thread takes whatever waits, up to a batch, and has the journal decide it: the cost of a tip falls
as load rises. Nothing is acknowledged before its commit is durable.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from time import perf_counter
from typing import Protocol, Self

import structlog

from ledger.journal.commands import Busy, Command, Outcome, Undecided
from ledger.journal.journal import Journal

LARGEST_BATCH = 1_000
QUEUE_BOUND = 20_000
#: How long the next batch may wait to become as large as the last, as a part of the time that one took.
PATIENCE = 0.25

_log = structlog.get_logger(__name__)


class Observer(Protocol):
    """Is told of every batch that was committed: how many commands, how long it took, what was decided."""

    def committed(self, outcomes: Sequence[Outcome], seconds: float) -> None: ...


class CannotDecide(Exception):
    """This one command makes its batch fail in the database. It was not decided; the cause is logged."""


Answer = Outcome | Exception


class _Waiting:
    """Commands in the queue, and whom to tell what became of them."""

    __slots__ = ("commands", "future", "loop")

    def __init__(
        self,
        commands: Sequence[Command],
        future: "Future[list[Answer]] | asyncio.Future[list[Answer]]",
        loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        self.commands = commands
        self.future = future
        self.loop = loop


class GroupCommit:
    """The one door to the journal for commands that come one at a time, from threads or from coroutines."""

    def __init__(self, journal: Journal, observer: Observer | None = None) -> None:
        self._journal = journal
        self._observer = observer
        self._queue: deque[_Waiting] = deque()
        self._depth = 0
        self._changed = threading.Condition()
        self._closed = False
        self._wanted = 1
        self._patience_seconds = 0.0
        self._writer = threading.Thread(target=self._write, name="group-commit")
        self._writer.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def depth(self) -> int:
        """How many commands wait."""
        return self._depth

    @property
    def is_open(self) -> bool:
        """Whether commands are taken."""
        return not self._closed and self._writer.is_alive()

    def close(self) -> None:
        """Take no more commands, decide those that wait, and stop."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._writer.join()

    def decide(self, command: Command) -> Outcome:
        """Decide one command and wait for it. For threads.

        Raises :class:`Busy` when too many wait, :class:`TryAgain`, and :class:`CannotDecide`.
        """
        future: Future[list[Answer]] = Future()
        self._put(_Waiting((command,), future, None))
        return _only(future.result())

    async def decided(self, command: Command) -> Outcome:
        """The same for a coroutine."""
        return _only(await self.all_decided((command,)))

    async def all_decided(self, commands: Sequence[Command]) -> list[Answer]:
        """Decide commands in order, as one unit of a batch; an answer each, or the exception that met it."""
        if not commands:
            return []
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[Answer]] = loop.create_future()
        self._put(_Waiting(commands, future, loop))
        return await future

    def _put(self, waiting: _Waiting) -> None:
        with self._changed:
            if self._closed:
                raise Busy("the books are closing")
            if self._depth and self._depth + len(waiting.commands) > QUEUE_BOUND:
                raise Busy(f"{self._depth} commands wait already")
            self._queue.append(waiting)
            self._depth += len(waiting.commands)
            if self._depth >= self._wanted:
                self._changed.notify()

    def _write(self) -> None:
        while batch := self._next_batch():
            commands = [command for waiting in batch for command in waiting.commands]
            started = perf_counter()
            answers = self._decide(commands)
            self._patience_seconds = PATIENCE * (perf_counter() - started)
            seconds = perf_counter() - started
            _tell(batch, answers)
            self._observe([answer for answer in answers if isinstance(answer, Outcome)], seconds)

    def _observe(self, outcomes: Sequence[Outcome], seconds: float) -> None:
        """Tell the observer; whatever befalls it, the writer goes on."""
        if self._observer is None:
            return
        try:
            self._observer.committed(outcomes, seconds)
        except Exception as failure:  # noqa: BLE001 - nobody's answer depends on it
            _log.error("observer failed", exc_info=failure)

    def _next_batch(self) -> list[_Waiting]:
        """What waits, oldest first, up to the largest batch; empty once closed and drained."""
        with self._changed:
            if self._wanted > 1:
                self._changed.wait_for(self._worth_starting, self._patience_seconds)
            self._wanted = 1
            while not self._queue and not self._closed:
                self._changed.wait()
            batch: list[_Waiting] = []
            size = 0
            while self._queue and (not batch or size + len(self._queue[0].commands) <= LARGEST_BATCH):
                batch.append(self._queue.popleft())
                size += len(batch[-1].commands)
            self._depth -= size
            # Who was just answered is about to ask again: a moment's wait makes one batch of what would
            # be a small one and a large one.
            self._wanted = min(size, LARGEST_BATCH)
            return batch

    def _worth_starting(self) -> bool:
        return self._closed or self._depth >= self._wanted

    def _decide(self, commands: Sequence[Command]) -> list[Answer]:
        """Decide a batch; should it fail in the database, halve it until the one culprit fails alone."""
        try:
            return list(self._journal.decide(commands))
        except Undecided as undecided:
            return [undecided] * len(commands)
        except Exception as failure:  # noqa: BLE001 - whatever it is, only its command may suffer
            if len(commands) == 1:
                _log.error("command cannot be decided", command=str(commands[0].id), exc_info=failure)
                return [CannotDecide(str(commands[0].id))]
            half = len(commands) // 2
            return self._decide(commands[:half]) + self._decide(commands[half:])


def _only(answers: list[Answer]) -> Outcome:
    (answer,) = answers
    if isinstance(answer, Exception):
        raise answer
    return answer


def _tell(batch: Sequence[_Waiting], answers: Sequence[Answer]) -> None:
    """Resolve every future; those of an event loop by one call into it, whatever their number."""
    told: dict[asyncio.AbstractEventLoop | None, list[tuple[_Waiting, list[Answer]]]] = {}
    start = 0
    for waiting in batch:
        end = start + len(waiting.commands)
        told.setdefault(waiting.loop, []).append((waiting, list(answers[start:end])))
        start = end
    for loop, theirs in told.items():
        if loop is None:
            _resolve(theirs)
            continue
        # A loop that is gone took its callers with it; what was decided stays decided.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_resolve, theirs)


def _resolve(told: Sequence[tuple[_Waiting, list[Answer]]]) -> None:
    for waiting, answers in told:
        if not waiting.future.done():
            waiting.future.set_result(answers)
