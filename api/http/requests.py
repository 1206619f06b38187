"""Reading a request: its headers, its body as far as the limit, its JSON, each strictly or not at all."""

import asyncio
import json
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from json import JSONDecodeError
from typing import Any, TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope

from api.event_file.fields import Malformed, identifier
from api.http.problems import Problem, field_error, invalid

ModelT = TypeVar("ModelT", bound=BaseModel)

_LONGEST_INTEGER_DIGITS = 20
#: How long a body is waited for by a server that was told to stop.
_HURRIED_SECONDS = 3.0
#: Who sends a file slower than this keeps others waiting.
_SLOWEST_BYTES_A_SECOND = 32 * 1024


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """A request's headers by lower-case name; one that is repeated as a list, as RFC 9110 §5.3 has it.

    None that counts here may be a list: whichever of two is meant, it is not for us to choose.
    """
    sent: list[tuple[bytes, bytes]] = scope["headers"]
    headers = dict(sent)
    if len(headers) < len(sent):
        headers = {}
        for name, value in sent:
            headers[name] = headers[name] + b", " + value if name in headers else value
    return headers


def refuse_query(scope: Scope) -> None:
    """Raises the :class:`Problem` ``invalid`` for a query that names a thing twice, or one unknown here."""
    found = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    known = _known_to(scope["route"])
    errors = []
    for name, times in Counter(name for name, _ in found).items():
        if name not in known:
            errors.append(field_error(("query", name), "extra_forbidden", ""))
        elif times > 1:
            errors.append(field_error(("query", name), "twice", "is stated twice"))
    if errors:
        raise Problem("invalid", "the query breaks the rules of its fields: see `errors`", errors=errors)


def _known_to(route: APIRoute) -> frozenset[str]:
    """The names that a route's query may have."""
    names: set[str] = set()
    for parameter in route.dependant.query_params:
        model = parameter.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            names |= model.model_fields.keys()
        else:
            names.add(parameter.alias)
    return frozenset(names)


def now() -> int:
    """The server's time, as an instant."""
    return time.time_ns() // 1_000


def new_id() -> UUID:
    """An id of ours: UUID version 7 (RFC 9562), which sorts by the millisecond it was made in."""
    milliseconds = time.time_ns() // 1_000_000
    number = milliseconds << 80 | secrets.randbits(80)
    number = number & ~(0xF << 76) | 7 << 76
    return UUID(int=number & ~(0x3 << 62) | 0x2 << 62)


def command_id(headers: dict[bytes, bytes], *, required: bool) -> UUID:
    """The ``Idempotency-Key``; a new id where it may be left out and is."""
    key = headers.get(b"idempotency-key")
    if key is None:
        if required:
            raise Problem("idempotency_key_required", "a command needs an Idempotency-Key")
        return new_id()
    try:
        return identifier(key.decode("latin-1"))
    except Malformed as reason:
        raise Problem("idempotency_key_malformed", f"the Idempotency-Key {reason}") from None


