"""Two processes that carry out the same settlement run at the same moment."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.synchronize import Barrier
from typing import Self
from uuid import UUID

from api.wiring import desks
from ledger.database import Database, Login
from ledger.journal.journal import Journal
from settlement import runs

SETTLERS = 2
#: So that there is much between two commits, and many chances to meet.
_STREAMERS_A_BATCH = 3
_PATIENCE_SECONDS = 120

_together: Barrier


class Settlers(AbstractContextManager["Settlers"]):
    """So many processes, started once, that carry out whatever run they are told to."""

    def __init__(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(SETTLERS, spawn, _remember, (spawn.Barrier(SETTLERS),))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    @contextmanager
    def settling(self, database: Database, run: UUID) -> Iterator[list[int]]:
        """All carry out the run while the block is busy; at its end, how many streamers each one settled.

        Raises whatever stopped one of them.
        """
        login = database.app_login
        running: list[Future[int]] = [
            self._pool.submit(_carry_out, login.parameters, login.acts_as, run) for _ in range(SETTLERS)
        ]
        done: list[int] = []
        try:
            yield done
        finally:
            done += [future.result(_PATIENCE_SECONDS) for future in running]

    def settle(self, database: Database, run: UUID) -> list[int]:
        """The same, with nothing else going on."""
        with self.settling(database, run) as done:
            pass
        return done


def _remember(together: Barrier) -> None:
    global _together  # noqa: PLW0603 - a barrier reaches another process only when that starts
    _together = together


def _carry_out(parameters: dict[str, str], acts_as: str | None, run: UUID) -> int:
    runs.STREAMERS_A_BATCH = _STREAMERS_A_BATCH
    login = Login(parameters, acts_as)
    database = Database(login, login, is_embedded=False)
    journal = Journal(database.app, desks())
    done = 0
    try:
        with database.app.connect():
            _together.wait(_PATIENCE_SECONDS)
        for progress in runs.carry_out(journal, run):
            done = progress.done
    finally:
        database.dispose()
    return done
