"""Tax handed over and debts paid in, over HTTP: finance, and for tax a second person of it."""

import re
from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, Query
from pydantic import PlainValidator, WithJsonSchema
from starlette.responses import Response
from typing_extensions import TypedDict

from api.event_file import fields
from api.event_file.fields import Malformed
from api.http.bodies import ID_SCHEMA, Body, Fen, Text, Words
from api.http.documents import read_responses
from api.http.money import Money, fen, next_page, timestamp
from api.http.operations import Asked, Named, Operation
from api.http.reads import PageQuery, as_json, snapshot
from api.http.service import Service
from api.tokens import Caller
from ledger.journal.commands import Outcome
from settlement.treasury import commands as asks
from settlement.treasury.reading import Remittance, months_of_tax, remittances

_MONTH = re.compile(r"(2[0-9]{3})-(0[1-9]|1[0-2])")
_MONTH_SCHEMA = {"type": "string", "pattern": "^2[0-9]{3}-(0[1-9]|1[0-2])$", "examples": ["2026-10"]}
_REMITTANCE = Named("id", fields.identifier, ID_SCHEMA)


def month_named(value: object) -> tuple[int, int]:
    """A month, such as 2026-10, as its year and number."""
    found = _MONTH.fullmatch(value) if type(value) is str else None
    if not found:
        raise Malformed("is not a month such as 2026-10")
    return int(found[1]), int(found[2])


_Month = Annotated[tuple[int, int], PlainValidator(month_named), WithJsonSchema(_MONTH_SCHEMA)]


class RemittanceBody(Body):
    """Tax withheld in `month` to be handed over; `reference` is the number of the tax return."""

    month: _Month
    amount: Fen
    reference: Words


class RemittanceApprovalBody(Body):
    """Nothing more has to be said."""


class RemittanceWithdrawalBody(Body):
    """Why."""

    reason: Words


class DebtPaymentBody(Body):
    """What a party paid in of its debt; `reference` is the bank's number of it."""

    party: Text
    amount: Fen
    reference: Words


class ProposedView(TypedDict):
    """Tax that is to be handed over, once somebody else approves it."""

    id: UUID
    month: str
    amount: Money
    occurred_at: str


class RemittanceStepView(TypedDict):
    """What was done about a proposal; `moved` left the bank."""

    id: UUID
    remittance: UUID
    moved: Money
    occurred_at: str


class DebtPaymentView(TypedDict):
    """A debt paid in; `owed` is what is left of it."""

    id: UUID
    party: str
    amount: Money
    owed: Money
    occurred_at: str


class MonthView(TypedDict):
    """What was withheld of payouts sent in a month that were paid, and handed over of it.

    `left` is below zero when payouts came back since.
    """

    month: str
    withheld: Money
    remitted: Money
    left: Money


class RemittanceView(TypedDict):
    """A proposal. `state` is `proposed`, `remitted`, `withdrawn` or `reversed`."""

    id: UUID
    month: str
    amount: Money
    reference: str
    state: str
    proposed_by: str
    proposed_at: str
    ended_by: str | None
    ended_at: str | None
    reason: str | None


class RemittancesView(TypedDict):
    """Every month of tax, and some proposals, newest first; `next` is the cursor of older ones."""

    months: list[MonthView]
    remittances: list[RemittanceView]
    next: str | None


def propose_tax_remittance(asked: Asked, body: RemittanceBody) -> asks.ProposeRemittance:
    """Proposes to hand over tax that was withheld in a month. It moves nothing yet."""
    return asks.ProposeRemittance(*asked.common, *body.month, body.amount, body.reference)


def approve_tax_remittance(asked: Asked, body: RemittanceApprovalBody, id: UUID) -> asks.ApproveRemittance:
    """Hands the tax over, as the second person."""
    return asks.ApproveRemittance(*asked.common, id)


def withdraw_tax_remittance(
    asked: Asked, body: RemittanceWithdrawalBody, id: UUID
) -> asks.WithdrawRemittance:
    """Takes a proposal back that nobody approved."""
    return asks.WithdrawRemittance(*asked.common, id, body.reason)


