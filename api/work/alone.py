"""A worker alone: a process that does nothing else, until it is told to stop."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from api.cli import Stop
from api.http.logs import configure_logs
from api.settings import Settings
from api.wiring import open_house
from api.work.worker import Worker

_LOOK_SECONDS = 1

_log = structlog.get_logger(__name__)


def work() -> None:
    """Do the scheduled work of this environment until SIGTERM or SIGINT, then finish the batch in hand.

    Raises ``DatabaseUnavailable`` when there are no books to work on, ``CannotServe`` for a setting that
    makes no sense, and :class:`Stop` when the worker ends by itself again and again.
    """
    settings = Settings.from_environment()
    with _told_to_stop() as told, open_house() as house:
        configure_logs(sys.stdout.buffer)
        worker = Worker(house, settings)
        worker.start()
        _log.info("working")
        try:
            while worker.is_alive and not told.wait(_LOOK_SECONDS):
                pass
            if not told.is_set():
                raise Stop("the worker ended by itself, again and again: see its log")
        finally:
            worker.stop()
            _log.info("stopped")


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """Set by the first SIGTERM or SIGINT; whoever insists ends the process where it is."""
    told = threading.Event()
    before = {int(number): signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def stop(number: int, _frame: object) -> None:
        told.set()
        signal.signal(number, before[number] or signal.SIG_DFL)

    for number in before:
        signal.signal(number, stop)
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
