"""Previews over HTTP: what a money measure would move, shown before anybody decides on it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import FastAPI, Query, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.event_file import fields
from api.http.bodies import TEXT_SCHEMA, Id
from api.http.documents import read_responses
from api.http.moderation.access import recorded
from api.http.moderation.evidence import CaseName
from api.http.moderation.preview_bodies import PreviewBody, PreviewView, preview_view
from api.http.operations import Asked, Named, Operation, acting_as, answered, decided, read_named
from api.http.problems import Problem, refused
from api.http.reads import PageQuery, as_json, snapshot
from api.http.requests import command_id, headers_of, now, refuse_query, validated
from api.http.service import Service
from api.tokens import Caller
from ledger.journal.commands import Outcome, TryAgain, derived_id
from ledger.kernel.posted import last_seq_at
from moderation.cases.concerning import is_concerned
from moderation.cases.records import read_cases
from moderation.measures.kinds import MeasureKind
from moderation.takings.acts import amount_fen
from moderation.takings.commands import MakePreview
from moderation.takings.reading import freezes_of_cases, going_back, previews
from moderation.takings.refusals import PreviewNotFound
from moderation.takings.shown import Giving, LeftOut, PlanShown
from settlement.returns.givings import givings_of
from settlement.returns.planning import NothingToPlan, make_plan
from settlement.returns.plans import PlannedReturn, ReturnPlans
from settlement.returns.selections import Kind

_ROLES = ("moderator", "finance")
_CASE = Named("case", fields.text, TEXT_SCHEMA)
_PLANS = ReturnPlans()


def make_preview(asked: Asked, body: PreviewBody, case: str, plan: PlanShown | None = None) -> MakePreview:
    """Shows what a measure would move, to the fen; it moves nothing. Rules: LIVE-MOD-7, LIVE-MOD-8."""
    return MakePreview(
        *asked.common,
        case,
        body.kind,
        body.party,
        body.amount,
        body.items,
        body.beside,
        body.exceeding,
        plan,
    )


def _no_view(command: MakePreview, outcome: Outcome) -> None:
    raise AssertionError("a preview is read back from the books")


PREVIEW_OPERATION = Operation(
    "POST",
    "/v1/cases/{case:path}/previews",
    _ROLES,
    PreviewBody,
    make_preview,
    _no_view,
    PreviewView,
    (
        "case_not_found",
        "account_not_found",
        "own_affair",
        "rule_switched_off",
        "preview_not_found",
        "indirect_loss",
        "above_liability_cap",
        "plan_too_wide",
        "nothing_to_take",
        "penalty_counted_twice",
    ),
    named=_CASE,
    limited_by="batch_limit_bytes",
)


def preview_handler(service: Service) -> Callable[[Request], Awaitable[Response]]:
    """What answers ``POST /v1/cases/{case}/previews``. Which tips would go back is planned first."""

    def planned(asked: Asked, raw: bytes, request: Request) -> MakePreview:
        body, case = validated(PreviewBody, raw), read_named(_CASE, request)
        return make_preview(asked, body, case, _plan(service, asked, body, case) if body.tips else None)

    def shown(command: MakePreview) -> PreviewView:
        with snapshot(service) as connection:
            return _view(connection, command.id, None, PageQuery().limit)

    async def answer(request: Request) -> Response:
        headers = headers_of(request.scope)
        caller = await service.caller_with(headers, *_ROLES)
        id = command_id(headers, required=True)
        if request.scope["query_string"]:
            refuse_query(request.scope)
        raw = await service.bodies.read(request.receive, headers, limit=service.settings.batch_limit_bytes)
        asked = Asked(id, caller.party, acting_as(caller, _ROLES), now())
        command = await run_in_threadpool(planned, asked, raw, request)
        outcome = await decided(service, command)
        view = await run_in_threadpool(shown, command) if outcome.refusal is None else None
        return answered(PREVIEW_OPERATION.status, lambda *_: view, command, outcome)

    return answer


def _plan(service: Service, asked: Asked, body: PreviewBody, case: str) -> PlanShown:
    """The plan of a command, made once for what it names. Raises the :class:`Problem` ``invalid``."""
    assert body.tips is not None
    selection = body.tips.selection
    named = msgspec.json.encode((body.kind, selection, body.ratio_bps)).decode()
    plan = derived_id(asked.id, f"plan:{named}")

    def work(connection: Connection) -> PlanShown:
        if plan not in _PLANS.summary(connection, [plan]):
            kind: Kind = "unlawful" if body.kind == MeasureKind.RETURN_TIPS else "minor"
            upto_seq = last_seq_at(asked.occurred_at)
            freezes = [one for placed in freezes_of_cases(connection, [case]).values() for one in placed]
            going = [one.plan for one in going_back(connection)]
            make_plan(
                connection, plan, selection, upto_seq, kind, body.ratio_bps, freezes=freezes, going=going
            )
        summary = _PLANS.summary(connection, [plan])[plan]
        givings = tuple(
            Giving(one.streamer, one.unsettled_coins, one.streamer_minor, one.kept_minor)
            for one in givings_of(connection, plan)
        )
        _refuse_another_party(body, [giving.streamer for giving in givings])
        left_out = LeftOut(summary.undone_before, summary.taken_before, summary.held_before)
        return PlanShown(
            plan,
            summary.sha256,
            summary.count,
            summary.coins,
            summary.fen,
            givings,
            left_out,
            summary.refund_minor,
        )

    try:
        return service.house.journal.transact(work)
    except NothingToPlan as reason:
        errors = [{"field": "body.tips", "message": str(reason)}]
        raise Problem("invalid", f"nothing can be planned: {reason}", errors=errors) from None
    except TryAgain:
        raise Problem("try_again", "the books could not be reached") from None


def _refuse_another_party(body: PreviewBody, streamers: Sequence[str]) -> None:
    """The party gives all that goes back, or is the viewer whose tips these are: it is told of all of it."""
    assert body.tips is not None
    if streamers and body.party != body.tips.viewer and [body.party] != streamers:
        message = "is neither the viewer whose tips these are nor the one streamer who gives them back"
        raise Problem("invalid", f"party {message}", errors=[{"field": "body.party", "message": message}])


def add_previews(app: FastAPI, service: Service) -> None:
    """Add what can be read of previews to the routes; before whatever reads a case by any name."""
    decider = service.caller_in(*_ROLES)

    @app.get(
        "/v1/cases/{case:path}/previews/{id}", **read_responses(PreviewView, missing="preview_not_found")
    )
    def preview(
        case: CaseName,
        id: Id,
        caller: Annotated[Caller, decider],
        query: Annotated[PageQuery, Query()],
    ) -> Response:
        """What was shown, and a page of the tips that would go back. To look is written down."""
        actor = acting_as(caller, _ROLES)
        with recorded(service, actor, "read_preview", f"case:{case}", f"preview:{id}") as connection:
            known = read_cases(connection, [case]).get(case)
            found = previews(connection, [id]).get(id)
            if known is None or found is None or found.case != case:
                raise refused(PreviewNotFound(str(id), case))
            if caller.party in found.parties or is_concerned(connection, caller.party, case):
                raise refused(PreviewNotFound(str(id), case))
            view = _view(connection, id, query.cursor, query.limit)
        return as_json(view)


def _view(connection: Connection, id: UUID, cursor: int | None, limit: int) -> PreviewView:
    preview = previews(connection, [id])[id]
    tips: list[PlannedReturn] = []
    if preview.shown.plan:
        tips = list(_PLANS.page(connection, preview.shown.plan.plan, after=cursor or 0, limit=limit + 1))
    behind = tips[limit - 1].tip if len(tips) > limit else None
    as_made = msgspec.structs.replace(preview, remitted_minor=())
    return preview_view(as_made, amount_fen(as_made), tips[:limit], behind)
