"""Rows E and F: tips over HTTP, one server process, against a plain route of the same application."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from time import perf_counter, sleep
from typing import NamedTuple
from urllib.request import urlopen

import msgspec

from api.bench.posting import tips_in_batches
from api.bench.rows import ROUNDS, Row, in_turns, middle
from api.bench.stage import BATCH, Stage
from api.http.yardstick import YARDSTICK_PATH
from api.sandbox import sandbox_token
from api.settings import Settings

_CONNECTIONS = 64
_REQUESTS_A_ROUND = 9_600
#: Accepted, or refused: a twentieth of the tips pass a limit.
_ANSWERED = (b"200", b"201", b"409")
_START_SECONDS = 30
_WARM_UP = 3_200
_BATCHES_A_ROUND = 20


class Measured(NamedTuple):
    """One round: how many requests a second were answered as they should be, and the 99th percentile."""

    rate: float
    p99_seconds: float


def over_http(stage: Stage) -> Iterator[Row]:
    """E and F."""
    with _server(stage) as port:
        plain: list[Measured] = []
        tips: list[Measured] = []
        yield from _single(stage, port, plain, tips)
        in_process, batched = in_turns(partial(tips_in_batches, stage), partial(_batched, stage, port))
    what = "POST /v1/tips/batch of 1,000"
    yield Row("F", what, middle(batched), "tips/s", "A", middle(in_process), 0.4)


def _single(stage: Stage, port: int, plain: list[Measured], tips: list[Measured]) -> Iterator[Row]:
    for warm in (True, *[False] * ROUNDS):
        count = _WARM_UP if warm else _REQUESTS_A_ROUND
        for path, results in ((YARDSTICK_PATH, plain), ("/v1/tips", tips)):
            measured = asyncio.run(_load(port, _requests(stage, path, count)))
            if not warm:
                results.append(measured)
    rates = [middle([m.rate for m in side]) for side in (tips, plain)]
    tails = [middle([m.p99_seconds for m in side]) * 1_000 for side in (tips, plain)]
    yardstick = "a plain FastAPI route, same body, response and token"
    yield Row("E", f"POST /v1/tips, {_CONNECTIONS} connections", rates[0], "req/s", yardstick, rates[1], 0.6)
    yield Row("E p99", "its 99th percentile", tails[0], "ms", "that route's", tails[1], 4, "at most")


@contextmanager
def _server(stage: Stage) -> Iterator[int]:
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "ZHIBO_OWNER_URL")
    }
    port = _free_port()
    environment |= {"ZHIBO_DATA": str(stage.data), "ZHIBO_SANDBOX": "1", "ZHIBO_PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "-m", "api.bench.server"], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    deadline = perf_counter() + _START_SECONDS
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
                return
        except OSError:
            if perf_counter() > deadline:
                raise
            sleep(0.05)


def _token(stage: Stage, role: str, party: str) -> str:
    return sandbox_token(role, party=party, settings=Settings(sandbox=True, data=stage.data))


def _requests(stage: Stage, path: str, count: int) -> list[list[bytes]]:
    """Each connection's requests, in HTTP/1.1; a connection is one viewer's."""
    requests: list[list[bytes]] = []
    for viewer in stage.viewers[:_CONNECTIONS]:
        token = _token(stage, "viewer", viewer)
        theirs = []
        for _ in range(count // _CONNECTIONS):
            tip = stage.tip(stage.streamers)
            body = msgspec.json.encode(
                {"streamer": tip.streamer, "room": tip.room, "gift": tip.gift, "quantity": tip.quantity}
            )
            theirs.append(_request(path, token, body, f"Idempotency-Key: {tip.id}\r\n"))
        requests.append(theirs)
    return requests


def _request(path: str, token: str, body: bytes, more: str = "") -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n{more}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _load(port: int, connections: Sequence[Sequence[bytes]]) -> Measured:
    taken: list[float] = []
    opened = [await asyncio.open_connection("127.0.0.1", port, limit=1 << 22) for _ in connections]
    started = perf_counter()
    await asyncio.gather(
        *(
            _ask(reader, writer, theirs, taken)
            for (reader, writer), theirs in zip(opened, connections, strict=True)
        )
    )
    seconds = perf_counter() - started
    for _, writer in opened:
        writer.close()
    taken.sort()
    return Measured(len(taken) / seconds, taken[int(len(taken) * 0.99)])


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, requests: Sequence[bytes], taken: list[float]
) -> None:
    for request in requests:
        sent = perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(_length(head))
        taken.append(perf_counter() - sent)
        if head[9:12] not in _ANSWERED:
            raise RuntimeError(f"unexpected answer: {head[:15].decode()}")


def _length(head: bytes) -> int:
    name = b"content-length: "
    start = head.lower().index(name) + len(name)
    return int(head[start : head.index(b"\r\n", start)])


def _batched(stage: Stage, port: int) -> float:
    token = _token(stage, "gateway", "bench")
    requests = []
    for batch in stage.batches(_BATCHES_A_ROUND, stage.streamers):
        items = [
            {
                "id": tip.id,
                "viewer": tip.viewer,
                "streamer": tip.streamer,
                "room": tip.room,
                "gift": tip.gift,
                "quantity": tip.quantity,
            }
            for tip in batch
        ]
        requests.append(_request("/v1/tips/batch", token, msgspec.json.encode(items)))
    return asyncio.run(_load(port, [requests])).rate * BATCH
