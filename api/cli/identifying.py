"""Identities and accounts at the command line: read from standard input or asked for, and sealed at once."""

import json
import sys
from collections.abc import Callable, Iterator
from typing import TypeVar

import typer

from api.cli import Misused, Stop
from api.cli.asking import decide, head
from api.http.bodies import Body
from api.http.operations import Asked
from api.http.problems import Problem
from api.http.requests import validated
from api.http.settlement.payees import (
    PayeeAccountBody,
    VerificationBody,
    payee_account,
    payee_view,
    verification,
)
from api.sealing import require_sealing_keys
from api.settings import Settings
from api.wiring import open_house
from settlement.payees.reading import payee_of

_LONGEST_BYTES = 64 * 1024
BodyT = TypeVar("BodyT", bound=Body)
_Asking = Callable[[], dict[str, str]]


def verify_payee(party: str, person: str | None) -> None:
    """Hand in an identity. Raises :class:`Misused` for what is none, without repeating it."""
    keys = require_sealing_keys(Settings.from_environment())
    body = _given(VerificationBody, _asked_for_identity)
    decide(verification(keys, _asked(party, person), body, party))


def set_account(party: str, person: str | None) -> None:
    """Set where a payee is paid. Raises likewise."""
    keys = require_sealing_keys(Settings.from_environment())
    body = _given(PayeeAccountBody, _asked_for_account)
    decide(payee_account(keys, _asked(party, person), body, party))


def payee_lines(party: str) -> Iterator[str]:
    """A payee in some lines, masked. Raises :class:`Stop` for one that was never verified."""
    keys = require_sealing_keys(Settings.from_environment())
    with open_house() as house, house.database.app.connect() as connection:
        payee = payee_of(connection, party)
        if payee is None:
            raise Stop(f"the identity of {party!r} has not been verified")
        try:
            seen = payee_view(connection, payee, keys)
        except Problem as problem:
            raise Stop(problem.detail) from None
    yield f"{party}: {seen['kind']} {seen['name']}, number {seen['number']}"
    account = seen["account"]
    if account is None:
        yield "  account   none is set"
    else:
        where = f"{account['channel']} {account['account']} of {account['holder']}"
        yield f"  account   {where}" + (
            "" if account["is_in_verified_name"] else ", not in the verified name"
        )
    yield f"  invoiced  {seen['invoiced']['amount']} 元"


def _asked_for_identity() -> dict[str, str]:
    kind = typer.prompt("kind (person or organisation)", default="person", err=True)
    last = "representative" if kind == "organisation" else "birth_date"
    said = {name: _prompted(name) for name in ("name", "number", last)}
    return {"kind": kind, **{name: value for name, value in said.items() if value}}


def _asked_for_account() -> dict[str, str]:
    channel = typer.prompt("channel (bank, wechat or alipay)", default="bank", err=True)
    return {"channel": channel, "account": _prompted("account"), "holder": _prompted("holder")}


def _prompted(name: str) -> str:
    return str(typer.prompt(name.replace("_", " "), default="", show_default=False, err=True))


def _asked(party: str, person: str | None) -> Asked:
    id, actor, occurred_at, _ = head(person)
    return Asked(id, party, actor, occurred_at)


def _given(model: type[BodyT], ask: _Asking) -> BodyT:
    if sys.stdin.isatty():
        raw = json.dumps(ask(), ensure_ascii=False).encode("utf-8", "surrogateescape")
    else:
        raw = sys.stdin.buffer.read(_LONGEST_BYTES + 1)
    if len(raw) > _LONGEST_BYTES:
        raise Misused("standard input is too long")
    try:
        return validated(model, raw)
    except Problem as problem:
        faults = [f"{error['field']}: {error['message']}" for error in problem.facts.get("errors", ())]
        said = "; ".join(fault.removeprefix("body.").removeprefix("body: ") for fault in faults)
        raise Misused(f"standard input: {said or problem.detail}") from None
