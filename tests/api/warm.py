"""`zhibo` out of a process that has read all of it in before, which is most of what a short command costs.

That process has one thread and no books open. For every command it forks a child, which gets arguments, an
environment and streams of its own and then runs and ends as the program does. For tests of many commands;
each group of commands has tests that run the program itself (`tests.api.command_line.zhibo`).
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile

from tests.api.command_line import PATIENCE_SECONDS, ROOT, environment

_PACKAGES = ("ledger", "settlement", "moderation", "api")
_MESSAGE_BYTES = 1 << 17


def warm_zhibo(
    data_folder: Path, *arguments: str, stdin: bytes = b"", **variables: str
) -> subprocess.CompletedProcess[bytes]:
    """Run it to its end; output and errors are captured. One at a time."""
    message = json.dumps([arguments, environment(data_folder, **variables)]).encode()
    with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as errors:
        given.write(stdin)
        given.seek(0)
        status = _warm().run(message, [given.fileno(), out.fileno(), errors.fileno()])
        out.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(arguments, status, out.read(), errors.read())


class _Warm:
    """The process, and the line to it."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.settimeout(PATIENCE_SECONDS)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __spec__.name, str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )

    def run(self, message: bytes, streams: list[int]) -> int:
        """The exit status, as subprocess tells it. Raises TimeoutError."""
        try:
            socket.send_fds(self._line, [message], streams)
            return int(self._line.recv(_MESSAGE_BYTES))
        except TimeoutError:
            os.killpg(self._process.pid, signal.SIGKILL)
            _warm.cache_clear()
            raise

    def close(self) -> None:
        """End it."""
        self._line.close()
        self._process.wait()


@cache
def _warm() -> _Warm:
    """The one of this process, started when it is first needed."""
    warm = _Warm()
    atexit.register(warm.close)
    return warm


def _read_in() -> None:
    for package in _PACKAGES:
        path = importlib.import_module(package).__path__
        for module in pkgutil.walk_packages(path, f"{package}."):
            if not module.name.endswith(".__main__"):
                importlib.import_module(module.name)
    # Children would look through all of it for garbage when they end, and copy it doing so.
    gc.collect()
    gc.freeze()


def _serve(line: socket.socket) -> None:
    """Fork for every message; tell how the child ended. In the child this ends as `zhibo` does."""
    while True:
        message, streams, _, _ = socket.recv_fds(line, _MESSAGE_BYTES, 3)
        if not message:
            return
        assert threading.active_count() == 1, "a thread would be missing in the child"
        child = os.fork()
        if not child:
            line.close()
            arguments, variables = json.loads(message)
            _become_zhibo(arguments, variables, streams)
        for stream in streams:
            os.close(stream)
        line.send(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())


def _become_zhibo(arguments: list[str], variables: dict[str, str], streams: list[int]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(variables)
    time.tzset()
    sys.argv = ["zhibo", *arguments]
    from api.cli import main  # noqa: PLC0415 (read in by the parent)

    main()


if __name__ == "__main__":
    _read_in()
    with socket.socket(fileno=int(sys.argv[1])) as line:
        _serve(line)
