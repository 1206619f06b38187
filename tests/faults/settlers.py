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
        """All carry out the run while the block is busy; at its end, how often each one was overtaken.

        Raises whatever stopped one of them.
        """
        login = database.app_login
        running: list[Future[int]] = [
            self._pool.submit(_carry_out, login.parameters, login.acts_as, run) for _ in range(SETTLERS)
        ]
        overtaken: list[int] = []
        try:
            yield overtaken
        finally:
            overtaken += [future.result(_PATIENCE_SECONDS) for future in running]

    def settle(self, database: Database, run: UUID) -> list[int]:
        """The same, with nothing else going on."""
        with self.settling(database, run) as overtaken:
            pass
        return overtaken


def _remember(together: Barrier) -> None:
    global _together  # noqa: PLW0603 - a barrier reaches another process only when that starts
    _together = together


def _carry_out(parameters: dict[str, str], acts_as: str | None, run: UUID) -> int:
    runs.STREAMERS_A_BATCH = _STREAMERS_A_BATCH
    login = Login(parameters, acts_as)
    database = Database(login, login, is_embedded=False)
    journal = Journal(database.app, desks())
    overtaken = 0

    def try_again_at_once(_: object) -> None:
        nonlocal overtaken
        overtaken += 1

    runs.sleep = try_again_at_once  # type: ignore[attr-defined]
    try:
        with database.app.connect():
            _together.wait(_PATIENCE_SECONDS)
        runs.finish(journal, run)
    finally:
        database.dispose()
    return overtaken
