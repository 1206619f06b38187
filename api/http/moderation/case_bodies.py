"""What is said and shown of cases, decisions and measures over HTTP."""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator
from typing_extensions import TypedDict

from api.event_file import fields
from api.event_file.fields import Malformed
from api.http.bodies import FREEZABLE, AmountOrNull, Body, Id, Instant, Text, Words
from api.http.moderation.evidence import Sha256
from api.http.money import Money
from api.words import not_blank, words_schema
from ledger.chart import CHART
from moderation.cases.commands import EVERYTHING
from moderation.cases.records import State
from moderation.measures.kinds import MONEY_MEASURES, Feature, MeasureKind, Severity

#: Where cases that people open come from. The others are opened by what they are about.
SOURCES = ("spot_check", "report", "regulator", "collusion", "minor_refund")
ALL_SOURCES = (*SOURCES, "freeze", "blacklist")
STATES = tuple(state.value for state in State)
MOST_FINDINGS = MOST_MEASURES = 50

#: Also those that follow from other ids, of version 8.
ANY_ID_SCHEMA = {
    "type": "string",
    "format": "uuid",
    "pattern": "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
}
_LONG = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]{1,4000}")
_LONG_SCHEMA = words_schema(4000, r"\u0000-\u0008\u000b-\u001f\u007f-\u009f")


def any_id(value: object) -> UUID:
    """A UUID of whichever version: decisions and measures of our own have version 8."""
    if type(value) is not str or not re.fullmatch(ANY_ID_SCHEMA["pattern"], value):
        raise Malformed("is not a UUID")
    return UUID(value)


def _long_text(value: object) -> str:
    if type(value) is not str or not _LONG.fullmatch(value):
        raise Malformed("is not a text of 1 to 4000 characters without control characters")
    return not_blank(value)


def _choice(*names: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(names)}


def _of(names: Iterable[StrEnum]) -> tuple[str, ...]:
    return tuple(name.value for name in names)


AnyId = Annotated[UUID, PlainValidator(any_id), WithJsonSchema(ANY_ID_SCHEMA)]
LongText = Annotated[str, PlainValidator(_long_text), WithJsonSchema(_LONG_SCHEMA)]
Source = Annotated[str, PlainValidator(fields.one_of(*SOURCES)), WithJsonSchema(_choice(*SOURCES))]
AnySource = Annotated[str, PlainValidator(fields.one_of(*ALL_SOURCES)), WithJsonSchema(_choice(*ALL_SOURCES))]
StateName = Annotated[str, PlainValidator(fields.one_of(*STATES)), WithJsonSchema(_choice(*STATES))]
_Severity = Annotated[
    str, PlainValidator(fields.one_of(*_of(Severity))), WithJsonSchema(_choice(*_of(Severity)))
]
_Kind = Annotated[
    str, PlainValidator(fields.one_of(*_of(MeasureKind))), WithJsonSchema(_choice(*_of(MeasureKind)))
]
_Feature = Annotated[
    str, PlainValidator(fields.one_of(*_of(Feature))), WithJsonSchema(_choice(*_of(Feature)))
]
_Account = Annotated[
    str,
    PlainValidator(fields.one_of(*FREEZABLE, EVERYTHING)),
    WithJsonSchema(_choice(*FREEZABLE, EVERYTHING)),
]


class CaseBody(Body):
    """Something to be looked at. Without a name of its own, the case is called after the command.

    What happened is judged by the rules of its own time: `happened_at`, or else when the session began.
    """

    case: Text | None = None
    source: Source
    party: Text
    session: Id | None = None
    happened_at: Instant | None = None
    summary: Words


class NoteBody(Body):
    """A line for the time line."""

    note: LongText


class FindingBody(Body):
    """A rule that was broken, by its code in the catalogue. `evidence` are files of the case.

    It is judged by the rules in force when it happened: `happened_at`, or else when its session began, or
    else what the case says.
    """

    rule: Text
    evidence: Annotated[tuple[Sha256, ...], Field(max_length=50)] = ()
    severity: _Severity | None = None
    session: Id | None = None
    happened_at: Instant | None = None
    override_reason: LongText | None = None


class MeasureBody(Body):
    """A measure on whom the case is about, or on another `party`; `until` absent: until it is lifted.

    A restriction names a `feature`, a freeze an `account` and an `amount` (null: the whole), a measure that
    moves money its `preview`.
    """

    kind: _Kind
    party: Text | None = None
    feature: _Feature | None = None
    until: Instant | None = None
    account: _Account | None = None
    amount: AmountOrNull = (None, None)
    preview: Id | None = None
    note: LongText | None = None

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        kind = MeasureKind(self.kind)
        self._needs("feature", kind is MeasureKind.RESTRICT)
        self._needs("account", kind is MeasureKind.FREEZE)
        self._needs("preview", kind in MONEY_MEASURES)
        if kind in MONEY_MEASURES and self.until is not None:
            raise ValueError("until is given, and what moves money happens once")
        amount_minor, currency = self.amount
        if amount_minor is not None:
            if self.account is None:
                raise ValueError("amount is given, and only a freeze has one: money measures are shown first")
            if self.account == EVERYTHING:
                raise ValueError("amount is given, and everything has none")
            if currency != (expected := CHART[self.account].currency):
                raise ValueError(f"amount is in {currency}, the account in {expected}")
        return self

    def _needs(self, field: str, is_needed: bool) -> None:
        if (getattr(self, field) is not None) != is_needed:
            what = "is missing" if is_needed else "is given, which it has none of"
            raise ValueError(f"{field} of {self.kind} {what}")