class Bodies:
    """The bodies a server reads: each is waited for so long, and less when the server is to stop."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
        self._waiting: set[asyncio.Timeout] = set()

    def hurry(self) -> None:
        """Wait from now on for a moment only."""
        self._timeout_seconds = min(self._timeout_seconds, _HURRIED_SECONDS)
        soon = asyncio.get_running_loop().time() + self._timeout_seconds
        for patience in self._waiting:
            if not patience.expired() and (patience.when() or soon) > soon:
                patience.reschedule(soon)

    async def read(
        self,
        receive: Receive,
        headers: dict[bytes, bytes],
        *,
        limit: int,
        media_type: bytes = b"application/json",
    ) -> bytes:
        """The whole body, of JSON if of nothing else; refused once it is longer than ``limit`` bytes."""
        sent_type, _, parameters = headers.get(b"content-type", b"").lower().partition(b";")
        encoding = headers.get(b"content-encoding", b"identity").lower()
        if sent_type.strip() != media_type or b"," in parameters or encoding != b"identity":
            detail = f"a body is {media_type.decode()} here, and not compressed"
            raise Problem("media_type_unsupported", detail)
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length[:19]) > limit:
            raise _too_large(limit)
        async with self._patience(self._timeout_seconds):
            return await _whole(receive, limit)

    async def parts(
        self, receive: Receive, headers: dict[bytes, bytes], *, limit: int
    ) -> AsyncIterator[bytes]:
        """The body of a file in parts, refused as soon as it is known to be longer than ``limit`` bytes.

        Each part is waited for no longer than a whole body of JSON is; all of them as long as the largest
        file takes on a slow line.
        """
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length[:19]) > limit:
            raise _too_large(limit)
        come, more = 0, True
        loop = asyncio.get_running_loop()
        latest = loop.time() + self._timeout_seconds + limit / _SLOWEST_BYTES_A_SECOND
        while more:
            async with self._patience(min(self._timeout_seconds, latest - loop.time())):
                message = await receive()
            part = _part(message)
            come += len(part)
            if come > limit:
                raise _too_large(limit)
            if part:
                yield part
            more = message.get("more_body", False)

    @asynccontextmanager
    async def _patience(self, seconds: float) -> AsyncIterator[None]:
        """So long, and less when the server is to stop. Raises the :class:`Problem` ``body_timeout``."""
        try:
            async with asyncio.timeout(seconds) as patience:
                self._waiting.add(patience)
                try:
                    yield
                finally:
                    self._waiting.discard(patience)
        except TimeoutError:
            raise Problem(
                "body_timeout", "the body did not come to its end in time", headers={"Connection": "close"}
            ) from None


async def _whole(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    length = 0
    more = True
    while more:
        message = await receive()
        parts.append(_part(message))
        length += len(parts[-1])
        if length > limit:
            raise _too_large(limit)
        more = message.get("more_body", False)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _part(message: Message) -> bytes:
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    part: bytes = message.get("body", b"")
    return part


def _too_large(limit: int) -> Problem:
    # The rest is not read: what follows on this connection could not be told from it.
    return Problem(
        "body_too_large", f"a body has at most {limit} bytes here", headers={"Connection": "close"}
    )


class TwiceStated(dict[str, Any]):
    """An object that states a field twice: two programs may read it differently, so nobody here does."""


def parsed(raw: bytes) -> Any:
    """A JSON document. An object in it that states a field twice comes as :class:`TwiceStated`."""
    try:
        return _DECODER.decode(raw.decode())
    except UnicodeDecodeError as error:
        raise _not_json(f"is not UTF-8 (byte {error.start + 1})") from None
    except JSONDecodeError as error:
        raise _not_json(f"is not JSON ({error.msg}, character {error.pos + 1})") from None
    except RecursionError:
        raise _not_json("is nested too deep") from None


def validated(model: type[ModelT], raw: bytes) -> ModelT:
    """A body, if it keeps to its model."""
    return judged(model, parsed(raw))


def judged(model: type[ModelT], value: object, place: str = "body") -> ModelT:
    """A parsed value as its model. Raises the :class:`Problem` ``invalid``."""
    if type(value) is TwiceStated:
        raise Problem(
            "invalid",
            "a field is stated twice",
            errors=[{"field": place, "message": "states a field twice"}],
        )
    if type(value) is not dict:
        raise Problem(
            "invalid",
            "a JSON object is needed",
            errors=[{"field": place, "message": "is not a JSON object"}],
        )
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise invalid(error, place) from None


def _not_json(message: str) -> Problem:
    return Problem("invalid", f"the body {message}", errors=[{"field": "body", "message": message}])


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else TwiceStated(fields)


def _integer(digits: str) -> int | float:
    # Longer ones are out of every field's range; Python would take its time over thousands of digits.
    return int(digits) if len(digits) <= _LONGEST_INTEGER_DIGITS else float("inf")


def _no_constant(name: str) -> Any:
    raise JSONDecodeError(f"{name} is not a number", name, 0)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_constant=_no_constant)
