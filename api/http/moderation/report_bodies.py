"""What requests about reports say, and what is answered."""

import re
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import PlainValidator, WithJsonSchema, model_validator
from typing_extensions import TypedDict

from api.event_file import fields
from api.event_file.fields import Malformed
from api.http.bodies import Body, Id, Instant, Text, Words
from api.words import not_blank, words_schema
from ledger.sealing import matched
from moderation.reports.commands import CHANNELS, Channel
from moderation.reports.states import STATES

_LONG_TEXT = re.compile(r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]{1,2000}")
LONG_TEXT_SCHEMA = words_schema(2000, r"\u0000-\u0009\u000b-\u001f\u007f-\u009f")


def _long_text(value: object) -> str:
    """1 to 2000 characters, not all blank, none of them a control character but the end of a line."""
    if type(value) is not str or not _LONG_TEXT.fullmatch(value):
        raise Malformed("is not a text of 1 to 2000 characters without control characters")
    return not_blank(value)


def _yes_or_no(value: object) -> bool:
    return fields.yes_or_no(value)


def _choice(*names: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(names)}


LongText = Annotated[str, PlainValidator(_long_text), WithJsonSchema(LONG_TEXT_SCHEMA)]
ReportChannel = Annotated[
    Channel, PlainValidator(fields.one_of(*CHANNELS)), WithJsonSchema(_choice(*CHANNELS))
]
ReportState = Annotated[str, PlainValidator(fields.one_of(*STATES)), WithJsonSchema(_choice(*STATES))]
YesOrNo = Annotated[bool, PlainValidator(_yes_or_no), WithJsonSchema({"type": "boolean"})]


class ReportBody(Body):
    """Whom it is about, and what happened: `category` is an item of the violation catalogue.

    `name` and `number` (of an identity document) prove who reports. A report of infringement is accepted
    only with them; they can be handed in later.
    """

    channel: ReportChannel
    target: Text
    session: Id | None = None
    moment: Instant | None = None
    category: Text
    text: LongText
    name: Text | None = None
    number: Text | None = None
    contact: Text | None = None

    @model_validator(mode="after")
    def _proof_is_whole(self) -> Self:
        if (self.name is None) != (self.number is None):
            raise ValueError("name and number are given together, or not at all")
        _refuse_blanks(self, "name", "number", "contact")
        return self


class MaterialsBody(Body):
    """Who reports, by name and number of an identity document, and what else there is to say."""

    name: Text
    number: Text
    contact: Text | None = None
    statement: LongText | None = None

    @model_validator(mode="after")
    def _proof_is_there(self) -> Self:
        _refuse_blanks(self, "name", "number", "contact")
        return self


class ReportStepBody(Body):
    """Nothing more has to be said."""


class AskBody(Body):
    """What the reporter has to hand in; the reporter reads it."""

    reason: Words


class AcceptBody(Body):
    """The case it becomes part of; without one, a new case."""

    case: Text | None = None


class RejectBody(Body):
    """Why it comes to nothing, for moderators; and whether it was meant to harm (恶意举报)."""

    reason: Words
    bad_faith: YesOrNo = False


def _refuse_blanks(body: Body, *names: str) -> None:
    for name in names:
        value = getattr(body, name)
        if value is not None and not matched(name, value):
            raise ValueError(f"{name} is blank")


class ReceiptView(TypedDict):
    """A report that was filed. `id` is the receipt; how it stands is at `/v1/me/reports/{id}`."""

    id: UUID
    target: str
    channel: Literal["button", "hotline", "letter"]
    category: str
    filed_at: str


class ReportStepView(TypedDict):
    """What was done about a report. `case` is the one it was accepted into."""

    id: UUID
    report: UUID
    done: Literal["handed_in", "claimed", "let_go", "asked", "accepted", "rejected"]
    case: str | None
    occurred_at: str


class ReportFileView(TypedDict):
    """A file that was handed in."""

    id: UUID
    report: UUID
    sha256: str
    media_type: str
    bytes: int
    occurred_at: str


class OwnReportView(TypedDict):
    """A report of the caller's own. `materials_due` is until when proof is awaited."""

    id: UUID
    target: str
    channel: str
    session: UUID | None
    moment: str | None
    category: str
    state: Literal["received", "awaiting_materials", "accepted", "rejected", "closed"]
    materials_due: str | None
    files: int
    filed_at: str


class OwnReportsView(TypedDict):
    """Some reports, newest first; `next` is the cursor of the page behind, null when there is none."""

    reports: list[OwnReportView]
    next: str | None


class QueuedReportView(TypedDict):
    """A report in the queue: nothing of what it says, and not who filed it."""

    id: UUID
    target: str
    channel: str
    session: UUID | None
    moment: str | None
    category: str
    harm: Literal["low", "medium", "high", "critical"]
    is_flagged: bool
    state: str
    needs_proof: bool
    has_proof: bool
    claimed_by: str | None
    files: int
    filed_at: str


class QueueView(TypedDict):
    """Reports in the order in which they should be looked at."""

    reports: list[QueuedReportView]


class ReportEventView(TypedDict):
    """Something that befell a report."""

    event: str
    by: str
    case: str | None
    is_bad_faith: bool
    reason: str | None
    materials_due: str | None
    occurred_at: str


class HandedInView(TypedDict):
    """A file of a report."""

    sha256: str
    media_type: str
    bytes: int


class ReportView(TypedDict):
    """A report, for a moderator. Who the reporter is in the world is told to whoever has claimed it."""

    id: UUID
    reporter: str
    target: str
    channel: str
    session: UUID | None
    moment: str | None
    category: str
    harm: Literal["low", "medium", "high", "critical"]
    is_flagged: bool
    state: str
    needs_proof: bool
    has_proof: bool
    claimed_by: str | None
    case: str | None
    materials_due: str | None
    text: str
    statements: list[str]
    files: list[HandedInView]
    history: list[ReportEventView]
    filed_at: str


class ProofView(TypedDict):
    """Who the reporter said to be, last."""

    report: UUID
    reporter: str
    name: str | None
    number: str | None
    contact: str | None
