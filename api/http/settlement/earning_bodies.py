"""What requests about sessions and earnings say: the fields of the event file, judged by its readers."""

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import PlainValidator, WithJsonSchema, model_validator

from api.event_file import fields
from api.event_file.settlement_events import check_measure, check_period, rate_bps
from api.http.bodies import ID_SCHEMA, TEXT_SCHEMA, Body, Count, Fen, Instant, Text, Words
from settlement.accruals.commands import TASK_METRICS
from settlement.sessions.commands import METRICS


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _integer(least: int, most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most}


_SIGNED_SCHEMA = {
    "type": "string",
    "pattern": r"^-?(0|[1-9][0-9]{0,9})\.[0-9]{2}$",
    "not": {"enum": ["0.00", "-0.00"]},
    "examples": ["12.50", "-12.50"],
}

TextOrNull = Annotated[str | None, PlainValidator(fields.text_or_none), WithJsonSchema(_or_null(TEXT_SCHEMA))]
IdOrNull = Annotated[
    UUID | None, PlainValidator(fields.identifier_or_none), WithJsonSchema(_or_null(ID_SCHEMA))
]
Tags = Annotated[
    tuple[str, ...],
    PlainValidator(fields.texts),
    WithJsonSchema(
        {"type": "array", "items": TEXT_SCHEMA, "maxItems": fields.MOST_TEXTS, "uniqueItems": True}
    ),
]
Metric = Annotated[
    str, PlainValidator(fields.one_of(*METRICS)), WithJsonSchema({"type": "string", "enum": list(METRICS)})
]
TaskMetric = Annotated[
    str,
    PlainValidator(fields.one_of(*TASK_METRICS)),
    WithJsonSchema({"type": "string", "enum": list(TASK_METRICS)}),
]
Measure = Annotated[
    int,
    PlainValidator(fields.measure),
    WithJsonSchema(_integer(fields.SMALLEST_MEASURE, fields.LARGEST_COUNT)),
]
Whole = Annotated[int, PlainValidator(fields.whole_number), WithJsonSchema(_integer(0, fields.LARGEST_COUNT))]
RateBps = Annotated[int, PlainValidator(rate_bps), WithJsonSchema(_integer(1, 10_000))]
YesOrNo = Annotated[bool, PlainValidator(fields.yes_or_no), WithJsonSchema({"type": "boolean"})]
SignedFen = Annotated[int, PlainValidator(fields.signed_fen), WithJsonSchema(_SIGNED_SCHEMA)]


class SessionBody(Body):
    """A streamer goes live in a room, within a declared scope, for the activities tagged."""

    streamer: Text
    room: Text
    scope: Text
    tags: Tags = ()


class EmptyBody(Body):
    """Nothing more to say than the path does: `{}`."""


class FactBody(Body):
    """Something measured of a session. `face_shown` is 0 or 1, `quality_bps` from -10000 to 10000."""

    metric: Metric
    value: Measure

    @model_validator(mode="after")
    def _within_bounds(self) -> Self:
        check_measure(self.metric, self.value)
        return self


class TaskBody(Body):
    """A task for one streamer: sessions opened from `since` up to `until` count."""

    streamer: Text
    metric: TaskMetric
    target: Count
    since: Instant
    until: Instant
    reward: Fen
    rule_version: Text

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        check_period(self.since, self.until)
        return self


class ActivityBody(Body):
    """A version of an activity's rules: what is on with the tag, from `since` up to `until`, counts."""

    activity: Text
    version: Text
    since: Instant
    until: Instant
    tag: Text
    minimum_interactions: Whole
    face_shown: YesOrNo
    award: Fen

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        check_period(self.since, self.until)
        return self


class PartBody(Body):
    """A streamer in an activity."""

    activity: Text
    streamer: Text


class AwardWithdrawalBody(PartBody):
    """Why an award is taken back for good."""

    reason: Words


class PromotionBody(Body):
    """Interactive play that was promoted. Without a permission it is recorded and earns nothing."""

    streamer: Text
    session: IdOrNull = None
    permission: TextOrNull = None
    amount: Fen


class CommissionBody(Body):
    """Goods that the platform gives a streamer to sell, at so many ten-thousandths of the price."""

    commission: Text
    streamer: Text
    goods: Text
    rate_bps: RateBps


class SaleBody(Body):
    """Goods sold under a commission. `sale` is the shop's order number."""

    sale: Text
    commission: Text
    streamer: Text
    session: IdOrNull = None
    price: Fen


class ReturnBody(Body):
    """Goods of a sale that came back, of this price."""

    sale: Text
    price: Fen


class IpCaseBody(Body):
    """A case that the platform takes up for a streamer's work."""

    case: Text
    streamer: Text
    work: Text


class CostBody(Body):
    """A cost of a case that was paid; it counts only with its voucher."""

    case: Text
    amount: Fen
    voucher: TextOrNull = None


class ProceedsBody(Body):
    """Money that a case brought in."""

    case: Text
    amount: Fen


class AdjustmentBody(Body):
    """A correction, below zero to the streamer's disadvantage. `reference` names what is corrected."""

    streamer: Text
    amount: SignedFen
    reason: Words
    reference: TextOrNull = None
