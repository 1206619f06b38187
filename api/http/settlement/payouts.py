"""Payouts over HTTP: payees ask and see their own; finance approves, refuses, sends, and sees all.

Sending records it in the books; the worker tells the channel, and asks it for its answer.
"""

import re
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import FastAPI, Query
from pydantic import PlainValidator, WithJsonSchema
from starlette.responses import Response
from typing_extensions import TypedDict

from api.event_file import fields
from api.event_file.fields import Malformed
from api.http.bodies import Body, Fen, Id, Text, Words
from api.http.documents import read_responses
from api.http.money import Money, fen, next_page, timestamp
from api.http.operations import Asked, Named, Operation
from api.http.problems import Problem
from api.http.reads import PageQuery, as_json, snapshot
from api.http.service import Service
from api.settings import Settings
from api.tokens import Caller
from ledger.journal.commands import Outcome
from settlement.payouts import commands as asks
from settlement.payouts.reading import Event, PayoutPage, histories_of, payouts_page
from settlement.payouts.states import Payout, State

_STATES = tuple(state.value for state in State)
_CHANNELS = ("bank", "sandbox")
#: Also those we asked for ourselves, whose ids are of version 8.
PAYOUT_SCHEMA = {
    "type": "string",
    "format": "uuid",
    "pattern": "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
}


def payout_id(value: object) -> UUID:
    """An id of any version."""
    if type(value) is not str or not re.fullmatch(PAYOUT_SCHEMA["pattern"], value):
        raise Malformed("is not a UUID")
    return UUID(value)


def _choice(*names: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(names)}


_PAYOUT = Named("id", payout_id, PAYOUT_SCHEMA)
_Channel = Annotated[str, PlainValidator(fields.one_of(*_CHANNELS)), WithJsonSchema(_choice(*_CHANNELS))]
_State = Annotated[str, PlainValidator(fields.one_of(*_STATES)), WithJsonSchema(_choice(*_STATES))]


class OwnPayoutBody(Body):
    """How much of the earnings; without `amount` all that is available."""

    amount: Fen | None = None


class PayoutBody(OwnPayoutBody):
    """The same, for a payee."""

    payee: Text


class PayoutStepBody(Body):
    """Nothing more has to be said."""


class PayoutReasonBody(Body):
    """Why."""

    reason: Words


class PayoutSendingBody(Body):
    """Through which channel; to the bank in a `batch` that somebody else put together."""

    channel: _Channel
    batch: Id | None = None


class PayoutsQuery(PageQuery):
    """Which payouts, and which page of them."""

    state: _State | None = None
    payee: Text | None = None


class PayoutRequestView(TypedDict):
    """A payout that was asked for; `asked` null is all there was. `to_debts` was set off at once."""

    id: UUID
    payee: str
    asked: Money | None
    to_debts: Money
    occurred_at: str


class PayoutStepView(TypedDict):
    """What was done about a payout."""

    id: UUID
    payout: UUID
    done: Literal["approved", "refused", "cancelled", "sent", "returned"]
    occurred_at: str


class PayoutEventView(TypedDict):
    """A state that a payout came into. `by` is for finance only."""

    state: str
    by: str | None
    detail: str | None
    occurred_at: str


class PayoutView(TypedDict):
    """A payout: `asked` is `to_debts` and `amount`; `amount` is `tax` and `net`, known once it is sent."""

    id: UUID
    payee: str
    state: str
    asked: Money
    to_debts: Money
    amount: Money
    tax: Money | None
    net: Money | None
    policy: str
    channel: str | None
    batch: UUID | None
    requested_at: str
    history: list[PayoutEventView]


class PayoutsView(TypedDict):
    """Some payouts, newest first; `next` is the cursor of the page behind, null when there is none."""

    payouts: list[PayoutView]
    next: str | None


def request_own_payout(asked: Asked, body: OwnPayoutBody) -> asks.RequestPayout:
    """Asks for the caller's earnings to be paid out; debts are set off first."""
    return asks.RequestPayout(*asked.common, asked.party, body.amount)


