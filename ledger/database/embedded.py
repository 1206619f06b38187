"""PostgreSQL in a folder of ours, shared by every zhibo process that uses the folder.

Three file locks say who is there, and the kernel drops each when its holder dies, however it dies:

- `start.lock`: one process at a time starts or stops the server;
- `attached.lock`: shared by all attached processes, so the last one out can tell that it is the last;
- `server.lock`: inherited by the server's own processes, so "does anything of it still run?" never
  depends on a process number left in a file.
"""

import fcntl
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg.conninfo import make_conninfo

from ledger.database import configuration
from ledger.database.errors import DISK_FULL, DatabaseUnavailable, as_unavailable, one_line
from ledger.database.folder import OWNER_ROLE, SOCKET_NAME, DataFolder
from ledger.database.programs import MAJOR_VERSION, programs

DATABASE = "zhibo"

# Long enough to recover 4 GB of WAL on a slow disk after a crash, or to write out all buffers at the end.
PATIENCE_SECONDS = 300.0
_POLL_SECONDS = 0.01

# How it is asked to stop, and how long that is given to work. A server that was asked while it recovers may
# wait for ever; the harder ways lose nothing that was committed, and cost a recovery at the next start.
# Asked for the second time it kills its own processes after five seconds.
_WAYS_TO_STOP = (("fast", 3.0), ("immediate", 10.0), ("kill", 20.0))