class DecisionBody(Body):
    """What was found, and what follows. `latest` is the newest decision of the case you have seen, if any.

    `reason` is told to the person.
    """

    findings: Annotated[tuple[FindingBody, ...], Field(max_length=MOST_FINDINGS)]
    measures: Annotated[tuple[MeasureBody, ...], Field(max_length=MOST_MEASURES)]
    reason: LongText
    latest: AnyId | None = None


class DecisionStepBody(Body):
    """Nothing more has to be said."""


class DecisionReasonBody(Body):
    """Why; the person is told."""

    reason: LongText


class CaseOpenedView(TypedDict):
    """A case that was opened."""

    id: UUID
    case: str
    source: str
    party: str
    session: UUID | None
    happened_at: str | None
    summary: str
    occurred_at: str


class NotedView(TypedDict):
    """A line of a case's time line."""

    id: UUID
    case: str
    note: str
    occurred_at: str


class DecidedView(TypedDict):
    """A decision that was accepted; how it stands, `follow` it to see. `measures` are in its order."""

    id: UUID
    case: str
    measures: list[UUID]
    occurred_at: str


class DecisionStepView(TypedDict):
    """What was done about a decision."""

    id: UUID
    decision: UUID
    done: Literal["approved", "refused"]
    occurred_at: str


class LiftedView(TypedDict):
    """A measure that was lifted."""

    id: UUID
    measure: UUID
    reason: str
    occurred_at: str


class FindingView(TypedDict):
    """A rule that was broken, by the rule book in force when it happened."""

    rule: str
    severity: str
    points: int
    happened_at: str
    rule_version: str
    evidence: list[str]
    session: UUID | None
    override_reason: str | None


class MeasureView(TypedDict):
    """A measure. `because` says which rule it follows by; `ended` that it ended before its time.

    `amount` is what was decided. Of a measure that moves money, `remitted` is how much of it appeals gave
    back, or have it no longer take; of others null.
    """

    id: UUID
    number: int
    kind: str
    party: str
    feature: str | None
    until: str | None
    account: str | None
    amount: Money | None
    remitted: Money | None
    preview: UUID | None
    because: str | None
    note: str | None
    ended: bool


class DecisionView(TypedDict):
    """A decision, and how it stands. Money moves at `execute_at` at the earliest; null if none does.

    What was found is judged by `rule_version`; who decides and agrees, and until when it can be appealed
    against, goes by `procedure_version`.
    """

    id: UUID
    case: str
    party: str
    state: str
    decided_by: str
    decided_at: str
    approved_by: str | None
    needs_second: bool
    rule_version: str
    procedure_version: str
    reason: str
    appeal_until: str
    execute_at: str | None
    findings: list[FindingView]
    measures: list[MeasureView]


class DecisionsView(TypedDict):
    """Some decisions, newest first; `next` is the cursor of the page behind, null when there is none."""

    decisions: list[DecisionView]
    next: str | None


class OwnDecisionView(TypedDict):
    """A decision that imposes something on the caller, with their measures only."""

    id: UUID
    case: str
    state: str
    decided_at: str
    appeal_until: str
    execute_at: str | None
    measures: list[MeasureView]


class OwnDecisionsView(TypedDict):
    """Some decisions on the caller, newest first; `next` is the cursor of the page behind."""

    decisions: list[OwnDecisionView]
    next: str | None


class CaseView(TypedDict):
    """A case. `state` is that of its newest decision, `latest`; null while nothing is decided."""

    case: str
    source: str
    party: str
    session: UUID | None
    happened_at: str | None
    summary: str
    opened_by: str
    opened_at: str
    latest: UUID | None
    state: str | None


class CasesView(TypedDict):
    """Some cases, newest first; `next` is the cursor of the page behind, null when there is none."""

    cases: list[CaseView]
    next: str | None


class HappeningView(TypedDict):
    """A line of a time line."""

    at: str
    what: str
    by: str
    detail: str | None
    decision: UUID | None


class CaseFileView(CaseView):
    """A case with all that was decided in it, and its time line, oldest first."""

    decisions: list[DecisionView]
    timeline: list[HappeningView]


class BarredView(TypedDict):
    """What a party is kept from; `until` null: until it is lifted. The case is what to appeal in."""

    feature: str
    until: str | None
    case: str
    decision: UUID
    measure: UUID


class StandingView(TypedDict):
    """How a party stands now: how much of the service there is, and what it is kept from."""

    party: str
    service: str
    barred: list[BarredView]
