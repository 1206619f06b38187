"""`zhibo serve` as it is run: a process of its own, with its books in a data folder of the test's.

Nothing here repairs anything: whoever is killed is started again, and that has to be enough.
"""

import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import psutil

from tests.api.command_line import ROOT, command, environment

PATIENCE_SECONDS = 60
#: Less than the server's own patience with a request that never ends.
_PROMPT_SECONDS = 15
#: Below the ports that outgoing connections get: one to a dead server's port could otherwise meet itself.
_PORTS = range(20_000, 30_000)

Json = dict[str, Any]


class Answer(NamedTuple):
    """What a server said to one request."""

    status: int
    body: Json
    is_replayed: bool


class Line:
    """One caller's connection, opened anew whenever it was lost."""

    def __init__(self, port: int) -> None:
        self._http = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)

    def ask(
        self, method: str, path: str, token: str = "", body: object = None, key: UUID | None = None
    ) -> Answer | None:
        """One request, sent once; None when no whole answer came back."""
        content = None if body is None else json.dumps(body)
        try:
            self._http.request(method, path, content, _headers(token, key))
            return self._answer()
        except (OSError, HTTPException):
            self._http.close()
            return None

    def begin(self, path: str, token: str, body: object, key: UUID) -> Callable[[], Answer]:
        """Send half a request; what is returned sends the rest and has the answer."""
        content = json.dumps(body).encode()
        half = len(content) // 2
        self._http.putrequest("POST", path)
        for name, value in {**_headers(token, key), "Content-Length": str(len(content))}.items():
            self._http.putheader(name, value)
        self._http.endheaders(content[:half])

        def end() -> Answer:
            self._http.send(content[half:])
            return self._answer()

        return end

    def _answer(self) -> Answer:
        response = self._http.getresponse()
        content = response.read()
        replayed = response.headers.get("Idempotency-Replayed") == "true"
        return Answer(response.status, json.loads(content), replayed)

    def close(self) -> None:
        """Hang up."""
        self._http.close()


def _headers(token: str, key: UUID | None) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return headers if key is None else {**headers, "Idempotency-Key": str(key)}


class Served:
    """A server that is started, killed, stopped and started again, always at the same port."""

    def __init__(self, data_folder: Path, log: Path, random: Random) -> None:
        self.port = _free_port(random)
        self._data_folder = data_folder
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and do not wait."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command("serve"),
                cwd=ROOT,
                env=environment(self._data_folder, ZHIBO_SANDBOX="1", ZHIBO_PORT=str(self.port)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def wait_until_ready(self) -> None:
        """Until it can work."""
        line = Line(self.port)
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up_at:
            assert self._running.poll() is None, f"the server ended by itself: {self.last_words()}"
            answer = line.ask("GET", "/readyz")
            line.close()
            if answer is not None and answer.status == 200:
                return
            time.sleep(0.02)
        raise AssertionError(f"the server did not get ready: {self.last_words()}")

    def kill(self) -> None:
        """kill -9."""
        self._running.kill()
        self._running.wait()

    def stop(self) -> int:
        """SIGTERM; the status it ends with."""
        self.tell_to_stop()
        return self.ended()

    def tell_to_stop(self) -> None:
        """SIGTERM, and do not wait."""
        self._running.send_signal(signal.SIGTERM)

    def ended(self) -> int:
        """The status it ends with, which must not take long."""
        return self._running.wait(_PROMPT_SECONDS)

    def wait_until_closed(self) -> None:
        """Until nobody new is let in."""
        give_up_at = time.monotonic() + _PROMPT_SECONDS
        while time.monotonic() < give_up_at:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
            except ConnectionRefusedError:
                return
            time.sleep(0.01)
        raise AssertionError("a server that was told to stop still lets callers in")

    @property
    def is_running(self) -> bool:
        """Whether the process that was started last is still there."""
        return self._process is not None and self._process.poll() is None

    def last_words(self) -> str:
        """What it wrote last."""
        return self._log.read_text(errors="replace").rstrip().rpartition("\n")[2]

    def errors(self) -> list[str]:
        """What it logged as an error, all its lives together."""
        return [line for line in self._log.read_text(errors="replace").splitlines() if '"error"' in line]

    @property
    def _running(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process


@contextmanager
def serving(data_folder: Path, log: Path, random: Random) -> Iterator[Served]:
    """A server that is ready, and gone at the end."""
    served = Served(data_folder, log, random)
    served.start()
    try:
        served.wait_until_ready()
        yield served
    finally:
        if served.is_running:
            served.kill()


def database_processes(data_folder: Path) -> list[psutil.Process]:
    """The processes of the folder's database: its postmaster first, if it runs, then its children."""
    try:
        number = int((data_folder / "cluster" / "postmaster.pid").read_text().partition("\n")[0])
        postmaster = psutil.Process(number)
        if postmaster.name() != "postgres" or postmaster.status() == psutil.STATUS_ZOMBIE:
            return []
        return [postmaster, *postmaster.children()]
    except (OSError, ValueError, psutil.NoSuchProcess):
        return []


def kill(process: psutil.Process) -> None:
    """kill -9, unless it is gone by itself."""
    with suppress(psutil.NoSuchProcess):
        process.kill()


def _free_port(random: Random) -> int:
    while True:
        port = random.choice(_PORTS)
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
