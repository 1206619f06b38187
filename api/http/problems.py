"""Problem details (RFC 9457): what is answered whenever the answer is no.

One table maps every refusal of the books, and everything that can go wrong before the books are asked,
to a stable type, a status, a title, and what to do about it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response

from api.http.money import coins, money, timestamp
from ledger.kernel.refusals import LimitExceeded, NotPermitted, PriceChanged, Refusal

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:zhibo:problem:"


class Kind(NamedTuple):
    """One kind of problem. A refusal that names something missing is 404, every other refusal 409."""

    status: int
    title: str
    advice: str


PROBLEMS: dict[str, Kind] = {
    # What the books say no to: decided, and remembered under the command's id.
    "id_conflict": Kind(
        409, "Id used before", "Use a new id for a new command; repeat an old one unchanged."
    ),
    "gift_not_on_sale": Kind(404, "Gift not on sale", "Choose a gift from the catalogue."),
    "price_changed": Kind(409, "Price changed", "Show the new price, and ask again under a new id."),
    "account_not_found": Kind(404, "Account not found", "Register the party in that role first."),
    "entry_not_found": Kind(404, "Entry not found", "Name an accepted command that moved value."),
    "already_reversed": Kind(409, "Already reversed", "Nothing is left to do."),
    "freeze_not_found": Kind(404, "Freeze not found", "Name the id of an accepted freeze."),
    "hold_already_released": Kind(409, "Hold already released", "Nothing is left to do."),
    "hold_already_captured": Kind(409, "Hold already captured", "Nothing is left to do."),
    "hold_expired": Kind(409, "Hold expired", "Place a new one if it is still needed."),
    "payment_already_credited": Kind(409, "Payment already credited", "Nothing is left to do."),
    "currency_mismatch": Kind(409, "Currency mismatch", "Give the amount in the account's currency."),
    "not_permitted": Kind(409, "Not permitted for now", "Wait until the time named, or appeal."),
    "account_frozen": Kind(
        409, "Account frozen", "See the freeze in /v1/me/wallet, and its case; appeal there."
    ),
    "exceeds_hold": Kind(409, "More than is held", "Ask for at most what is held."),
    "limit_exceeded": Kind(409, "Limit exceeded", "Give less, or wait for the next day or month."),
    "insufficient_funds": Kind(409, "Insufficient funds", "Top up, or ask for less."),
    # What is wrong with the request: nothing was decided, and its id is still free.
    "malformed_request": Kind(400, "Malformed request", "Send HTTP as RFC 9110 has it."),
    "idempotency_key_required": Kind(
        400,
        "Idempotency-Key required",
        "Send a new UUID, version 4 or 7, with each command, the same on a retry.",
    ),
    "idempotency_key_malformed": Kind(
        400, "Idempotency-Key malformed", "Send one UUID of version 4 or 7, as 8-4-4-4-12 hexadecimal digits."
    ),
    "token_required": Kind(401, "Token required", "Send `Authorization: Bearer` with a token of the issuer."),
    "token_invalid": Kind(401, "Token not accepted", "Get a new token from the issuer."),
    "forbidden": Kind(403, "Forbidden", "Use a token of the party and the role that this is for."),
    "not_found": Kind(404, "Not found", "See /docs for what there is."),
    "method_not_allowed": Kind(405, "Method not allowed", "See the Allow header."),
    "body_timeout": Kind(408, "Body came too slowly", "Send the whole body at once."),
    "body_too_large": Kind(413, "Body too large", "Send less at a time."),
    "media_type_unsupported": Kind(415, "Not JSON", "Send `Content-Type: application/json`, uncompressed."),
    "invalid": Kind(422, "Invalid request", "Correct the fields named in `errors`; the id is still free."),
    # What is wrong with us: nothing was decided as far as we know; the same request is safe to send again.
    "cannot_decide": Kind(500, "Cannot decide", "Tell us the request id; sending it again will not help."),
    "internal_error": Kind(
        500, "Internal error", "Send the same request again; if that does not help, tell us its id."
    ),
    "busy": Kind(503, "Busy", "Send the same request again after Retry-After."),
    "try_again": Kind(503, "Try again", "Send the same request again after Retry-After."),
    "keys_unavailable": Kind(503, "Issuer unreachable", "Send the same request again after Retry-After."),
}

RETRY_AFTER_SECONDS = {"busy": 1, "try_again": 1, "keys_unavailable": 5}


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str = Field(description="Where it is: `body.coins`, `query.limit`, `path.gift`.")
    message: str


class ProblemDetails(BaseModel):
    """RFC 9457 problem details. Further members are the facts, such as `available` and `asked`."""

    model_config = ConfigDict(extra="allow", title="Problem")

    type: str = Field(description="Stable: `urn:zhibo:problem:` and the code.")
    title: str
    status: int
    detail: str = Field(description="A sentence about this one case, for people.")
    code: str = Field(description="For programs.")
    advice: str = Field(description="What to do about it.")
    errors: list[FieldError] | None = None


class Problem(Exception):
    """A request that is answered with problem details."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        facts: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.status = PROBLEMS[code].status
        self.detail = detail
        self.facts = {**(facts or {}), **({"errors": list(errors)} if errors else {})}
        self.headers = dict(headers or {})
        if code in RETRY_AFTER_SECONDS:
            self.headers["Retry-After"] = str(RETRY_AFTER_SECONDS[code])

    def members(self) -> dict[str, Any]:
        """The problem as a JSON object."""
        kind = PROBLEMS[self.code]
        return {
            "type": TYPE_PREFIX + self.code,
            "title": kind.title,
            "status": kind.status,
            "detail": self.detail,
            "code": self.code,
            "advice": kind.advice,
            **self.facts,
        }

    def response(self) -> Response:
        """The problem as an answer."""
        return Response(msgspec.json.encode(self.members()), self.status, self.headers, MEDIA_TYPE)


def refused(refusal: Refusal) -> Problem:
    """The problem that a refusal of the books is, with its facts."""
    return Problem(refusal.code, str(refusal), facts=_facts_of(refusal))


def invalid(error: ValidationError, place: str = "body") -> Problem:
    """The problem that a body, a query or a path is that breaks the rules."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return Problem(
        "invalid",
        "the request breaks the rules of its fields: see `errors`",
        errors=[field_error((place, *item["loc"]), item["type"], item["msg"]) for item in found],
    )


def field_error(location: Sequence[int | str], kind: str, message: str) -> dict[str, str]:
    """One entry of ``errors``, in our words."""
    sentences = {"missing": "is missing", "extra_forbidden": "is not a field that is known here"}
    field = ".".join(str(part)[:60] for part in location)
    return {"field": field, "message": sentences.get(kind) or message.removeprefix("Value error, ")}


def _facts_of(refusal: Refusal) -> dict[str, Any]:
    if isinstance(refusal, LimitExceeded):
        unit = int if refusal.limit.startswith("tips_") else coins
        amounts = {name: unit(getattr(refusal, name)) for name in ("cap", "used", "asked")}
        return {"limit": refusal.limit, **amounts}
    if isinstance(refusal, PriceChanged):
        return {"gift": refusal.gift, "price": coins(refusal.coins), "price_seen": coins(refusal.seen_coins)}
    if isinstance(refusal, NotPermitted):
        return {"kind": refusal.kind, "owner": refusal.owner, "until": timestamp(refusal.until)}
    facts = msgspec.structs.asdict(refusal)
    return {
        name.removesuffix("_minor"): money(fact, facts["currency"]) if name.endswith("_minor") else fact
        for name, fact in facts.items()
    }
