"""Reading a request: its headers, its body as far as the limit, its JSON, each strictly or not at all."""

import asyncio
import json
import secrets
import time
from collections.abc import Sequence
from json import JSONDecodeError
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope

from api.event_file.fields import Malformed, identifier
from api.http.problems import Problem, invalid

ModelT = TypeVar("ModelT", bound=BaseModel)

_LONGEST_INTEGER_DIGITS = 20


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """A request's headers by lower-case name; of one that is repeated the last counts."""
    return dict(scope["headers"])


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


async def read_body(
    receive: Receive, headers: dict[bytes, bytes], *, limit: int, timeout_seconds: float
) -> bytes:
    """The whole body of JSON, refused as soon as it is known to be longer than ``limit`` bytes."""
    media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if media_type != b"application/json" or headers.get(b"content-encoding", b"identity") != b"identity":
        raise Problem("media_type_unsupported", "a body is JSON here, and not compressed")
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length[:19]) > limit:
        raise _too_large(limit)
    message = await receive()
    body = _part(message)
    if message.get("more_body"):
        try:
            async with asyncio.timeout(timeout_seconds):
                body = await _rest(receive, body, limit)
        except TimeoutError:
            raise Problem(
                "body_timeout", f"the body was not complete after {timeout_seconds:g} seconds"
            ) from None
    if len(body) > limit:
        raise _too_large(limit)
    return body


async def _rest(receive: Receive, start: bytes, limit: int) -> bytes:
    parts, length = [start], len(start)
    more = True
    while more:
        if length > limit:
            raise _too_large(limit)
        message = await receive()
        parts.append(_part(message))
        length += len(parts[-1])
        more = message.get("more_body", False)
    return b"".join(parts)


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
