"""Connections that try something: a request is what HTTP/1.1 says, and nobody is waited for for ever."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest

from ledger.database import Database
from tests.api.http.serving import Api, minor, sandbox, serving

_UPGRADES = (
    "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n",
    "Upgrade: websocket\r\nConnection: Upgrade\r\n",
    "Upgrade: foo\r\nConnection: keep-alive, upgrade\r\n",
)


class Wire:
    """A connection of raw bytes."""

    def __init__(self, api: Api) -> None:
        assert api.http.base_url.port is not None
        self._socket = socket.create_connection((api.http.base_url.host, api.http.base_url.port), timeout=15)
        self._unread = b""

    def send(self, content: bytes) -> None:
        """Write."""
        self._socket.sendall(content)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next answer: its status, its headers by lower-case name, its body."""
        while b"\r\n\r\n" not in self._unread:
            self._read_on()
        head, _, self._unread = self._unread.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        length = int(headers["content-length"])
        while len(self._unread) < length:
            self._read_on()
        body, self._unread = self._unread[:length], self._unread[length:]
        return int(first.split()[1]), headers, body

    def problem(self, status: int, code: str) -> None:
        """The next answer is this problem."""
        found, headers, body = self.answer()
        assert (found, headers["content-type"]) == (status, "application/problem+json"), body
        assert json.loads(body)["code"] == code, body

    def is_hung_up(self, within: float) -> bool:
        """Whether the other side closes without another word."""
        self._socket.settimeout(within)
        with suppress(ConnectionError):
            return self._socket.recv(1) == b""
        return True

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _read_on(self) -> None:
        more = self._socket.recv(65_536)
        assert more, f"hung up after {self._unread!r}"
        self._unread += more


@contextmanager
def _wire(api: Api) -> Iterator[Wire]:
    wire = Wire(api)
    try:
        yield wire
    finally:
        wire.close()


def _tip(
    api: Api, viewer: str, streamer: str, gift: str, more: str = "", **said: object
) -> tuple[bytes, bytes]:
    """A tip as a head and a body."""
    body = json.dumps({"streamer": streamer, "room": "r", "gift": gift, "quantity": 1, **said}).encode()
    return _head(api, viewer, len(body), more), body


def _head(api: Api, viewer: str, length: int, more: str = "") -> bytes:
    return (
        f"POST /v1/tips HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.token('viewer', party=viewer)}\r\n"
        f"Idempotency-Key: {uuid4()}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n{more}\r\n"
    ).encode()


@pytest.fixture(scope="module")
def hasty(database: Database, sandbox_data: Path) -> Iterator[Api]:
    """A server that waits for nobody for long, and holds few connections."""
    settings = sandbox(sandbox_data, head_timeout_seconds=1, body_timeout_seconds=1, most_connections=20)
    with serving(database, settings) as api:
        yield api


@pytest.mark.parametrize("upgrade", _UPGRADES)
@pytest.mark.parametrize("in_parts", [False, True], ids=["at once", "in parts"])
def test_an_upgrade_is_ignored_and_the_body_belongs_to_its_request(
    api: Api, upgrade: str, in_parts: bool
) -> None:
    viewer, streamer, gift = api.viewer(coins=30), api.streamer(), api.gift(10)
    with _wire(api) as wire:
        for _ in range(2):
            head, body = _tip(api, viewer, streamer, gift, upgrade)
            if in_parts:
                for part in (head[:40], head[40:], body[:7], body[7:]):
                    wire.send(part)
                    time.sleep(0.02)
            else:
                wire.send(head + body)
            status, _, answer = wire.answer()
            assert status == 201, answer
        head, body = _tip(api, viewer, streamer, gift)
        wire.send(head + body)
        assert wire.answer()[0] == 201, "the connection is of no use afterwards"
    assert minor(api.wallet(viewer)["posted"]) == 0


@pytest.mark.parametrize("upgrade", _UPGRADES)
def test_a_chunked_body_is_read_behind_an_upgrade_too(api: Api, upgrade: str) -> None:
    viewer, streamer, gift = api.viewer(coins=10), api.streamer(), api.gift(10)
    head, body = _tip(api, viewer, streamer, gift, upgrade)
    head = head.replace(f"Content-Length: {len(body)}".encode(), b"Transfer-Encoding: chunked")
    with _wire(api) as wire:
        wire.send(
            head + b"".join((b"5\r\n", body[:5], b"\r\n%x\r\n" % len(body[5:]), body[5:], b"\r\n0\r\n\r\n"))
        )
        assert wire.answer()[0] == 201
        wire.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wire.answer()[0] == 200


@pytest.mark.parametrize("upgrade", _UPGRADES)
@pytest.mark.parametrize("line", ["GET /healthz", "POST /nothing", "POST /v1/tips"])
def test_nothing_is_smuggled_in_a_body_behind_an_upgrade(api: Api, upgrade: str, line: str) -> None:
    viewer, streamer, gift = api.viewer(coins=10), api.streamer(), api.gift(10)
    smuggled = b"".join(_tip(api, viewer, streamer, gift))
    with _wire(api) as wire:
        wire.send(f"{line} HTTP/1.1\r\nHost: x\r\n{upgrade}Content-Length: {len(smuggled)}\r\n\r\n".encode())
        time.sleep(0.1)
        wire.send(smuggled)
        assert wire.answer()[0] in (200, 404, 401)
        wire.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert json.loads(wire.answer()[2]) == {"status": "alive"}
    assert minor(api.wallet(viewer)["posted"]) == 10


