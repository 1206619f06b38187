"""The server: one process, one event loop, one writer."""

import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from fastapi import FastAPI

from api.http.app import create_app
from api.http.connections import Server
from api.http.logs import configure_logs
from api.sandbox import tokens_of
from api.settings import CannotServe, Settings
from api.wiring import open_house

_BACKLOG = 2_048

_log = structlog.get_logger(__name__)


def serve(settings: Settings | None = None, *, extend: Callable[[FastAPI], None] | None = None) -> None:
    """Serve the books of this environment until the process is told to stop, then answer who waits, and end.

    ``extend`` may add routes of one's own. Raises :class:`CannotServe` and ``DatabaseUnavailable``, each one
    clear line.
    """
    settings = settings or Settings.from_environment()
    tokens_of(settings)
    with _listening(settings) as listener, _told_to_stop(), open_house() as house:
        configure_logs(sys.stdout.buffer)
        app = create_app(house, settings)
        if extend:
            extend(app)
        # From here on callers can connect; they are answered as soon as the loop runs.
        listener.listen(_BACKLOG)
        host, port = listener.getsockname()[:2]
        _log.info("listening", url=f"http://{f'[{host}]' if ':' in host else host}:{port}", docs="/docs")
        try:
            Server(app, settings).run(sockets=[listener])
        finally:
            _log.info("stopped")


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """The socket, bound before anything is started, so that a taken port costs nothing else."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise CannotServe(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}"
        ) from None
    with listener:
        yield listener


@contextmanager
def _told_to_stop() -> Iterator[None]:
    """SIGTERM ends the process in good order, wherever it is; Ctrl-C quietly too."""
    # The server stops by itself on either, then raises the signal again for us.
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
