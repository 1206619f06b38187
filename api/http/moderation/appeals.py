"""Appeals over HTTP: whoever a decision concerns files one and follows it, somebody else answers it."""

from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, Query
from pydantic import Field, PlainValidator, WithJsonSchema
from starlette.responses import Response
from typing_extensions import TypedDict

from api.event_file import fields
from api.http.bodies import ID_SCHEMA, Body, Fen, Id
from api.http.documents import read_responses
from api.http.moderation.access import recorded
from api.http.moderation.case_bodies import ANY_ID_SCHEMA, LongText, any_id
from api.http.money import timestamp
from api.http.operations import Asked, Named, Operation, acting_as
from api.http.problems import refused
from api.http.reads import PageQuery, as_json, snapshot
from api.http.service import Service
from api.http.unsealing import opened
from api.sealing import Keys
from api.tokens import Caller
from ledger.journal.commands import Outcome
from ledger.sealing import SealingKeys
from moderation.appeals.commands import DecideAppeal, FileAppeal, Verdict
from moderation.appeals.reading import AppealView as Standing
from moderation.appeals.reading import appeals_of
from moderation.appeals.refusals import AppealNotFound
from moderation.cases.concerning import is_concerned
from moderation.cases.records import read_decisions
from moderation.sealing.values import APPEAL

_APPELLANTS, _ANSWERERS = ("viewer", "streamer"), ("moderator", "finance")
_DECISION = Named("id", any_id, ANY_ID_SCHEMA)
_APPEAL = Named("id", fields.identifier, ID_SCHEMA)
_VERDICTS = tuple(verdict.value for verdict in Verdict)
_Verdict = Annotated[
    str,
    PlainValidator(fields.one_of(*_VERDICTS)),
    WithJsonSchema({"type": "string", "enum": list(_VERDICTS)}),
]
_Number = Annotated[int, Field(strict=True, ge=0, le=10_000)]
_MOST = 100


class AppealBody(Body):
    """Why the decision is wrong."""

    text: LongText


class LoweredBody(Body):
    """A penalty or damages that take less from now on: the measure's number, and what is still taken."""

    measure: _Number
    amount: Fen


class VerdictBody(Body):
    """What becomes of the decision. One that is `changed` says which measures end, and which take less."""

    verdict: _Verdict
    reason: LongText
    ended: Annotated[tuple[_Number, ...], Field(max_length=_MOST)] = ()
    lowered: Annotated[tuple[LoweredBody, ...], Field(max_length=_MOST)] = ()


class AppealsQuery(PageQuery):
    """Those that wait for an answer (`open=true`), those that have one, or all."""

    open: Annotated[bool, Field()] | None = None


class AppealFiledView(TypedDict):
    """An appeal that was filed: nothing is taken until it is answered."""

    id: UUID
    decision: UUID
    occurred_at: str


class VerdictView(TypedDict):
    """An answer to an appeal."""

    id: UUID
    appeal: UUID
    verdict: str
    reason: str
    occurred_at: str


class AppealView(TypedDict):
    """An appeal as it stands; `verdict`, `reason` and `answered_at` are null while it waits."""

    id: UUID
    decision: UUID
    appellant: str
    text: str
    filed_at: str
    answer_by: str
    verdict: str | None
    reason: str | None
    answered_at: str | None


class AppealsView(TypedDict):
    """Some appeals, oldest first; `next` is the cursor of the page behind, null when there is none."""

    appeals: list[AppealView]
    next: str | None


def appeal_operations(keys: Keys) -> tuple[Operation, ...]:
    """What can be asked about appeals; why somebody appeals is sealed at the door under these keys."""

    def file_appeal(asked: Asked, body: AppealBody, decision: UUID) -> FileAppeal:
        """Appeals against a decision, within its time. Gap: G4."""
        text = keys().personal(asked.id, asked.party, APPEAL, body.text)
        return FileAppeal(*asked.common, decision, asked.party, text)

    return (
        Operation(
            "POST",
            "/v1/decisions/{id}/appeals",
            _APPELLANTS,
            AppealBody,
            file_appeal,
            _filed_view,
            AppealFiledView,
            (
                "decision_not_found",
                "appeal_exists",
                "decision_closed",
                "appeal_too_late",
                "sealing_keys_missing",
            ),
            named=_DECISION,
        ),
        _ANSWER,
    )