@pytest.mark.parametrize("place", ["example.com:443", "/v1/tips"])
def test_there_is_no_tunnel(api: Api, place: str) -> None:
    with _wire(api) as wire:
        wire.send(f"CONNECT {place} HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n".encode())
        wire.problem(400, "malformed_request")
        assert wire.is_hung_up(5)


@pytest.mark.parametrize("begun", [b"", b"{"], ids=["not begun", "begun"])
def test_a_body_that_does_not_come_is_not_waited_for(hasty: Api, begun: bytes) -> None:
    with _wire(hasty) as wire:
        wire.send(_head(hasty, hasty.viewer(), 100) + begun)
        asked = time.monotonic()
        wire.problem(408, "body_timeout")
        assert 0.5 < time.monotonic() - asked < 5
        assert wire.is_hung_up(5), "what follows could be taken for the body, or the body for what follows"


@pytest.mark.parametrize("begun", [b"", b"{"], ids=["not begun", "begun"])
def test_a_server_told_to_stop_does_not_wait_long_for_a_body(
    database: Database, sandbox_data: Path, begun: bytes
) -> None:
    with serving(database, sandbox(sandbox_data, body_timeout_seconds=600)) as api:
        wire = Wire(api)
        wire.send(_head(api, api.viewer(), 100) + begun)
        time.sleep(0.3)
        told = time.monotonic()
    assert time.monotonic() - told < 10
    wire.problem(408, "body_timeout")
    wire.close()


def test_a_server_that_must_stop_before_the_books_answered_says_so(
    empty_database: Database, sandbox_data: Path
) -> None:
    lock = empty_database.owner_login.connect()
    release = threading.Timer(5, lock.close)
    with serving(empty_database, sandbox(sandbox_data, shutdown_timeout_seconds=1)) as api:
        viewer, streamer, gift = api.viewer(coins=10), api.streamer(), api.gift(10)
        lock.execute("LOCK TABLE ledger.accounts IN ACCESS EXCLUSIVE MODE")
        wire = Wire(api)
        wire.send(b"".join(_tip(api, viewer, streamer, gift)))
        time.sleep(0.5)
        release.start()
    wire.problem(503, "try_again")
    wire.close()


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HT", b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: "])
def test_a_head_that_does_not_come_to_its_end_is_not_waited_for(hasty: Api, sent: bytes) -> None:
    with _wire(hasty) as wire:
        wire.send(sent)
        assert wire.is_hung_up(6)
    with _wire(hasty) as wire:
        wire.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wire.answer()[0] == 200
        if sent:
            wire.send(sent)
            assert wire.is_hung_up(6), "a second request on a connection is waited for for ever"


def test_a_head_that_comes_drop_by_drop_is_not_waited_for(hasty: Api) -> None:
    with _wire(hasty) as wire, suppress(ConnectionError):
        for drop in b"GET /" + b"x" * 60:
            wire.send(bytes([drop]))
            time.sleep(0.1)
        raise AssertionError("it was waited for")


def test_a_connection_that_is_used_is_kept(hasty: Api) -> None:
    with _wire(hasty) as wire:
        for _ in range(4):
            wire.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert wire.answer()[0] == 200
            time.sleep(0.8)


@pytest.mark.parametrize("is_whole", [True, False], ids=["whole", "endless"])
@pytest.mark.parametrize("shape", ["one long header", "many headers", "a long path"])
def test_a_head_too_large_is_refused_and_nothing_decided(api: Api, is_whole: bool, shape: str) -> None:
    viewer, streamer, gift = api.viewer(coins=10), api.streamer(), api.gift(10)
    head, body = _tip(api, viewer, streamer, gift)
    if shape == "one long header":
        head = head.replace(b"Host: x", b"Host: x\r\nA: " + b"a" * 40_000)
    elif shape == "many headers":
        head = head.replace(b"Host: x", b"Host: x" + b"".join(b"\r\nA%d: b" % n for n in range(5_000)))
    else:
        head = head.replace(b"/v1/tips", b"/v1/tips?" + b"a" * 40_000)
    with _wire(api) as wire:
        wire.send(head + body if is_whole else head[:-2])
        wire.problem(431, "head_too_large")
    assert minor(api.wallet(viewer)["posted"]) == 10


def test_what_is_no_http_is_answered_with_a_problem(api: Api) -> None:
    with _wire(api) as wire:
        wire.send(b"\x16\x03\x01\x02\x00")
        wire.problem(400, "malformed_request")


def test_a_body_that_comes_after_its_answer_is_not_taken_for_a_head(api: Api) -> None:
    with _wire(api) as wire:
        wire.send(b"POST /v1/tips HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n")
        wire.problem(401, "token_required")
        wire.send(b"x" * 60_000 + b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert json.loads(wire.answer()[2]) == {"status": "alive"}


def test_no_more_are_connected_than_can_be_and_those_who_are_stay(hasty: Api) -> None:
    with _wire(hasty) as regular:
        regular.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert regular.answer()[0] == 200
        crowd = [Wire(hasty) for _ in range(20)]
        try:
            crowd[-1].problem(503, "busy")
            regular.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert regular.answer()[0] == 200
            # Those who only stand there make room by and by.
            time.sleep(3)
            with _wire(hasty) as late:
                late.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                assert late.answer()[0] == 200
        finally:
            for wire in crowd:
                wire.close()