def pay_in_debt(asked: Asked, body: DebtPaymentBody) -> asks.PayInDebt:
    """Records that a payee paid in what it owes, or a part of it."""
    return asks.PayInDebt(*asked.common, body.party, body.amount, body.reference)


def proposed_view(command: asks.ProposeRemittance, outcome: Outcome) -> ProposedView:
    """A proposal."""
    return {
        "id": command.id,
        "month": f"{command.year}-{command.month:02}",
        "amount": fen(command.amount_minor),
        "occurred_at": timestamp(outcome.occurred_at),
    }


def remittance_step_view(command: asks.OnRemittance, outcome: Outcome) -> RemittanceStepView:
    """A step."""
    return {
        "id": command.id,
        "remittance": command.remittance,
        "moved": fen(sum(moved.amount_minor for moved in outcome.moved)),
        "occurred_at": timestamp(outcome.occurred_at),
    }


def debt_payment_view(command: asks.PayInDebt, outcome: Outcome) -> DebtPaymentView:
    """A payment, and what it left."""
    (moved,) = outcome.moved
    return {
        "id": command.id,
        "party": command.party,
        "amount": fen(moved.amount_minor),
        "owed": fen(moved.credit_balance_minor),
        "occurred_at": timestamp(outcome.occurred_at),
    }


TREASURY_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/v1/tax-remittances",
        "finance",
        RemittanceBody,
        propose_tax_remittance,
        proposed_view,
        ProposedView,
        ("exceeds_withheld",),
    ),
    Operation(
        "POST",
        "/v1/tax-remittances/{id}/approve",
        "finance",
        RemittanceApprovalBody,
        approve_tax_remittance,
        remittance_step_view,
        RemittanceStepView,
        ("remittance_not_found", "same_person", "remittance_closed", "exceeds_withheld"),
        named=_REMITTANCE,
    ),
    Operation(
        "POST",
        "/v1/tax-remittances/{id}/withdraw",
        "finance",
        RemittanceWithdrawalBody,
        withdraw_tax_remittance,
        remittance_step_view,
        RemittanceStepView,
        ("remittance_not_found", "remittance_closed"),
        named=_REMITTANCE,
    ),
    Operation(
        "POST",
        "/v1/debt-payments",
        "finance",
        DebtPaymentBody,
        pay_in_debt,
        debt_payment_view,
        DebtPaymentView,
        ("account_not_found", "exceeds_debt", "debt_payment_already_recorded"),
    ),
)


def add_treasury(app: FastAPI, service: Service) -> None:
    """Add what is left of each month's tax to the routes."""
    finance = service.caller_in("finance")

    @app.get("/v1/tax-remittances", **read_responses(RemittancesView))
    def tax_remittances(caller: Annotated[Caller, finance], query: Annotated[PageQuery, Query()]) -> Response:
        """What was withheld and handed over by month, and what was proposed."""
        with snapshot(service) as connection:
            months = months_of_tax(connection)
            found, cursor = remittances(connection, before=query.cursor, limit=query.limit)
        view: RemittancesView = {
            "months": [
                {
                    "month": str(month),
                    "withheld": fen(month.withheld_minor),
                    "remitted": fen(month.remitted_minor),
                    "left": fen(month.left_minor),
                }
                for month in months
            ],
            "remittances": [_remittance_view(one) for one in found],
            "next": next_page(cursor),
        }
        return as_json(view)


def _remittance_view(one: Remittance) -> RemittanceView:
    return {
        "id": one.remittance,
        "month": f"{one.year}-{one.month:02}",
        "amount": fen(one.amount_minor),
        "reference": one.reference,
        "state": one.state,
        "proposed_by": one.maker,
        "proposed_at": timestamp(one.proposed_at),
        "ended_by": one.ended_by,
        "ended_at": None if one.ended_at is None else timestamp(one.ended_at),
        "reason": one.reason,
    }
