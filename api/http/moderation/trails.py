"""Trails of collusion over HTTP: for finance and moderators, and nobody else. It opens no case by itself."""

from typing import Annotated, Any, Literal, Self

from fastapi import FastAPI, Query
from pydantic import BaseModel, ConfigDict, PlainValidator, WithJsonSchema, model_validator
from starlette.responses import Response
from typing_extensions import TypedDict

from api.event_file import fields
from api.http.bodies import INSTANT_SCHEMA
from api.http.documents import read_responses
from api.http.moderation.access import recorded
from api.http.money import Money, coins, timestamp
from api.http.operations import acting_as
from api.http.reads import as_json
from api.http.requests import now
from api.http.service import Service
from api.tokens import Caller
from ledger.instants import MICROSECONDS_PER_DAY
from settlement.trails.reading import trails

READERS = ("moderator", "finance")
_LONGEST_DAYS = 92
_Instant = Annotated[int, PlainValidator(fields.instant), WithJsonSchema(INSTANT_SCHEMA)]


class TrailsQuery(BaseModel):
    """Among tips posted from when, and until when (now, if not given)."""

    model_config = ConfigDict(extra="forbid")

    since: _Instant
    until: _Instant | None = None

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        until = now() if self.until is None else self.until
        if until <= self.since:
            raise ValueError("until is not after since")
        if until - self.since > _LONGEST_DAYS * MICROSECONDS_PER_DAY:
            raise ValueError(f"since lies more than {_LONGEST_DAYS} days back: ask for less at a time")
        return self


class TrailView(TypedDict):
    """Something worth a look. In a ring everybody gives and receives."""

    kind: Literal["self_tip", "shared_payee", "ring", "tips_just_under", "days_just_under"]
    givers: list[str]
    receivers: list[str]
    amount: Money
    tips: int


class TrailsView(TypedDict):
    """What was found, the largest amount first."""

    since: str
    until: str
    trails: list[TrailView]


def add_trails(app: FastAPI, service: Service) -> None:
    """Add the query to the routes."""
    reader = service.caller_in(*READERS)

    @app.get("/v1/trails", **read_responses(TrailsView))
    def collusion_trails(
        caller: Annotated[Caller, reader], query: Annotated[TrailsQuery, Query()]
    ) -> Response:
        """Tips that come back to their source, and tips kept just under a limit. To look is on record."""
        until = now() if query.until is None else query.until
        period = f"{timestamp(query.since)}/{timestamp(until)}"
        with recorded(service, acting_as(caller, READERS), "read_trails", "trails", period) as connection:
            found = trails(connection, query.since, until)
        views: list[Any] = [
            {
                "kind": trail.kind,
                "givers": list(trail.givers),
                "receivers": list(trail.receivers),
                "amount": coins(trail.coins),
                "tips": trail.tips,
            }
            for trail in found
        ]
        return as_json({"since": timestamp(query.since), "until": timestamp(until), "trails": views})
