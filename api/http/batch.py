"""Tips in batches: up to 1,000 at once from the platform's gateway, each with its own id and outcome."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.http.bodies import MOST_TIPS_A_BATCH, BatchTip
from api.http.operations import undecided
from api.http.problems import Problem, refused
from api.http.requests import headers_of, judged, now, parsed, refuse_query
from api.http.service import Service
from api.http.views import TipOutcome, tip_view
from ledger.gifts.commands import Tip
from ledger.journal.commands import Busy, Outcome

ROLE = "gateway"

_encode = msgspec.json.Encoder().encode
_LONGEST_ID = 200


def batch_handler(service: Service) -> Callable[[Request], Awaitable[Response]]:
    """What answers ``POST /v1/tips/batch``."""
    limit = service.settings.batch_limit_bytes

    async def answer(request: Request) -> Response:
        headers = headers_of(request.scope)
        caller = await service.caller_with(headers, ROLE)
        if request.scope["query_string"]:
            refuse_query(request.scope)
        raw = await service.bodies.read(request.receive, headers, limit=limit)
        items = _items(parsed(raw))
        actor, received_at = f"{ROLE}:{caller.party}", now()
        tips = [_tip(item, position, actor, received_at) for position, item in enumerate(items)]
        well_formed = [tip for tip in tips if isinstance(tip, Tip)]
        try:
            answers = iter(await service.running.group.all_decided(well_formed) if well_formed else ())
        except Busy as reason:
            raise undecided(reason) from None
        outcomes = [
            _told(tip, next(answers)) if isinstance(tip, Tip) else _malformed(item, tip)
            for item, tip in zip(items, tips, strict=True)
        ]
        return Response(_encode({"outcomes": outcomes}), media_type="application/json")

    return answer


def _items(body: object) -> list[Any]:
    if isinstance(body, list) and 1 <= len(body) <= MOST_TIPS_A_BATCH:
        return body
    message = f"is not an array of 1 to {MOST_TIPS_A_BATCH} tips"
    raise Problem("invalid", f"the body {message}", errors=[{"field": "body", "message": message}])


def _tip(item: object, position: int, actor: str, received_at: int) -> Tip | Problem:
    """One tip, or what is wrong with it: the others are decided all the same."""
    try:
        tip = judged(BatchTip, item, f"body.{position}")
    except Problem as problem:
        return problem
    at = received_at if tip.at is None else tip.at
    return Tip(
        tip.id, actor, at, tip.at, tip.viewer, tip.streamer, tip.room, tip.gift, tip.quantity, tip.price
    )


def _told(tip: Tip, answer: Outcome | Exception) -> TipOutcome:
    if not isinstance(answer, Outcome):
        problem = undecided(answer).members()
        return {"id": tip.id, "status": "undecided", "replayed": False, "problem": problem}
    if answer.refusal is not None:
        problem = refused(answer.refusal).members()
        return {"id": tip.id, "status": "refused", "replayed": answer.replayed, "problem": problem}
    return {
        "id": tip.id,
        "status": "accepted",
        "replayed": answer.replayed,
        "tip": tip_view(tip, answer),
    }


def _malformed(item: object, problem: Problem) -> TipOutcome:
    outcome: TipOutcome = {"status": "malformed", "replayed": False, "problem": problem.members()}
    said = item.get("id") if isinstance(item, dict) else None
    if isinstance(said, str) and said.isprintable() and len(said) <= _LONGEST_ID:
        outcome["id"] = said
    return outcome
