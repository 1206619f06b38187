"""What the routes of one server share."""

from typing import Any, NamedTuple

from fastapi import Depends
from starlette.requests import Request

from api.http.metrics import Metrics
from api.http.problems import Problem
from api.http.requests import Bodies, headers_of, refuse_query
from api.settings import Settings
from api.tokens import BadToken, Caller, KeysUnavailable, Tokens
from api.wiring import House
from api.work.worker import Worker
from ledger.group_commit import GroupCommit

_SCHEME = b"bearer "
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="zhibo"'}
_INVALID_TOKEN = {"WWW-Authenticate": 'Bearer realm="zhibo", error="invalid_token"'}


class Running(NamedTuple):
    """What runs while the server does."""

    group: GroupCommit
    worker: Worker | None


class Service:
    """The books, who may come in, and what is running."""

    def __init__(self, house: House, settings: Settings, tokens: Tokens) -> None:
        self.house = house
        self.settings = settings
        self.tokens = tokens
        self.metrics = Metrics()
        self.bodies = Bodies(settings.body_timeout_seconds)
        self._running: Running | None = None

    @property
    def running(self) -> Running:
        """The group commit and the worker. Raises the :class:`Problem` ``busy`` when it is stopped."""
        if self._running is None:
            raise Problem("busy", "the server is starting or stopping")
        return self._running

    def start(self) -> None:
        """Take commands, and do scheduled work unless that is left to others."""
        group = GroupCommit(self.house.journal, self.metrics)
        self.metrics.watch_queue(group)
        worker = Worker(self.house, self.settings) if self.settings.worker else None
        if worker:
            worker.start()
        self._running = Running(group, worker)

    def stop(self) -> None:
        """Decide what waits, finish the batch in hand, and stop."""
        running, self._running = self._running, None
        if running:
            running.group.close()
            if running.worker:
                running.worker.stop()

    def caller_in(self, *roles: str) -> Any:
        """What a read depends on: its caller, by the token sent, in one of these roles.

        It raises the :class:`Problem` to answer with, also when the query asks for what the route does not
        know.
        """

        async def caller(request: Request) -> Caller:
            caller = await self.caller_with(headers_of(request.scope), *roles)
            if request.scope["query_string"]:
                refuse_query(request.scope)
            return caller

        return Depends(caller)

    async def caller_with(self, headers: dict[bytes, bytes], *roles: str) -> Caller:
        """Who asks, by the token among these headers, in one of these roles. Raises the :class:`Problem`."""
        sent = headers.get(b"authorization", b"")
        if sent[: len(_SCHEME)].lower() != _SCHEME:
            raise Problem("token_required", "no bearer token was sent", headers=_CHALLENGE)
        token = sent[len(_SCHEME) :].strip().decode("latin-1")
        caller = self.tokens.remembered(token)
        if caller is None:
            try:
                caller = await self.tokens.caller(token)
            except BadToken as reason:
                raise Problem("token_invalid", str(reason), headers=_INVALID_TOKEN) from None
            except KeysUnavailable:
                raise Problem("keys_unavailable", "the issuer's keys cannot be had at the moment") from None
        if caller.roles.isdisjoint(roles):
            raise Problem("forbidden", f"this is for the role {' or '.join(roles)}")
        return caller
