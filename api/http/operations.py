"""An operation: one kind of command, asked for over HTTP.

All of them go one way, a tip included: token and role, command id, body, command, group commit, answer.
"""

from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter
from typing import Any, Literal, NamedTuple, ParamSpec, TypeVar
from uuid import UUID

import msgspec
import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.event_file.fields import Malformed, Reader
from api.http.bodies import Body
from api.http.problems import Problem, refused
from api.http.requests import command_id, headers_of, now, refuse_query, validated
from api.http.service import Service
from api.tokens import Caller
from ledger.database import DatabaseUnavailable
from ledger.group_commit import CannotDecide
from ledger.journal.commands import Busy, Command, Outcome, TryAgain
from ledger.journal.history import is_decided
from ledger.journal.journal import Journal

_encode = msgspec.json.Encoder().encode
P = ParamSpec("P")
T = TypeVar("T")


class Asked(NamedTuple):
    """Who asks for a command, under which id, and when. ``party`` is the token's subject."""

    id: UUID
    party: str
    actor: str
    occurred_at: int

    @property
    def common(self) -> tuple[UUID, str, int, None]:
        """What every command begins with. At HTTP the time is ours, so it is no part of what was said."""
        return self.id, self.actor, self.occurred_at, None


class Named(NamedTuple):
    """What a path names: how it is read, and how other programs are told of it."""

    name: str
    read: Reader
    schema: dict[str, Any]


class Operation(NamedTuple):
    """One command at one path, for a role or whoever has one of several.

    ``refusals`` are those it can meet; ``follow`` is where to see what comes of it. ``fault_when_new`` is
    what is wrong with a command that was not decided before: one that was gets its first answer again.
    ``limited_by`` is the setting that says how long its body may be.
    ``besides`` is what else is answered, read from the books: the same whenever it is asked.
    ``decide`` decides a command of which more follows in the same commit, by what came of it; all others
    join the next batch.
    """

    method: str
    path: str
    role: str | tuple[str, ...]
    body: type[Body]
    command: Callable[..., Command]
    view: Callable[[Any, Outcome], Any]
    answer: Any
    refusals: Sequence[str]
    status: int = 201
    named: Named | None = None
    key_required: bool = True
    follow: str | None = None
    fault_when_new: Callable[[Any], Problem | None] | None = None
    decide: Callable[[Journal, Any], Outcome] | None = None
    besides: Callable[[Connection, Any, Outcome], dict[str, Any]] | None = None
    limited_by: Literal["body_limit_bytes", "batch_limit_bytes"] = "body_limit_bytes"


def handler(service: Service, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    """What answers an operation."""
    roles = (operation.role,) if isinstance(operation.role, str) else operation.role
    model, make, named = operation.body, operation.command, operation.named
    limit, fault_of = getattr(service.settings, operation.limited_by), operation.fault_when_new
    # What may be long takes its time to be read, and the loop has others to answer.
    worked = _at_once if operation.limited_by == "body_limit_bytes" else run_in_threadpool

    def read(asked: Asked, raw: bytes, request: Request) -> Command:
        body = validated(model, raw)
        return make(asked, body, read_named(named, request)) if named else make(asked, body)

    async def answer(request: Request) -> Response:
        headers = headers_of(request.scope)
        caller = await service.caller_with(headers, *roles)
        id = command_id(headers, required=operation.key_required)
        if request.scope["query_string"]:
            refuse_query(request.scope)
        raw = await service.bodies.read(request.receive, headers, limit=limit)
        asked = Asked(id, caller.party, acting_as(caller, roles), now())
        command = await worked(read, asked, raw, request)
        fault = fault_of(command) if fault_of else None
        if fault and not await run_in_threadpool(was_decided, service, command.id):
            raise fault
        if operation.decide is None:
            outcome = await decided(service, command)
        else:
            outcome = await run_in_threadpool(_decided_by, service, operation.decide, command)
        besides: dict[str, Any] = {}
        if operation.besides and outcome.refusal is None:
            besides = await run_in_threadpool(_besides, service, operation.besides, command, outcome)
        return await worked(_answered, operation, command, outcome, besides)

    return answer


async def _at_once(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return work(*args, **kwargs)


def _besides(
    service: Service,
    read: Callable[[Connection, Any, Outcome], dict[str, Any]],
    command: Command,
    outcome: Outcome,
) -> dict[str, Any]:
    try:
        with service.house.database.app.connect() as connection:
            return read(connection, command, outcome)
    except (DatabaseUnavailable, SQLAlchemyError, psycopg.Error):
        raise Problem("try_again", "it was decided, and the books could not be read after it") from None


def acting_as(caller: Caller, roles: Sequence[str]) -> str:
    """A caller in the first of these roles that the token has, as a command names its actor."""
    role = next(role for role in roles if role in caller.roles)
    return f"{role}:{caller.party}"


def was_decided(service: Service, command: UUID) -> bool:
    """Whether a command of that id is in the books already."""
    try:
        with service.house.database.app.connect() as connection:
            return is_decided(connection, command)
    except (DatabaseUnavailable, SQLAlchemyError, psycopg.Error):
        # Deciding it will meet the same, and say so.
        return True


async def decided(service: Service, command: Command) -> Outcome:
    """What the books say, or the :class:`Problem` that they could not."""
    try:
        return await service.running.group.decided(command)
    except (Busy, TryAgain, CannotDecide) as reason:
        raise undecided(reason) from None


def _decided_by(service: Service, decide: Callable[[Journal, Any], Outcome], command: Command) -> Outcome:
    started = perf_counter()
    try:
        outcome = decide(service.house.journal, command)
    except TryAgain as reason:
        raise undecided(reason) from None
    service.metrics.committed([outcome], perf_counter() - started)
    return outcome


def undecided(reason: Exception) -> Problem:
    """The problem that kept a command from being decided."""
    match reason:
        case Busy():
            return Problem("busy", "too many commands wait already")
        case TryAgain():
            return Problem("try_again", "the books could not be reached, or other writers were in the way")
        case _:
            return Problem("cannot_decide", "this command fails in the database")


def _answered(operation: Operation, command: Command, outcome: Outcome, besides: dict[str, Any]) -> Response:
    def view(command: Any, outcome: Outcome) -> Any:
        return {**operation.view(command, outcome), **besides}

    response = answered(operation.status, view, command, outcome)
    if operation.follow is not None and outcome.refusal is None:
        response.headers["Location"] = operation.follow.format(id=command.id)
    return response


def answered(
    status: int, view: Callable[[Any, Outcome], Any], command: Command, outcome: Outcome
) -> Response:
    """The answer to a command that was decided: what the view makes of it, or the problem of its refusal."""
    if outcome.refusal is not None:
        response = refused(outcome.refusal).response()
    else:
        response = Response(_encode(view(command, outcome)), status, media_type="application/json")
    if outcome.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def read_named(named: Named, request: Request) -> Any:
    """What the path names. Raises the :class:`Problem` ``invalid``."""
    try:
        return named.read(request.path_params[named.name])
    except Malformed as reason:
        raise Problem(
            "invalid",
            f"{named.name} {reason}",
            errors=[{"field": f"path.{named.name}", "message": str(reason)}],
        ) from None
