"""Payees over HTTP: the gateway hands in who they are, they say where they are paid. Nobody sees it whole."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import FastAPI
from pydantic import PlainValidator, WithJsonSchema, model_validator
from sqlalchemy import Connection
from starlette.responses import Response
from typing_extensions import TypedDict

from api.event_file import fields
from api.event_file.fields import Malformed
from api.http.bodies import TEXT_SCHEMA, Body, Fen, Text
from api.http.documents import read_responses
from api.http.money import Money, fen, timestamp
from api.http.operations import Asked, Named, Operation
from api.http.problems import Problem, fault_of
from api.http.reads import as_json, snapshot
from api.http.service import Service
from api.sealing import NO_KEYS, Keys, sealing_keys
from api.settings import Settings
from api.tokens import Caller
from ledger.journal.commands import Outcome
from ledger.sealing import CannotUnseal, SealingKeys, matched
from settlement.payees.commands import HandInInvoice, SetPayeeAccount, Verify
from settlement.payees.identity import account_fault, masked_name, masked_number, number_fault
from settlement.payees.reading import Payee, PayeeKind, PayoutChannel, invoiced_minor, payee_of, sealed_of

_KINDS = ("person", "organisation")
_CHANNELS = ("bank", "wechat", "alipay")
_PARTY = Named("party", fields.text, TEXT_SCHEMA)


def _birth_date(value: object) -> date:
    """A day that can be somebody's birthday."""
    try:
        born = date.fromisoformat(value) if type(value) is str and len(value) == len("1990-01-01") else None
    except ValueError:
        born = None
    if born is None or born.year < 1900:
        raise Malformed("is not a date such as 1990-01-01")
    return born


def _choice(*names: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(names)}


_Kind = Annotated[PayeeKind, PlainValidator(fields.one_of(*_KINDS)), WithJsonSchema(_choice(*_KINDS))]
_Channel = Annotated[
    PayoutChannel, PlainValidator(fields.one_of(*_CHANNELS)), WithJsonSchema(_choice(*_CHANNELS))
]
_BirthDate = Annotated[
    date,
    PlainValidator(_birth_date),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^(19|[2-9][0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$",
            "examples": ["1990-01-31"],
        }
    ),
]


class VerificationBody(Body):
    """Who was verified. `number` is a person's ID, or an organisation's licence (社会信用代码)."""

    kind: _Kind
    name: Text
    number: Text | None = None
    birth_date: _BirthDate | None = None
    representative: Text | None = None

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        is_organisation = self.kind == "organisation"
        if is_organisation and self.birth_date is not None:
            raise fault_of("birth_date", "is of persons only")
        if not is_organisation and self.representative is not None:
            raise fault_of("representative", "is of organisations only")
        if not is_organisation and self.number is None:
            raise fault_of("number", "is missing")
        for name in ("name", "representative"):
            value = getattr(self, name)
            if value is not None and not matched(name, value):
                raise fault_of(name, "is blank")
        if self.number is not None:
            fault = number_fault(
                is_organisation=is_organisation, number=self.number, birth_date=self.birth_date
            )
            if fault:
                raise fault_of("number", fault)
        return self


class PayeeAccountBody(Body):
    """Where to pay: a bank account, a WeChat openid or an Alipay account, in the verified name."""

    channel: _Channel
    account: Text
    holder: Text

    @model_validator(mode="after")
    def _account_of_its_channel(self) -> Self:
        fault = account_fault(self.channel, self.account)
        if fault:
            raise fault_of("account", fault)
        if not matched("holder", self.holder):
            raise fault_of("holder", "is blank")
        return self


class InvoiceBody(Body):
    """An invoice over `amount`."""

    number: Text
    amount: Fen


class VerificationView(TypedDict):
    """A party that was verified."""

    id: UUID
    party: str
    kind: Literal["person", "organisation"]
    occurred_at: str


class PayeeAccountView(TypedDict):
    """An account that was set."""

    id: UUID
    party: str
    channel: Literal["bank", "wechat", "alipay"]
    occurred_at: str


