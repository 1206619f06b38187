"""The rounds: what the server does by itself, in a thread of its own, every few seconds or when called.

Holds whose time is over are ended; settlement runs that were accepted are carried out, and those that a
stop or a crash interrupted are finished.
"""

import threading

import structlog

from ledger.journal.expiry import expire
from ledger.journal.journal import Journal
from settlement.runs import carry_out, unfinished_runs

_log = structlog.get_logger(__name__)


class Rounds:
    """One thread that goes round until it is stopped."""

    def __init__(self, journal: Journal, every_seconds: float) -> None:
        self._journal = journal
        self._every_seconds = every_seconds
        self._called = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._go_round, name="rounds")

    def start(self) -> None:
        """Go round, the first time at once."""
        self._thread.start()

    def call(self) -> None:
        """There is something to do now: a run was accepted."""
        self._called.set()

    def stop(self) -> None:
        """Finish the batch in hand, no more; what is left of a run waits for the next start."""
        self._stopping = True
        self._called.set()
        self._thread.join()

    @property
    def is_alive(self) -> bool:
        """Whether the thread still goes round."""
        return self._thread.is_alive()

    def _go_round(self) -> None:
        while not self._stopping:
            self._called.clear()
            try:
                self._round()
            except Exception as failure:  # noqa: BLE001 - whatever one round met, the next one tries again
                _log.error("a round failed", exc_info=failure)
            if not self._stopping:
                self._called.wait(self._every_seconds)

    def _round(self) -> None:
        expire(self._journal)
        with self._journal.engine.connect() as connection:
            runs = unfinished_runs(connection)
        for run in runs:
            for _ in carry_out(self._journal, run):
                if self._stopping:
                    return
            _log.info("settlement run finished", run=str(run))