def answer_appeal(asked: Asked, body: VerdictBody, appeal: UUID) -> DecideAppeal:
    """Answers an appeal, as somebody who neither decided nor approved. Rule: LIVE-MOD-10, gap G4."""
    lowered = tuple((one.measure, one.amount) for one in body.lowered)
    return DecideAppeal(*asked.common, appeal, body.verdict, body.reason, body.ended, lowered)


def _filed_view(command: FileAppeal, outcome: Outcome) -> AppealFiledView:
    return {
        "id": command.id,
        "decision": command.decision,
        "occurred_at": timestamp(outcome.occurred_at),
    }


def _verdict_view(command: DecideAppeal, outcome: Outcome) -> VerdictView:
    return {
        "id": command.id,
        "appeal": command.appeal,
        "verdict": command.verdict,
        "reason": command.reason,
        "occurred_at": timestamp(outcome.occurred_at),
    }


_ANSWER = Operation(
    "POST",
    "/v1/appeals/{id}/verdict",
    _ANSWERERS,
    VerdictBody,
    answer_appeal,
    _verdict_view,
    VerdictView,
    (
        "appeal_not_found",
        "own_affair",
        "second_person_required",
        "appeal_already_decided",
        "decision_closed",
        "nothing_changed",
        "measure_not_found",
        "not_a_reduction",
    ),
    named=_APPEAL,
)


def add_appeals(app: FastAPI, service: Service, keys: Keys) -> None:
    """Add what can be read of appeals to the routes."""
    answerer, appellant = service.caller_in(*_ANSWERERS), service.caller_in(*_APPELLANTS)

    @app.get("/v1/me/appeals", **read_responses(AppealsView))
    def own_appeals(caller: Annotated[Caller, appellant], query: Annotated[PageQuery, Query()]) -> Response:
        """The caller's appeals, and what became of them."""
        with snapshot(service) as connection:
            found = appeals_of(connection, appellant=caller.party, after=query.cursor, limit=query.limit + 1)
        return as_json(_page(found, query.limit, keys))

    @app.get("/v1/appeals", **read_responses(AppealsView))
    def appeals(caller: Annotated[Caller, answerer], query: Annotated[AppealsQuery, Query()]) -> Response:
        """Appeals, but for those of the caller's own affairs. To look is written down."""
        with recorded(service, acting_as(caller, _ANSWERERS), "read_appeals", "appeals") as connection:
            found = appeals_of(
                connection,
                is_open=query.open,
                unless_about=caller.party,
                after=query.cursor,
                limit=query.limit + 1,
            )
        return as_json(_page(found, query.limit, keys))

    @app.get("/v1/appeals/{id}", **read_responses(AppealView, missing="appeal_not_found"))
    def appeal(id: Id, caller: Annotated[Caller, answerer]) -> Response:
        """An appeal, and what became of it. To look is written down."""
        with recorded(service, acting_as(caller, _ANSWERERS), "read_appeal", f"appeal:{id}") as connection:
            found = appeals_of(connection, appeal=id)
            decisions = read_decisions(connection, [one.decision for one in found])
            cases = {decision.case for decision in decisions.values()}
            if not found or any(is_concerned(connection, caller.party, case) for case in cases):
                raise refused(AppealNotFound(str(id)))
        return as_json(_view(found[0], keys()))


def _page(found: list[Standing], limit: int, keys: Keys) -> AppealsView:
    behind = str(found[limit - 1].entry) if len(found) > limit else None
    return {"appeals": [_view(one, keys()) for one in found[:limit]], "next": behind}


def _view(one: Standing, keys: SealingKeys) -> AppealView:
    return {
        "id": one.appeal,
        "decision": one.decision,
        "appellant": one.appellant,
        "text": opened(keys, one.text),
        "filed_at": timestamp(one.filed_at),
        "answer_by": timestamp(one.answer_by),
        "verdict": one.verdict,
        "reason": one.reason,
        "answered_at": None if one.decided_at is None else timestamp(one.decided_at),
    }