class InvoiceView(TypedDict):
    """An invoice that was handed in."""

    id: UUID
    party: str
    number: str
    amount: Money
    occurred_at: str


class MaskedAccountView(TypedDict):
    """An account to pay into, masked: 张*, ****1234."""

    channel: Literal["bank", "wechat", "alipay"]
    account: str
    holder: str
    is_in_verified_name: bool


class PayeeView(TypedDict):
    """A payee, masked: 张*, ****1234. `account` is null until one is set."""

    party: str
    kind: Literal["person", "organisation"]
    name: str
    number: str
    account: MaskedAccountView | None
    invoiced: Money


def keys_of(settings: Settings) -> Keys:
    """The keys of a server, looked for once. Raises :class:`api.settings.CannotServe` for bad ones.

    What it returns raises the :class:`Problem` ``sealing_keys_missing`` when there are none: the server
    serves everything else.
    """
    found = sealing_keys(settings)

    def keys() -> SealingKeys:
        if found is None:
            raise Problem("sealing_keys_missing", NO_KEYS)
        return found

    return keys


def verification(keys: SealingKeys, asked: Asked, body: VerificationBody, party: str) -> Verify:
    """A verification, its personal values sealed."""
    given = {
        "name": body.name,
        "number": body.number,
        "birth_date": body.birth_date.isoformat() if body.birth_date else None,
        "representative": body.representative,
    }
    personal = {
        field: None if value is None else keys.personal(asked.id, party, field, value.strip())
        for field, value in given.items()
    }
    name = personal["name"]
    assert name is not None
    return Verify(
        *asked.common,
        party,
        body.kind,
        name,
        personal["number"],
        personal["birth_date"],
        personal["representative"],
    )


def payee_account(keys: SealingKeys, asked: Asked, body: PayeeAccountBody, party: str) -> SetPayeeAccount:
    """An account to pay into, sealed."""
    account, holder = (
        keys.personal(asked.id, party, field, value.strip())
        for field, value in (("account", body.account), ("holder", body.holder))
    )
    return SetPayeeAccount(*asked.common, party, body.channel, account, holder)


def payee_operations(keys: Keys) -> tuple[Operation, ...]:
    """What can be asked about payees, sealed at the door under these keys."""

    def verify(asked: Asked, body: VerificationBody, party: str) -> Verify:
        """Hands in the verified identity behind a party. Rule: JD-KYC-1, JD-KYC-2."""
        return verification(keys(), asked, body, party)

    def set_own_account(asked: Asked, body: PayeeAccountBody) -> SetPayeeAccount:
        """Says where the caller is paid, in the verified name. Rule: JD-KYC-1."""
        return set_account(asked, body, asked.party)

    def set_account(asked: Asked, body: PayeeAccountBody, party: str) -> SetPayeeAccount:
        """Says where a party is paid, in the verified name; an organisation at its bank. Rule: JD-KYC-2."""
        return payee_account(keys(), asked, body, party)

    of_accounts = (
        "account_not_found",
        "payee_not_verified",
        "bank_account_required",
        "payee_name_mismatch",
        "sealing_keys_missing",
    )
    of_invoices = (
        "account_not_found",
        "payee_not_verified",
        "invoice_not_needed",
        "invoice_already_handed_in",
    )
    return (
        Operation(
            "POST",
            "/v1/parties/{party:path}/verification",
            "gateway",
            VerificationBody,
            verify,
            verification_view,
            VerificationView,
            ("account_not_found", "licence_required", "sealing_keys_missing"),
            named=_PARTY,
        ),
        Operation(
            "POST",
            "/v1/parties/{party:path}/payee-account",
            "gateway",
            PayeeAccountBody,
            set_account,
            payee_account_view,
            PayeeAccountView,
            of_accounts,
            named=_PARTY,
        ),
        Operation(
            "POST",
            "/v1/me/payee-account",
            "streamer",
            PayeeAccountBody,
            set_own_account,
            payee_account_view,
            PayeeAccountView,
            of_accounts,
        ),
        Operation(
            "POST",
            "/v1/parties/{party:path}/invoices",
            "gateway",
            InvoiceBody,
            hand_in,
            invoice_view,
            InvoiceView,
            of_invoices,
            named=_PARTY,
        ),
        Operation(
            "POST",
            "/v1/me/invoices",
            "streamer",
            InvoiceBody,
            hand_in_own,
            invoice_view,
            InvoiceView,
            of_invoices,
        ),
    )