def request_payout(asked: Asked, body: PayoutBody) -> asks.RequestPayout:
    """Asks for a payee's earnings to be paid out; somebody else has to let it pass."""
    return asks.RequestPayout(*asked.common, body.payee, body.amount)


def approve_payout(asked: Asked, body: PayoutStepBody, payout: UUID) -> asks.ApprovePayout:
    """Lets a payout pass, as the second person."""
    return asks.ApprovePayout(*asked.common, payout)


def refuse_payout(asked: Asked, body: PayoutReasonBody, payout: UUID) -> asks.RefusePayout:
    """Does not pay; the money is earnings again."""
    return asks.RefusePayout(*asked.common, payout, body.reason)


def cancel_payout(asked: Asked, body: PayoutStepBody, payout: UUID) -> asks.CancelPayout:
    """Takes a payout back that is not sent yet."""
    return asks.CancelPayout(*asked.common, payout)


def cancel_own_payout(asked: Asked, body: PayoutStepBody, payout: UUID) -> asks.CancelPayout:
    """Takes a payout of the caller's back that is not sent yet."""
    return asks.CancelPayout(*asked.common, payout)


def return_payout(asked: Asked, body: PayoutReasonBody, payout: UUID) -> asks.PayoutReturned:
    """Records that the money came back from the bank; it is earnings again, its tax too."""
    return asks.PayoutReturned(*asked.common, payout, body.reason)


def payout_request_view(request: asks.RequestPayout, outcome: Outcome) -> PayoutRequestView:
    """A request; its one transfer, if any, is the one to debts."""
    return {
        "id": request.id,
        "payee": request.payee,
        "asked": None if request.amount_minor is None else fen(request.amount_minor),
        "to_debts": fen(sum(moved.amount_minor for moved in outcome.moved)),
        "occurred_at": timestamp(outcome.occurred_at),
    }


_DONE: dict[str, Literal["approved", "refused", "cancelled", "sent", "returned"]] = {
    asks.ApprovePayout.kind: "approved",
    asks.RefusePayout.kind: "refused",
    asks.CancelPayout.kind: "cancelled",
    asks.SendPayout.kind: "sent",
    asks.PayoutReturned.kind: "returned",
}


def payout_step_view(step: asks.OnPayout, outcome: Outcome) -> PayoutStepView:
    """A step."""
    return {
        "id": step.id,
        "payout": step.payout,
        "done": _DONE[step.kind],
        "occurred_at": timestamp(outcome.occurred_at),
    }


_OF_REQUESTS = (
    "account_not_found",
    "not_permitted",
    "account_frozen",
    "insufficient_funds",
    "payee_not_verified",
    "bank_account_required",
    "payee_account_required",
    "payee_name_mismatch",
    "no_policy",
    "payout_in_flight",
    "outside_cycle",
    "below_threshold",
)
_OF_WAITING = ("payout_not_found", "payout_closed", "payout_already_sent")


