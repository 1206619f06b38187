"""Batches for the bank over HTTP: one of finance puts one together, another sends it, its answer is read."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

import structlog
from fastapi import FastAPI, Query, Request
from pydantic import PlainValidator, WithJsonSchema
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from typing_extensions import TypedDict

from api.event_file.fields import Malformed
from api.http.bodies import Body, Words
from api.http.documents import problem_responses, read_responses
from api.http.money import Money, fen, next_page, timestamp
from api.http.operations import Asked, Named, Operation, undecided
from api.http.problems import Problem, refused
from api.http.reads import PageQuery, as_json, snapshot
from api.http.requests import headers_of
from api.http.service import Service
from api.http.settlement.payouts import PAYOUT_SCHEMA, payout_id
from api.sealing import Keys
from api.tokens import Caller
from ledger.journal.commands import Outcome, Undecided
from ledger.sealing import CannotUnseal
from settlement.payouts import commands as asks
from settlement.payouts.bank_batches import CHANNEL, file_of, take_results
from settlement.payouts.channels.bank_file import BadResultFile, batch_named
from settlement.payouts.reading import BatchState, NoSuchBatch, batch_page, batch_state
from settlement.payouts.refusals import BatchCancelled, BatchNotFound, SamePerson
from settlement.payouts.sending import send_batch
from settlement.payouts.states import person_of

_MOST_PAYOUTS = 1_000
#: A result file repeats every payment: some 200 bytes each.
_LONGEST_RESULT_BYTES = 10_000_000
_BATCH = Named("id", payout_id, PAYOUT_SCHEMA)
_BatchId = Annotated[UUID, PlainValidator(payout_id), WithJsonSchema(PAYOUT_SCHEMA)]

_log = structlog.get_logger(__name__)
T = TypeVar("T")


def _ids(value: object) -> tuple[UUID, ...] | None:
    if value is None:
        return None
    if type(value) is not list or not 1 <= len(value) <= _MOST_PAYOUTS:
        raise Malformed(f"is not a list of 1 to {_MOST_PAYOUTS} ids")
    found = tuple(payout_id(item) for item in value)
    if len(set(found)) < len(found):
        raise Malformed("names a payout twice")
    return found


_SOME = {
    "type": "array",
    "items": PAYOUT_SCHEMA,
    "minItems": 1,
    "maxItems": _MOST_PAYOUTS,
    "uniqueItems": True,
}
_Ids = Annotated[
    tuple[UUID, ...] | None, PlainValidator(_ids), WithJsonSchema({"anyOf": [_SOME, {"type": "null"}]})
]


class BatchBody(Body):
    """Which payouts, in this order; without `payouts` all that are ready and wait in no other batch."""

    payouts: _Ids = None


class BatchReasonBody(Body):
    """Why."""

    reason: Words


class BatchMadeView(TypedDict):
    """A batch that was made; see `/v1/payout-batches/{id}` for what is in it."""

    id: UUID
    channel: str
    occurred_at: str


class BatchCancelledView(TypedDict):
    """A batch that was taken back."""

    id: UUID
    batch: UUID
    occurred_at: str


class BatchView(TypedDict):
    """A batch. `state` is `made`, `sent` or `cancelled`; `sent`, `paid` and `failed` count its payouts."""

    id: UUID
    channel: str
    state: str
    made_by: str
    made_at: str
    payouts: list[UUID]
    sent: int
    paid: int
    failed: int
    net: Money


class BatchesView(TypedDict):
    """Some batches, newest first; `next` is the cursor of older ones, null when there is none."""

    batches: list[BatchView]
    next: str | None


class LeftOutView(TypedDict):
    """A payout that was not sent, and why. It can be put into a later batch."""

    payout: UUID
    reason: str


class BatchSentView(TypedDict):
    """A batch that was sent: how many payments, what they come to, and who was left out."""

    id: UUID
    payments: int
    net: Money
    left_out: list[LeftOutView]


class ResultsView(TypedDict):
    """What a result file said; `again` was recorded before."""

    id: UUID
    paid: int
    failed: int
    unknown: int
    again: int


def make_payout_batch(asked: Asked, body: BatchBody) -> asks.MakeBatch:
    """Puts payouts together for the bank; somebody else has to send them."""
    return asks.MakeBatch(*asked.common, CHANNEL, body.payouts)


def cancel_payout_batch(asked: Asked, body: BatchReasonBody, batch: UUID) -> asks.CancelBatch:
    """Takes a batch back of which nothing was sent; its payouts stay approved."""
    return asks.CancelBatch(*asked.common, batch, body.reason)


def batch_made_view(command: asks.MakeBatch, outcome: Outcome) -> BatchMadeView:
    """A batch."""
    return {"id": command.id, "channel": command.channel, "occurred_at": timestamp(outcome.occurred_at)}


def batch_cancelled_view(command: asks.CancelBatch, outcome: Outcome) -> BatchCancelledView:
    """A batch taken back."""
    return {"id": command.id, "batch": command.batch, "occurred_at": timestamp(outcome.occurred_at)}


BATCH_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/v1/payout-batches",
        "finance",
        BatchBody,
        make_payout_batch,
        batch_made_view,
        BatchMadeView,
        (
            "payout_not_found",
            "nothing_ready",
            "same_person",
            "payout_closed",
            "payout_already_sent",
            "payout_not_approved",
        ),
        follow="/v1/payout-batches/{id}",
    ),
    Operation(
        "POST",
        "/v1/payout-batches/{id}/cancel",
        "finance",
        BatchReasonBody,
        cancel_payout_batch,
        batch_cancelled_view,
        BatchCancelledView,
        ("batch_not_found", "batch_cancelled", "batch_already_sent"),
        named=_BATCH,
    ),
)


def add_batches(app: FastAPI, service: Service, keys: Keys) -> None:
    """Add what can be read of batches, sending one, its file, and the bank's answer to the routes."""
    journal = service.house.journal

    finance = service.caller_in("finance")

    def found(id: UUID) -> BatchState:
        with snapshot(service) as connection:
            try:
                return batch_state(connection, id)
            except NoSuchBatch:
                raise refused(BatchNotFound(str(id))) from None

    def decided(work: Callable[[], T]) -> T:
        try:
            return work()
        except Undecided as reason:
            raise undecided(reason) from None
        except CannotUnseal as reason:
            raise Problem("sealing_keys_missing", str(reason)) from None

    @app.get("/v1/payout-batches", **read_responses(BatchesView))
    def payout_batches(caller: Annotated[Caller, finance], query: Annotated[PageQuery, Query()]) -> Response:
        """All batches, newest first."""
        with snapshot(service) as connection:
            batches, cursor = batch_page(connection, before=query.cursor, limit=query.limit)
        view: BatchesView = {
            "batches": [_batch_view(batch) for batch in batches],
            "next": next_page(cursor),
        }
        return as_json(view)

    @app.get("/v1/payout-batches/{id}", **read_responses(BatchView, missing="batch_not_found"))
    def payout_batch(id: _BatchId, caller: Annotated[Caller, finance]) -> Response:
        """A batch, and how far it is."""
        return as_json(_batch_view(found(id)))

    @app.post("/v1/payout-batches/{id}/send", **_doing(BatchSentView, "batch_cancelled", "same_person"))
    def send_payout_batch(id: _BatchId, caller: Annotated[Caller, finance]) -> Response:
        """Sends a batch that somebody else made, as its file does. Needs no key: sent again it stays sent."""
        made = found(id)
        if made.cancelled_by is not None:
            raise refused(BatchCancelled(str(id), made.cancelled_by))
        if person_of(made.batch.maker) == caller.party:
            raise refused(SamePerson(caller.party))
        told = decided(lambda: send_batch(journal, id, f"finance:{caller.party}"))
        view: BatchSentView = {
            "id": id,
            "payments": len(told.sent),
            "net": fen(sum(payout.net_minor for payout in told.sent)),
            "left_out": [{"payout": payout, "reason": why} for payout, why in told.left_out],
        }
        return as_json(view)

    @app.get("/v1/payout-batches/{id}/file", **_file_responses())
    def payout_batch_file(id: _BatchId, caller: Annotated[Caller, finance]) -> Response:
        """The bank's file of a batch that was sent: names and accounts in the clear. Always the same file."""
        if not found(id).sent:
            raise Problem("batch_not_sent", f"nothing of batch {id} was sent")
        sealing = keys()
        lines = decided(lambda: list(file_of(journal, sealing, id)))
        _log.info("bank file handed out", batch=str(id), to=caller.party)
        response = StreamingResponse(iter(lines), media_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="batch-{id}.csv"'
        return response

    @app.post("/v1/payout-batches/{id}/results", **_results_responses())
    async def record_bank_results(
        id: _BatchId, request: Request, caller: Annotated[Caller, finance]
    ) -> Response:
        """Records the bank's result file, all its lines or none. Read again it changes nothing."""
        raw = await service.bodies.read(
            request.receive, headers_of(request.scope), limit=_LONGEST_RESULT_BYTES, media_type=b"text/csv"
        )
        return await run_in_threadpool(recorded, id, raw, caller)

    def recorded(id: UUID, raw: bytes, caller: Caller) -> Response:
        found(id)
        sealing = keys()
        try:
            text = raw.decode("utf-8-sig")
            if batch_named(text) != id:
                raise BadResultFile(2, f"the file is not of batch {id}")
            told = decided(lambda: take_results(journal, sealing, text))
        except UnicodeDecodeError as error:
            raise _not_a_result(f"is not UTF-8 (byte {error.start + 1})") from None
        except BadResultFile as reason:
            raise _not_a_result(str(reason)) from None
        _log.info("bank results recorded", batch=str(id), by=caller.party)
        view: ResultsView = {
            "id": id,
            "paid": told["paid"],
            "failed": told["failed"],
            "unknown": told["unknown"],
            "again": told["again"],
        }
        return as_json(view)


def _not_a_result(message: str) -> Problem:
    return Problem("invalid", message, errors=[{"field": "body", "message": message}])


def _batch_view(state: BatchState) -> BatchView:
    batch = state.batch
    return {
        "id": batch.batch,
        "channel": batch.channel,
        "state": state.state,
        "made_by": batch.maker,
        "made_at": timestamp(state.made_at),
        "payouts": list(batch.payouts),
        "sent": state.sent,
        "paid": state.paid,
        "failed": state.failed,
        "net": fen(state.net_minor),
    }


def _doing(view: Any, *refusals: str) -> dict[str, Any]:
    """What something that is done without a key is registered with."""
    registered = read_responses(view, missing="batch_not_found")
    registered["responses"] |= problem_responses([*refusals, "invalid"])
    return registered


def _file_responses() -> dict[str, Any]:
    registered = _doing(None, "batch_not_sent", "sealing_keys_missing")
    content = {"text/csv": {"schema": {"type": "string"}}}
    registered["responses"][200] = {"description": "As asked.", "content": content}
    # Both are 503.
    registered["responses"] |= problem_responses(["sealing_keys_missing", "busy", "try_again"])
    return registered | {"response_class": Response}


def _results_responses() -> dict[str, Any]:
    registered = _doing(ResultsView, "media_type_unsupported", "body_too_large", "body_timeout")
    registered["responses"] |= problem_responses(["sealing_keys_missing", "busy", "try_again"])
    body = {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}
    return registered | {"openapi_extra": {"requestBody": body}}
