"""The worker: does the jobs that are due, in a thread of its own, until it is told to stop."""

import asyncio
import threading
from contextlib import suppress
from time import monotonic
from typing import Any

import psycopg
import structlog
from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException, JobAborted
from procrastinate.job_context import JobContext
from procrastinate.jobs import DeleteJobCondition
from procrastinate.middleware import AsyncCallNext
from procrastinate.worker import Worker as ProcrastinateWorker

from api.settings import Settings
from api.wiring import House
from api.work.schema import SEARCH_PATH
from api.work.tasks import SILENCE_SECONDS, app_on
from ledger.database import as_unavailable
from ledger.journal.commands import Undecided

#: Jobs at a time: a settlement run must not keep holds from expiring. Each takes a connection of the journal.
_JOBS_AT_A_TIME = 3
_CONNECTIONS = 4
_CONNECT_SECONDS = 10
_HEARTBEAT_SECONDS = SILENCE_SECONDS / 5
#: A commit tells of a new job at once; one that was paused, or waited for another, is found by looking.
_POLL_SECONDS = 1
_PAUSE_SECONDS = 1
#: A worker that ends by itself sooner than this after its start, so often in a row, is not fit to work.
_SHORT_LIFE_SECONDS = 10
_SHORT_LIVES = 3

_log = structlog.get_logger(__name__)


class Worker:
    """One worker. Whatever ends it, a lost database above all, it begins again until it is told to stop."""

    def __init__(self, house: House, settings: Settings) -> None:
        self._database = house.database
        self._context = {"journal": house.journal, "settings": settings}
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._short_lives = 0
        self._thread = threading.Thread(target=self._work, name="worker")

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch in hand, no more; what is left of a job waits for the next worker."""
        with suppress(RuntimeError):  # Its loop is closed: it is over already.
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def is_alive(self) -> bool:
        """Whether it works, or will as soon as the database is back."""
        return self._thread.is_alive() and self._short_lives < _SHORT_LIVES

    def _work(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._live_until_stopped())

    async def _live_until_stopped(self) -> None:
        stopped = asyncio.create_task(self._stop.wait())
        while not stopped.done():
            born = monotonic()
            life = asyncio.create_task(self._live())
            await asyncio.wait((life, stopped), return_when=asyncio.FIRST_COMPLETED)
            # Told to stop, it ends what it has in hand before it is over.
            life.cancel()
            (ended,) = await asyncio.gather(life, return_exceptions=True)
            if not stopped.done():
                self._note(ended, monotonic() - born)
                await asyncio.wait((stopped,), timeout=_PAUSE_SECONDS)
                await asyncio.to_thread(self._revive)

    async def _live(self) -> None:
        login = self._database.app_login
        connector = PsycopgConnector(
            conninfo=login.conninfo,
            kwargs={"application_name": "zhibo worker"},
            configure=self._configure,
            min_size=1,
            max_size=_CONNECTIONS,
            timeout=_CONNECT_SECONDS,
            name="work",
        )
        async with app_on(connector).open_async() as app:
            await app.run_worker_async(
                concurrency=_JOBS_AT_A_TIME,
                fetch_job_polling_interval=_POLL_SECONDS,
                update_heartbeat_interval=_HEARTBEAT_SECONDS,
                stalled_worker_timeout=SILENCE_SECONDS,
                # Jobs look between two batches whether they are to stop, and are waited for.
                shutdown_graceful_timeout=0,
                delete_jobs=DeleteJobCondition.ALWAYS,
                install_signal_handlers=False,
                additional_context=self._context,
                worker_middleware=[_tell],
            )

    async def _configure(self, connection: psycopg.AsyncConnection[Any]) -> None:
        await connection.set_autocommit(True)
        await connection.execute(self._database.app_login.session)
        # A worker's own notes may be lost in a crash: what they are about is then done again, to no effect.
        await connection.execute(f"SET search_path = {SEARCH_PATH}; SET synchronous_commit = off".encode())

    def _note(self, ended: BaseException | None, lived_seconds: float) -> None:
        cause = ended.__cause__ if isinstance(ended, ConnectorException) else ended
        if cause is not None and as_unavailable(cause):
            _log.warning("the worker lost the database", exc_info=cause)
            return
        _log.error("the worker ended by itself", exc_info=cause)
        self._short_lives = self._short_lives + 1 if lived_seconds < _SHORT_LIFE_SECONDS else 0

    def _revive(self) -> None:
        """Have an embedded database that died started again, like everyone who connects to it."""
        with suppress(Exception):
            self._database.app_login.connect().close()


async def _tell(do: AsyncCallNext, context: JobContext, _worker: ProcrastinateWorker) -> Any:
    """Do a job; what befalls it is logged by the job's number, without what it says."""
    job = {"job": context.job.id, "task": context.job.task_name}
    try:
        return await do()
    except JobAborted:
        raise
    except Undecided as reason:
        _log.warning("a job could not be done now", exc_info=reason, **job)
        raise
    except Exception as failure:
        _log.error("a job failed", exc_info=failure, **job)
        raise
