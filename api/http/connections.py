"""Connections: HTTP/1.1 and nothing else, as much of it as we mean to hold, and nobody waited for for ever.

Upgrades are not taken, so by RFC 9110 §7.8 they are ignored: what follows the head of such a request is its
body. The parser takes it for the other protocol's, and reads no further; here it is made to.
"""

import asyncio
import resource
from functools import partial
from typing import Any

import httptools
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.http.problems import Problem
from api.settings import Settings

LARGEST_HEAD_BYTES = 32 * 1024

_KEEP_ALIVE_SECONDS = 75
#: For the log, the database, and whatever else the process opens besides connections.
_OTHER_FILES = 128
#: What a request says about its body's length; of each there is one, or the parser refused it.
_LENGTHS = (b"content-length", b"transfer-encoding")
_TICKS_A_SECOND = 10
_TOO_LARGE = Problem("head_too_large", f"a head has at most {LARGEST_HEAD_BYTES} bytes here")


class Server(uvicorn.Server):
    """The server of an app. A head that does not come is not waited for, nor a body once it is to stop."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        self._bodies = app.state.service.bodies
        self._head_seconds = settings.head_timeout_seconds
        self._waiting: dict[Connection, tuple[object, float]] = {}
        protocol = partial(Connection, most=_most_connections(settings))
        super().__init__(
            uvicorn.Config(
                app,
                loop="uvloop",
                http=protocol,  # type: ignore[arg-type]
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=settings.shutdown_timeout_seconds,
            )
        )

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to stop."""
        if counter % _TICKS_A_SECOND == 0:
            self._hang_up_on_the_silent()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: Any = None) -> None:
        """Answer who is inside, and stop."""
        self._bodies.hurry()
        await super().shutdown(sockets)

    def _hang_up_on_the_silent(self) -> None:
        """On whoever began a request, or never did, and has not come to its end in time."""
        now = asyncio.get_running_loop().time()
        waiting: dict[Connection, tuple[object, float]] = {}
        for connection in self.server_state.connections:
            if isinstance(connection, Connection) and connection.is_waited_for:
                last, since = self._waiting.get(connection, (None, now))
                # A request that came and went in between: this is another head.
                since = since if last is connection.cycle else now
                waiting[connection] = connection.cycle, since
                if now - since > self._head_seconds:
                    connection.transport.close()
        self._waiting = waiting


class Connection(HttpToolsProtocol):
    """One connection of the server's."""

    def __init__(self, *given: Any, most: int, **named: Any) -> None:
        super().__init__(*given, **named)
        self._most = most
        self._is_in_head = True
        self._received_bytes = 0

    @property
    def is_waited_for(self) -> bool:
        """Whether it owes the rest of a head, or of a body that is answered already."""
        is_answered = self.cycle is None or self.cycle.response_complete
        return is_answered and self.timeout_keep_alive_task is None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take it, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self._most:
            self._refuse(Problem("busy", "too many are connected already"))

    def data_received(self, data: bytes) -> None:
        """Read on. What is said to be of another protocol is read as HTTP."""
        self._unset_keepalive_if_required()
        self._received_bytes += len(data)
        try:
            self._parse(data)
        except httptools.HttpParserError:
            self._refuse(Problem("malformed_request", "this cannot be read as HTTP/1.1"))
        if self._received_bytes > LARGEST_HEAD_BYTES and self._is_in_head:
            self._refuse(_TOO_LARGE)

    def _parse(self, data: bytes | memoryview) -> None:
        while data:
            try:
                self.parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as upgrade:
                # The parser took the end of the head for the beginning of another protocol.
                data = memoryview(data)[upgrade.args[0] :]
                self._parse_the_body()

    def _parse_the_body(self) -> None:
        """Go on with a parser that knows of the head how long the body is, and nothing else."""
        head = [f"POST / HTTP/{self.scope['http_version']}".encode()]
        head += [b"%b: %b" % field for field in self.headers if field[0] in _LENGTHS]
        self.parser = httptools.HttpRequestParser(_Resumed(self))
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.parser.feed_data(b"\r\n".join((*head, b"", b"")))

    def on_headers_complete(self) -> None:
        """A request can begin."""
        if self._received_bytes > LARGEST_HEAD_BYTES and self._size_of_head() > LARGEST_HEAD_BYTES:
            self._refuse(_TOO_LARGE)
            raise httptools.HttpParserError
        if self.parser.should_upgrade() and self.parser.get_method() == b"CONNECT":
            raise httptools.HttpParserError
        self._is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """A request has ended; not so where the parser sees another protocol begin."""
        if not self.parser.should_upgrade():
            self._is_in_head = True
            self._received_bytes = 0
            super().on_message_complete()

    def _size_of_head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _refuse(self, problem: Problem) -> None:
        """Answer without asking anyone, and hang up."""
        if self.transport.is_closing():
            return
        if self.cycle is None or not self.cycle.response_started or self.cycle.response_complete:
            response = problem.response()
            lines = [b"%b: %b\r\n" % field for field in response.raw_headers]
            head = (STATUS_LINE[response.status_code], *lines, b"connection: close\r\n\r\n")
            self.transport.write(b"".join((*head, bytes(response.body))))
        self.transport.close()


class _Resumed:
    """What a parser tells, but for the head it was begun with."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_past_its_head = False
        self.on_body = connection.on_body
        self.on_message_complete = connection.on_message_complete

    def on_message_begin(self) -> None:
        if self._is_past_its_head:
            self._connection.on_message_begin()

    def on_url(self, url: bytes) -> None:
        if self._is_past_its_head:
            self._connection.on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._is_past_its_head:
            self._connection.on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._is_past_its_head:
            self._connection.on_headers_complete()
        self._is_past_its_head = True


def _most_connections(settings: Settings) -> int:
    """As many as are allowed, and as there can be."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    possible = settings.most_connections if files == resource.RLIM_INFINITY else files - _OTHER_FILES
    return max(1, min(settings.most_connections, possible))
