"""Standing over HTTP: what a person may not do now, until when, and by which case."""

from typing import Annotated

from fastapi import FastAPI
from starlette.responses import Response

from api.http.documents import read_responses
from api.http.moderation.access import recorded
from api.http.moderation.case_bodies import StandingView
from api.http.moderation.case_views import standing_view
from api.http.moderation.evidence import CaseName
from api.http.operations import acting_as
from api.http.reads import as_json, snapshot
from api.http.requests import now
from api.http.service import Service
from api.tokens import Caller
from moderation.measures.reading import standing_of

_ASKERS = ("gateway", "moderator")


def add_standing(app: FastAPI, service: Service) -> None:
    """Add what can be read of standing to the routes."""
    anybody, asker = service.caller_in("viewer", "streamer"), service.caller_in(*_ASKERS)

    @app.get("/v1/me/standing", **read_responses(StandingView))
    def own_standing(caller: Annotated[Caller, anybody]) -> Response:
        """What the caller may not do now, until when, and by which case."""
        with snapshot(service) as connection:
            standing = standing_of(connection, caller.party, now())
        return as_json(standing_view(standing))

    @app.get("/v1/parties/{party:path}/standing", **read_responses(StandingView))
    def standing(party: CaseName, caller: Annotated[Caller, asker]) -> Response:
        """What a party may not do now. To look is written down."""
        with recorded(service, acting_as(caller, _ASKERS), "read_standing", f"party:{party}") as connection:
            found = standing_of(connection, party, now())
        return as_json(standing_view(found))
