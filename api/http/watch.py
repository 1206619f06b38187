"""Watching requests: each gets an id, is counted and logged, and is answered whatever happens inside.

Nothing that a request says is logged: no path, no query, no body, no token; only which route it met.
"""

import asyncio
import re
from time import perf_counter
from urllib.parse import unquote_to_bytes
from uuid import uuid4

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.metrics import Metrics
from api.http.problems import Problem

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
_ALWAYS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_CLIENT_LEFT = 499

_log = structlog.get_logger(__name__)


class Watch:
    """ASGI middleware around everything."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and tell what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        started = perf_counter()
        status = 0

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id), *_ALWAYS]
            await send(message)

        try:
            problem = _malformed(scope)
            if problem:
                await problem.response()(scope, receive, tell)
            else:
                await self._app(scope, receive, tell)
        except ClientDisconnect:
            status = status or _CLIENT_LEFT
        except asyncio.CancelledError:
            # Told to stop, and the server's patience is over.
            if status == 0:
                await Problem("try_again", "the server stopped meanwhile").response()(scope, receive, tell)
        except Exception as failure:  # noqa: BLE001 - the last door: whatever it was, the caller gets an answer
            _log.error("request failed", request=request_id.decode(), exc_info=failure)
            if status == 0:
                await Problem("internal_error", "something went wrong here").response()(scope, receive, tell)
        finally:
            self._note(scope, request_id, status, perf_counter() - started)

    def _note(self, scope: Scope, request_id: bytes, status: int, seconds: float) -> None:
        route = _route_of(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.answered(method, route, status, seconds)
        _log.info(
            "request",
            request=request_id.decode(),
            method=method,
            route=route,
            status=status,
            milliseconds=round(seconds * 1_000, 1),
        )


def _request_id(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            sent: bytes = value
            return sent
    return uuid4().hex.encode()


def _route_of(scope: Scope) -> str:
    """The pattern that was met, never what was asked for: of plain routes the path, of files the folder."""
    if "route" in scope:
        pattern: str = scope["route"].path_format
        return pattern
    if "endpoint" not in scope or scope.get("path_params"):
        return "unmatched"
    place: str = scope["root_path"] or scope["path"]
    return place


def _malformed(scope: Scope) -> Problem | None:
    """A path that is not UTF-8 would be read as another one."""
    raw_path: bytes = scope.get("raw_path") or b""
    if b"%" in raw_path:
        try:
            unquote_to_bytes(raw_path).decode()
        except UnicodeDecodeError:
            return Problem("malformed_request", "the path is not UTF-8")
    return None
