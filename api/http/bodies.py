"""What requests say: the fields of the event file, each judged by the readers of the event file.

https://json-schema.org/draft/2020-12 states for other programs what the readers judge for us.
"""

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, PlainValidator, WithJsonSchema, model_validator

from api.event_file import fields
from api.event_file.fields import Malformed
from api.words import words, words_schema
from ledger.chart import ACCOUNTS_OF_ROLE, CHANNELS, CHART
from ledger.money import face_value
from settlement.periods import NoPeriod, period

MOST_TIPS_A_BATCH = 1_000
FREEZABLE = ("wallet", "gifts", "accruals", "earnings")

_UUID_PATTERN = "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[47][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$"
_DAY_PATTERN = "^2[0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CNY_PATTERN = r"^(0|[1-9][0-9]{0,9})\.[0-9]{2}$"

TEXT_SCHEMA = {
    "type": "string",
    "minLength": 1,
    "maxLength": 200,
    "pattern": r"^[^\u0000-\u001f\u007f-\u009f]+$",
}
ID_SCHEMA = {"type": "string", "format": "uuid", "pattern": _UUID_PATTERN}
_INTEGER_SCHEMA = {"type": "integer", "minimum": 1, "maximum": fields.LARGEST_COUNT}
_CNY_SCHEMA = {"type": "string", "pattern": _CNY_PATTERN, "not": {"const": "0.00"}, "examples": ["12.50"]}
_NULL_SCHEMA = {"type": "null"}
INSTANT_SCHEMA = {
    "type": "string",
    "pattern": _DAY_PATTERN
    + "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$",
    "examples": ["2026-10-01T19:30:00.122+08:00"],
}
_SHARE_SCHEMA = {"type": "integer", "minimum": 0, "maximum": 10_000}
_DAY_SCHEMA = {"type": "string", "pattern": f"{_DAY_PATTERN}$", "examples": ["2026-10-01"]}


_PERIOD_SCHEMA = {
    "type": "string",
    "pattern": "^2[0-9]{3}-((0[1-9]|1[0-2])(-[0-9]{2})?|W[0-5][0-9])$",
    "examples": ["2026-10", "2026-W41", "2026-10-05"],
}


def _period(value: object) -> str:
    if type(value) is not str:
        raise Malformed("is not a text")
    try:
        return period(value).name
    except NoPeriod as reason:
        raise Malformed(str(reason)) from None


def _choice(*names: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(names)}


def _any_of(*schemas: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": list(schemas)}


Text = Annotated[str, PlainValidator(fields.text), WithJsonSchema(TEXT_SCHEMA)]
#: What people are asked for in words. A name may be any text, as in an event file.
Words = Annotated[str, PlainValidator(words), WithJsonSchema(words_schema(200))]
Id = Annotated[UUID, PlainValidator(fields.identifier), WithJsonSchema(ID_SCHEMA)]
Count = Annotated[int, PlainValidator(fields.count), WithJsonSchema(_INTEGER_SCHEMA)]
CountOrNull = Annotated[
    int | None, PlainValidator(fields.count_or_none), WithJsonSchema(_any_of(_INTEGER_SCHEMA, _NULL_SCHEMA))
]
Fen = Annotated[int, PlainValidator(fields.fen), WithJsonSchema(_CNY_SCHEMA)]
AmountOrNull = Annotated[
    tuple[int | None, str | None],
    PlainValidator(fields.coins_or_fen),
    WithJsonSchema(_any_of(_INTEGER_SCHEMA, _CNY_SCHEMA, _NULL_SCHEMA)),
]
Instant = Annotated[int, PlainValidator(fields.instant), WithJsonSchema(INSTANT_SCHEMA)]
Roles = Annotated[
    tuple[str, ...],
    PlainValidator(fields.some_of(*ACCOUNTS_OF_ROLE)),
    WithJsonSchema(
        {"type": "array", "items": _choice(*ACCOUNTS_OF_ROLE), "minItems": 1, "uniqueItems": True}
    ),
]
Channel = Annotated[str, PlainValidator(fields.one_of(*CHANNELS)), WithJsonSchema(_choice(*CHANNELS))]
FreezableAccount = Annotated[
    str, PlainValidator(fields.one_of(*FREEZABLE)), WithJsonSchema(_choice(*FREEZABLE))
]


class Body(BaseModel):
    """A request body. A field it does not have is refused, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, regex_engine="python-re")


class TipBody(Body):
    """A gift given in a room. `price` is what the viewer was shown for one, in coins."""

    streamer: Text
    room: Text
    gift: Text
    quantity: Count
    viewer: Text | None = None
    price: Count | None = None


class BatchTip(Body):
    """One tip of a batch. `at` is when it happened, now if not given."""

    id: Id
    viewer: Text
    streamer: Text
    room: Text
    gift: Text
    quantity: Count
    price: Count | None = None
    at: Instant | None = None


class RegisterBody(Body):
    """A party takes on roles; those it has already stay."""

    party: Text
    roles: Roles


class PriceBody(Body):
    """What a gift costs from now on."""

    coins: Count


class LimitsBody(Body):
    """The limits on each viewer's tips from now on, all replaced; null is no limit."""

    per_tip: CountOrNull
    per_day: CountOrNull
    per_month: CountOrNull = None
    tips_per_day: CountOrNull = None
    tips_per_month: CountOrNull = None


class TopUpBody(Body):
    """A payment that a channel took. `paid` is at most the coins' face value, 0.10 元 each."""

    viewer: Text
    coins: Count
    paid: Fen
    channel: Channel
    channel_txn: Text

    @model_validator(mode="after")
    def _paid_at_most_face_value(self) -> Self:
        if self.paid > face_value(self.coins):
            raise ValueError("paid is above the face value of the coins")
        return self


class RewardBody(Body):
    """A task's reward."""

    streamer: Text
    task: Text
    amount: Fen


class FreezeBody(Body):
    """What to set aside: coins of wallet and gifts, CNY of accruals and earnings, null for the whole."""

    party: Text
    account: FreezableAccount
    amount: AmountOrNull
    case: Text
    rule: Text
    expires_at: Instant | None = None

    @model_validator(mode="after")
    def _amount_in_the_accounts_currency(self) -> Self:
        if self.amount[1] not in (None, CHART[self.account].currency):
            raise ValueError(f"amount is in {self.amount[1]}, the account in {CHART[self.account].currency}")
        return self


class LiftBody(Body):
    """Why a freeze ends."""

    case: Text


class ForfeitBody(Body):
    """What to take of what is frozen: coins, CNY, or null for all of it."""

    amount: AmountOrNull
    case: Text
    rule: Text


class SettleBody(Body):
    """Settle a period under the policies, or at a flat share what was received through a date.

    `through` may lie ahead: then it is all that was received until now.
    """

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["period"]}, {"required": ["through", "share_bps"]}]}
    )

    # Absent or given: null is no period, no date and no share.
    period: Annotated[str | None, PlainValidator(_period), WithJsonSchema(_PERIOD_SCHEMA)] = None
    through: Annotated[date | None, PlainValidator(fields.day), WithJsonSchema(_DAY_SCHEMA)] = None
    share_bps: Annotated[int | None, PlainValidator(fields.share_bps), WithJsonSchema(_SHARE_SCHEMA)] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        flat = (self.through is not None, self.share_bps is not None)
        if flat != ((self.period is None,) * 2):
            raise ValueError("either period stands there, or both through and share_bps")
        return self


class ReversalBody(Body):
    """Why an entry is undone."""

    reason: Words
