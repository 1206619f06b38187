"""The yardstick of `POST /v1/tips`: a plain FastAPI route of the same app that touches no ledger.

Same body, answer, authentication and middleware: `zhibo bench` measures the one against the other.
"""

from typing import Annotated

from fastapi import FastAPI, Header

from api.http.bodies import Id, TipBody
from api.http.requests import now
from api.http.service import Service
from api.http.views import TipView, tip_view
from api.tokens import Caller
from ledger.gifts.commands import Tip
from ledger.journal.commands import Moved, Outcome

YARDSTICK_PATH = "/yardstick/tips"

_MOVED = (Moved(1, 1, 1),)


def add_yardstick(app: FastAPI) -> None:
    """Add the route; for :func:`api.http.serve`'s ``extend``."""
    service: Service = app.state.service

    viewer = service.caller_in("viewer")

    @app.post(YARDSTICK_PATH, status_code=201, include_in_schema=False)
    async def tip(
        body: TipBody,
        caller: Annotated[Caller, viewer],
        idempotency_key: Annotated[Id, Header()],
    ) -> TipView:
        command = Tip(
            idempotency_key,
            f"viewer:{caller.party}",
            now(),
            None,
            caller.party,
            body.streamer,
            body.room,
            body.gift,
            body.quantity,
            body.price,
        )
        return tip_view(command, Outcome(command.id, 1, command.occurred_at, moved=_MOVED))
