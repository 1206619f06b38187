"""Problem details (RFC 9457): what is answered whenever the answer is no.

Each has a stable type, and a status, a title and what to do about it by :mod:`api.http.problem_kinds`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from api.http.money import coins, money, timestamp
from api.http.problem_kinds import PROBLEMS
from ledger.kernel.refusals import LimitExceeded, NotPermitted, PriceChanged, Refusal

_FAULT_OF = "fault_of_"
MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:zhibo:problem:"


#: A body of a megabyte can have a hundred thousand faults; whoever mends these sees the next.
MOST_ERRORS = 100

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
    errors: list[FieldError] | None = Field(None, max_length=MOST_ERRORS)
    more_errors: int | None = Field(None, description="How many there are besides those in `errors`.")


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
        self.facts = dict(facts or {})
        if errors:
            self.facts["errors"] = list(errors[:MOST_ERRORS])
        if len(errors) > MOST_ERRORS:
            self.facts["more_errors"] = len(errors) - MOST_ERRORS
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
        errors=[
            field_error((place, *item["loc"], *_field_of(item["type"])), item["type"], item["msg"])
            for item in found
        ],
    )


def fault_of(field: str, message: str) -> PydanticCustomError:
    """What a rule over several fields raises: which of them is at fault, and how."""
    return PydanticCustomError(f"{_FAULT_OF}{field}", "{fault}", {"fault": message})


def _field_of(kind: str) -> tuple[str, ...]:
    return (kind.removeprefix(_FAULT_OF),) if kind.startswith(_FAULT_OF) else ()


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
    # What names no currency is counted in fen.
    currency = facts.get("currency", "CNY")
    return {name.removesuffix("_minor"): _shown(name, fact, currency) for name, fact in facts.items()}


def _shown(name: str, fact: Any, currency: str) -> Any:
    if fact is None:
        return None
    if name.endswith("_minor"):
        return money(fact, currency)
    return timestamp(fact) if name == "until" else fact