def payout_operations(settings: Settings) -> tuple[Operation, ...]:
    """What can be asked about payouts; the sandbox's channel is there in the sandbox only."""

    def send_payout(asked: Asked, body: PayoutSendingBody, payout: UUID) -> asks.SendPayout:
        """Sends a payout: what is withheld is fixed, and only the channel's answer decides from now on."""
        if body.channel == "sandbox" and not settings.sandbox:
            raise Problem("channel_unavailable", "the sandbox's channel is there in the sandbox only")
        return asks.SendPayout(*asked.common, payout, body.channel, body.batch)

    def step(
        path: str, role: str, body: type[Body], make: Any, refusals: tuple[str, ...], status: int = 201
    ) -> Operation:
        return Operation(
            "POST", path, role, body, make, payout_step_view, PayoutStepView, refusals, status, named=_PAYOUT
        )

    of_sending = (
        *_OF_WAITING,
        "batch_not_found",
        "batch_cancelled",
        "same_person",
        "payout_not_approved",
        "batch_required",
        "account_frozen",
        "not_permitted",
        "payee_not_verified",
        "bank_account_required",
        "payee_account_required",
        "payee_name_mismatch",
        "invoice_required",
        "no_policy",
        "no_tax_figures",
        "wrong_channel",
        "nothing_left_after_tax",
        "channel_unavailable",
    )
    of_approving = (*_OF_WAITING, "same_person", "payout_already_approved")
    of_returning = ("payout_not_found", "same_person", "payout_not_paid")
    return (
        Operation(
            "POST",
            "/v1/me/payouts",
            "streamer",
            OwnPayoutBody,
            request_own_payout,
            payout_request_view,
            PayoutRequestView,
            _OF_REQUESTS,
        ),
        Operation(
            "POST",
            "/v1/payouts",
            "finance",
            PayoutBody,
            request_payout,
            payout_request_view,
            PayoutRequestView,
            _OF_REQUESTS,
        ),
        step("/v1/me/payouts/{id}/cancel", "streamer", PayoutStepBody, cancel_own_payout, _OF_WAITING),
        step("/v1/payouts/{id}/approve", "finance", PayoutStepBody, approve_payout, of_approving),
        step("/v1/payouts/{id}/refuse", "finance", PayoutReasonBody, refuse_payout, _OF_WAITING),
        step("/v1/payouts/{id}/cancel", "finance", PayoutStepBody, cancel_payout, _OF_WAITING),
        step("/v1/payouts/{id}/send", "finance", PayoutSendingBody, send_payout, of_sending),
        step("/v1/payouts/{id}/returned", "finance", PayoutReasonBody, return_payout, of_returning),
    )


def add_payouts(app: FastAPI, service: Service) -> None:
    """Add what can be read of payouts to the routes."""
    streamer, finance = service.caller_in("streamer"), service.caller_in("finance")

    @app.get("/v1/me/payouts", **read_responses(PayoutsView))
    def own_payouts(caller: Annotated[Caller, streamer], query: Annotated[PageQuery, Query()]) -> Response:
        """The caller's payouts, and how each stands."""
        with snapshot(service) as connection:
            page = payouts_page(connection, payee=caller.party, before=query.cursor, limit=query.limit)
            histories = histories_of(connection, [payout.payout for payout in page.payouts])
        return as_json(payouts_view(page, histories, names_people=False))

    @app.get("/v1/payouts", **read_responses(PayoutsView))
    def payouts(caller: Annotated[Caller, finance], query: Annotated[PayoutsQuery, Query()]) -> Response:
        """Everybody's payouts: of a payee, in a state."""
        state = State(query.state) if query.state else None
        with snapshot(service) as connection:
            page = payouts_page(
                connection, payee=query.payee, state=state, before=query.cursor, limit=query.limit
            )
            histories = histories_of(connection, [payout.payout for payout in page.payouts])
        return as_json(payouts_view(page, histories, names_people=True))


def payouts_view(page: PayoutPage, histories: dict[UUID, list[Event]], *, names_people: bool) -> PayoutsView:
    """A page of payouts; who did what is told to finance only."""
    return {
        "payouts": [
            _payout_view(payout, histories[payout.payout], names_people=names_people)
            for payout in page.payouts
        ],
        "next": next_page(page.next_cursor),
    }


def _payout_view(payout: Payout, history: list[Event], *, names_people: bool) -> PayoutView:
    is_sent = payout.tax_minor is not None
    return {
        "id": payout.payout,
        "payee": payout.payee,
        "state": payout.state.value,
        "asked": fen(payout.requested_minor),
        "to_debts": fen(payout.offset_minor),
        "amount": fen(payout.amount_minor),
        "tax": fen(payout.tax_minor or 0) if is_sent else None,
        "net": fen(payout.net_minor) if is_sent else None,
        "policy": payout.policy,
        "channel": payout.channel,
        "batch": payout.batch,
        "requested_at": timestamp(payout.requested_at),
        "history": [
            {
                "state": event.state.value,
                "by": event.actor if names_people else None,
                "detail": event.detail,
                "occurred_at": timestamp(event.occurred_at),
            }
            for event in history
        ],
    }