def hand_in_own(asked: Asked, body: InvoiceBody) -> HandInInvoice:
    """Hands in an invoice of the caller's, for what it is to be paid. Rule: LIVE-ROLE-1."""
    return hand_in(asked, body, asked.party)


def hand_in(asked: Asked, body: InvoiceBody, party: str) -> HandInInvoice:
    """Hands in an invoice of an organisation's, for what it is to be paid. Rule: LIVE-ROLE-1."""
    return HandInInvoice(*asked.common, party, body.number, body.amount)


def verification_view(command: Verify, outcome: Outcome) -> VerificationView:
    """A verification kept."""
    occurred_at = timestamp(outcome.occurred_at)
    return {
        "id": command.id,
        "party": command.party,
        "kind": command.payee_kind,
        "occurred_at": occurred_at,
    }


def payee_account_view(command: SetPayeeAccount, outcome: Outcome) -> PayeeAccountView:
    """An account set."""
    return {
        "id": command.id,
        "party": command.party,
        "channel": command.channel,
        "occurred_at": timestamp(outcome.occurred_at),
    }


def invoice_view(command: HandInInvoice, outcome: Outcome) -> InvoiceView:
    """An invoice handed in."""
    return {
        "id": command.id,
        "party": command.party,
        "number": command.number,
        "amount": fen(command.amount_minor),
        "occurred_at": timestamp(outcome.occurred_at),
    }


def add_payees(app: FastAPI, service: Service, keys: Keys) -> None:
    """Add what can be read of payees to the routes."""
    streamer, office = service.caller_in("streamer"), service.caller_in("gateway", "finance")

    @app.get("/v1/me/payee", **read_responses(PayeeView, missing="not_found"))
    def own_payee(caller: Annotated[Caller, streamer]) -> Response:
        """Who the caller is as a payee, and where the caller is paid, masked."""
        return seen(caller.party)

    @app.get("/v1/parties/{party:path}/payee", **read_responses(PayeeView, missing="not_found"))
    def payee(
        party: Annotated[str, PlainValidator(fields.text), WithJsonSchema(TEXT_SCHEMA)],
        caller: Annotated[Caller, office],
    ) -> Response:
        """Who a party is as a payee, and where it is paid, masked."""
        return seen(party)

    def seen(party: str) -> Response:
        with snapshot(service) as connection:
            payee = payee_of(connection, party)
            if payee is None:
                raise Problem("not_found", f"the identity of {party!r} has not been verified")
            return as_json(payee_view(connection, payee, keys()))


def payee_view(connection: Connection, payee: Payee, keys: SealingKeys) -> PayeeView:
    """A payee, masked. Raises the :class:`Problem` ``sealing_keys_missing``."""
    account = payee.account
    sealed = sealed_of(connection, {payee.entry, account.entry} if account else {payee.entry})
    try:
        shown = {
            entry: {field: keys.unseal(value) for field, value in values.items()}
            for entry, values in sealed.items()
        }
    except CannotUnseal as reason:
        raise Problem("sealing_keys_missing", str(reason)) from None
    own = shown[payee.entry]
    return {
        "party": payee.party,
        "kind": payee.kind,
        "name": masked_name(own["name"]),
        "number": masked_number(own["number"]),
        "account": {
            "channel": account.channel,
            "account": masked_number(shown[account.entry]["account"]),
            "holder": masked_name(shown[account.entry]["holder"]),
            "is_in_verified_name": account.holder_hash == payee.name_hash,
        }
        if account
        else None,
        "invoiced": fen(invoiced_minor(connection, payee.party)),
    }