class EmbeddedServer:
    """The server of one data folder, as one attached process sees it.

    Entering it attaches, and starts the server if nobody has; leaving it detaches, and stops the server
    if nobody else is attached. A child made by `fork` does not count as attached: it opens its own.
    """

    def __init__(self, path: Path) -> None:
        self._folder = DataFolder(path)
        self._attached: int | None = None
        self._process = os.getpid()

    def __enter__(self) -> Self:
        with _clear_errors():
            self._folder.prepare()
            with self._starting():
                self._attached = _open_lock(self._folder.attached_lock)
                fcntl.flock(self._attached, fcntl.LOCK_SH)
                try:
                    self._run()
                except BaseException:
                    self._leave()
                    raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._attached is None or os.getpid() != self._process:
            return
        with _clear_errors(), self._starting():
            self._leave()

    def ensure_running(self) -> None:
        """Starts the server again if it died, or waits until it has recovered.

        Raises DatabaseUnavailable when it will not start, or this process is no longer attached.
        """
        if self._attached is None:
            raise DatabaseUnavailable("the database was closed")
        with _clear_errors(), self._starting():
            self._run()

    def parameters(self, role: str, database: str = DATABASE) -> dict[str, str]:
        """How to connect as `role`, one of the two."""
        return {
            "host": str(self._folder.socket),
            "port": "5432",
            "dbname": database,
            "user": role,
            "password": self._folder.password_of(role),
        }

    @contextmanager
    def _starting(self) -> Iterator[None]:
        lock = _open_lock(self._folder.start_lock)
        try:
            if not _taken_within(lock, PATIENCE_SECONDS):
                raise DatabaseUnavailable(
                    f"another zhibo has been starting the database in {self._folder.path} for too long"
                )
            yield
        finally:
            os.close(lock)

    def _leave(self) -> None:
        """Stops the server if this was the last attached process. Called with `start.lock` held."""
        attached, self._attached = self._attached, None
        if attached is None:
            return
        try:
            if _take(attached):
                self._stop()
        finally:
            os.close(attached)

    def _run(self) -> None:
        """Until the server takes connections. Called with `start.lock` held."""
        is_started = False
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            lock = _open_lock(self._folder.server_lock)
            try:
                if _take(lock):
                    if is_started:
                        raise DatabaseUnavailable(self._why_it_stopped())
                    self._start(lock)
                    is_started = True
            finally:
                os.close(lock)
            refusal = self._refusal()
            if refusal is None:
                return
            if "the database system is shutting down" in refusal:
                # Whoever told it to is gone, since the start is ours: it may hang there.
                self._stop()
                if is_started:
                    raise DatabaseUnavailable(self._why_it_stopped())
            if time.monotonic() > deadline:
                raise DatabaseUnavailable(
                    f"the database in {self._folder.path} is still not ready after {PATIENCE_SECONDS:.0f} s"
                )
            time.sleep(_POLL_SECONDS)

    def _refusal(self) -> str | None:
        """Why it takes no connections; None when it does."""
        try:
            psycopg.connect(make_conninfo(**self.parameters(OWNER_ROLE)), connect_timeout=10).close()
        except psycopg.OperationalError as error:
            if "authentication failed" in str(error):
                raise DatabaseUnavailable(
                    f"the database in {self._folder.path} does not know the passwords beside it"
                ) from error
            return str(error)
        return None

    def _start(self, lock: int) -> None:
        """Called with `server.lock` held: nothing of an earlier server runs any more."""
        binaries = programs(self._folder)
        cluster = self._folder.cluster
        if cluster.exists():
            self._refuse_other_version()
        else:
            self._create(binaries, lock)
        # Its process number may by now be someone else's, and would keep PostgreSQL from starting.
        for leftover in (cluster / "postmaster.pid", self._folder.socket / f"{SOCKET_NAME}.lock"):
            leftover.unlink(missing_ok=True)
        options = shlex.join(configuration.write(self._folder))
        if self._folder.log.exists():
            self._folder.log.replace(self._folder.log.with_name("server.log.previous"))
        log = os.open(self._folder.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._call(
                [str(binaries / "pg_ctl"), "start", "-W", "-s", "-D", str(cluster), "-o", options],
                lock=lock,
                output=log,
            )
        finally:
            os.close(log)

    def _stop(self) -> None:
        """Until nothing of the server runs, whatever that takes. Called with `start.lock` held."""
        lock = _open_lock(self._folder.server_lock)
        try:
            if not any(self._stopped(lock, way, seconds) for way, seconds in _WAYS_TO_STOP):
                raise DatabaseUnavailable(f"the database in {self._folder.path} does not stop")
        finally:
            os.close(lock)

    def _stopped(self, lock: int, way: str, seconds: float) -> bool:
        """Whether the server ended when it was asked in this way."""
        asked = time.monotonic()
        while not _take(lock):
            waited = time.monotonic() - asked
            if waited > seconds and (waited > PATIENCE_SECONDS or not self._is_writing_out()):
                return False
            # Again and again: a server that was only just started has not written its number yet.
            self._ask_to_stop(way)
            if _taken_within(lock, 1):
                return True
        return True

    def _ask_to_stop(self, way: str) -> None:
        """As the server's user: the process number comes from a file which that user can write."""
        control = str(programs(self._folder) / "pg_ctl")
        if way != "kill":
            self._call([control, "stop", "-W", "-s", "-m", way, "-D", str(self._folder.cluster)])
        elif number := self._process_number():
            self._call([control, "kill", "KILL", number])

    def _process_number(self) -> str | None:
        """The server's, as long as that is a process in this folder."""
        try:
            number = (self._folder.cluster / "postmaster.pid").read_text().partition("\n")[0]
            place = Path(f"/proc/{int(number)}/cwd")
            is_ours = not Path("/proc/self").exists() or place.samefile(self._folder.cluster)
        except (OSError, ValueError):
            return None
        return number if is_ours else None

    def _is_writing_out(self) -> bool:
        """Whether it is on its way down, and writes what it has in memory to its files."""
        shown = self._call([str(programs(self._folder) / "pg_controldata"), "-D", str(self._folder.cluster)])
        return any(
            line.startswith("Database cluster state:") and line.endswith("shutting down")
            for line in shown.stdout.splitlines()
        )

    def _create(self, binaries: Path, lock: int) -> None:
        """A new cluster, made beside and renamed, so that a half-made one is never taken for whole."""
        beside = self._folder.path / "cluster.new"
        if beside.exists():
            shutil.rmtree(beside)
        self._folder.make_server_folder(beside)
        password = self._folder.password_of(OWNER_ROLE)
        # No one ever logs in as the superuser: it has no password, and pg_hba.conf does not name it.
        self._must_succeed(
            [
                *(str(binaries / "initdb"), "-D", str(beside), "--username=postgres", "--auth=reject"),
                *("--encoding=UTF8", "--locale-provider=libc", "--locale=C", "--no-instructions"),
            ],
            lock=lock,
        )
        self._must_succeed(
            [
                str(binaries / "postgres"),
                "--single",
                "-D",
                str(beside),
                "-c",
                "log_min_messages=fatal",
                "postgres",
            ],
            lock=lock,
            statements=(
                f"CREATE ROLE {OWNER_ROLE} LOGIN CREATEROLE CREATEDB PASSWORD '{password}'\n"
                f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}\n"
            ),
        )
        beside.rename(self._folder.cluster)

    def _refuse_other_version(self) -> None:
        try:
            found = (self._folder.cluster / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise DatabaseUnavailable(f"{self._folder.cluster} is not a PostgreSQL database") from None
        if found != str(MAJOR_VERSION):
            raise DatabaseUnavailable(
                f"{self._folder.path} was made by PostgreSQL {found}, this program carries {MAJOR_VERSION}: "
                "use the zhibo that made it, or choose another ZHIBO_DATA"
            )

    def _must_succeed(self, command: list[str], *, lock: int, statements: str = "") -> None:
        done = self._call(command, lock=lock, statements=statements)
        # A server in single-user mode ends well even when a statement failed.
        if done.returncode or "ERROR:" in done.stdout or "FATAL:" in done.stdout:
            raise DatabaseUnavailable(f"the database cannot be made: {_reason(done.stdout)}")

    def _call(
        self,
        command: list[str],
        *,
        lock: int | None = None,
        output: int = subprocess.PIPE,
        statements: str = "",
    ) -> "subprocess.CompletedProcess[str]":
        user = self._folder.server_user
        try:
            return subprocess.run(
                command,
                input=statements,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                umask=0o077,
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
                pass_fds=() if lock is None else (lock,),
            )
        except PermissionError as error:
            who = f" as user {user.name}" if user else ""
            raise DatabaseUnavailable(f"no permission to run {command[0]}{who}") from error

    def _why_it_stopped(self) -> str:
        text = self._folder.log.read_text(errors="replace")
        return f"the database in {self._folder.path} does not start: {_reason(text)}"


def _reason(output: str) -> str:
    """The telling line of what a PostgreSQL program wrote."""
    if "No space left on device" in output or "Disk quota exceeded" in output:
        return DISK_FULL
    lines = [line for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL:" in line or "PANIC:" in line or "error:" in line.lower()]
    return one_line((telling or lines or ["no reason given"])[-1])


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise as_unavailable(error) or DatabaseUnavailable(one_line(error)) from error


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _taken_within(lock: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not _take(lock):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
