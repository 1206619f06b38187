"""Processes that post to the same books at the same moment."""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager
from multiprocessing.synchronize import Barrier
from typing import NamedTuple, Self, TypeVar

from sqlalchemy import Connection

from api.wiring import desks
from ledger.database import Database, Login
from ledger.journal.commands import Command, Outcome
from ledger.journal.journal import Journal

PROCESSES = 5
_PATIENCE_SECONDS = 120

Batches = Sequence[Sequence[Command]]
T = TypeVar("T")

_together: Barrier


class Told(NamedTuple):
    """What one process was told: an outcome for each command, and how many transactions that took."""

    outcomes: list[Outcome]
    transactions: int


class _CountingJournal(Journal):
    """The journal, counting how often it had to run a transaction."""

    transactions = 0

    def transact(self, work: Callable[[Connection], T]) -> T:
        def counted(connection: Connection) -> T:
            self.transactions += 1
            return work(connection)

        return super().transact(counted)


class Posters(AbstractContextManager["Posters"]):
    """So many processes, started once, that post whenever they are told to."""

    def __init__(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(PROCESSES, spawn, _remember, (spawn.Barrier(PROCESSES),))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def post(self, database: Database, batches_of: Sequence[Batches]) -> list[Told]:
        """Each process posts its batches, in order, all starting together; what each was told.

        Raises whatever reached a caller in one of the processes.
        """
        assert len(batches_of) == PROCESSES
        login = database.app_login
        running = [
            self._pool.submit(_post, login.parameters, login.acts_as, batches) for batches in batches_of
        ]
        return [future.result(_PATIENCE_SECONDS) for future in running]


def _remember(together: Barrier) -> None:
    global _together  # noqa: PLW0603 - a barrier reaches another process only when that starts
    _together = together


def _post(parameters: dict[str, str], acts_as: str | None, batches: Batches) -> Told:
    login = Login(parameters, acts_as)
    database = Database(login, login, is_embedded=False)
    journal = _CountingJournal(database.app, desks())
    try:
        with database.app.connect():
            _together.wait(_PATIENCE_SECONDS)
        outcomes = [outcome for batch in batches for outcome in journal.decide(batch)]
    finally:
        database.dispose()
    return Told(outcomes, journal.transactions)
