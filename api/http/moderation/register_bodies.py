"""What requests about the registers say, and what is answered."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator
from typing_extensions import TypedDict

from api.event_file import fields
from api.http.bodies import Body, Id, Instant, Text, Words
from api.http.moderation.case_bodies import LongText
from ledger.sealing import matched
from moderation.registers.commands import Allowance, RoomAct

MOST_PEOPLE = 1_000
_ALLOWANCES = ("media_reuse", "business")
_ROOM_ACTS = ("mute", "unmute", "remove", "report")


def _choice(*names: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(names)}


_Allowance = Annotated[
    Allowance, PlainValidator(fields.one_of(*_ALLOWANCES)), WithJsonSchema(_choice(*_ALLOWANCES))
]
_RoomAct = Annotated[
    RoomAct, PlainValidator(fields.one_of(*_ROOM_ACTS)), WithJsonSchema(_choice(*_ROOM_ACTS))
]


def _not_blank(number: str) -> None:
    if not matched("number", number):
        raise ValueError("number is blank")


class PersonBody(Body):
    """Somebody on a list: the number of an ID, and the name if the list says it."""

    number: Text
    name: Text | None = None

    @model_validator(mode="after")
    def _says_a_number(self) -> Self:
        _not_blank(self.number)
        return self


class BlacklistBody(Body):
    """Who is on the list. Whoever is on it already stays."""

    people: Annotated[list[PersonBody], Field(min_length=1, max_length=MOST_PEOPLE)]


class TakeOffBody(Body):
    """Whose number is taken off the list, and why."""

    number: Text
    reason: Words

    @model_validator(mode="after")
    def _says_a_number(self) -> Self:
        _not_blank(self.number)
        return self


class FalseIdentityBody(Body):
    """What shows that the identity is false."""

    reason: Words


class PermissionBody(Body):
    """What is permitted in writing: from when on, and until when if it ends."""

    allows: _Allowance
    scope: Words
    document: Words
    valid_from: Instant
    valid_until: Instant | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            raise ValueError("valid_until is not after valid_from")
        return self


class RevocationBody(Body):
    """Why a permission ends."""

    reason: Words


class UseBody(Body):
    """What somebody did that needs a permission, and when."""

    needs: _Allowance
    detail: Words
    used_at: Instant


class PromiseBody(Body):
    """What is promised, in which session if in one, and by when it is kept."""

    text: Words
    due_at: Instant
    session: Id | None = None


class PromiseOutcomeBody(Body):
    """Whether a promise was kept, and what there is to say of it."""

    is_kept: Annotated[bool, Field(strict=True)]
    note: Words


class RoomActionBody(Body):
    """Who is muted, unmuted, removed or reported, in which room, and why. `until` is the end of a mute."""

    room: Text
    participant: Text
    act: _RoomAct
    reason: Words
    until: Instant | None = None

    @model_validator(mode="after")
    def _only_a_mute_ends(self) -> Self:
        if self.until is not None and self.act != "mute":
            raise ValueError("until is of a mute only")
        return self


class DisclosureBody(Body):
    """Which authority asked, by which document, and what was handed over: named, not shown."""

    authority: Words
    document: Words
    disclosed: Annotated[list[Text], Field(min_length=1, max_length=20)]


class ListedView(TypedDict):
    """What was read into a list: how many numbers."""

    id: UUID
    list: str
    named: int
    occurred_at: str


class DoneView(TypedDict):
    """What was put on record."""

    id: UUID
    occurred_at: str


class CaseOpenedView(DoneView):
    """What was put on record, and the case that it opened."""

    case: str


class BlacklistView(TypedDict):
    """A list, and how many are on it."""

    list: str
    listed: int
    imported_at: str


class BlacklistsView(TypedDict):
    """Every list."""

    blacklists: list[BlacklistView]


class HitView(TypedDict):
    """A verified party that was found on a list."""

    party: str
    list: str
    case: str
    found_at: str


class HitsView(TypedDict):
    """Some hits, newest first; `next` is the cursor of the page behind, null when there is none."""

    hits: list[HitView]
    next: str | None


class PermissionView(TypedDict):
    """A permission, as long as it was valid; `ended_at` is when it was revoked."""

    id: UUID
    allows: Literal["media_reuse", "business"]
    scope: str
    document: str
    valid_from: str
    valid_until: str | None
    ended_at: str | None


class PermissionsView(TypedDict):
    """Every permission of a party, newest first."""

    permissions: list[PermissionView]


class UseView(TypedDict):
    """What was done, and the permission that covers it; or else the case that it opened."""

    id: UUID
    party: str
    needs: Literal["media_reuse", "business"]
    detail: str
    used_at: str
    permission: UUID | None
    case: str | None


class PromiseView(TypedDict):
    """A promise; `is_kept` is null as long as nobody has said."""

    id: UUID
    session: UUID | None
    text: str
    due_at: str
    is_kept: bool | None
    note: str | None


class PromisesView(TypedDict):
    """Some promises, newest first; `next` is the cursor of the page behind, null when there is none."""

    promises: list[PromiseView]
    next: str | None


class RoomActionView(TypedDict):
    """What a streamer did about a participant."""

    id: UUID
    room: str
    participant: str
    act: Literal["mute", "unmute", "remove", "report"]
    reason: str
    until: str | None
    occurred_at: str


class RoomActionsView(TypedDict):
    """Some of it, newest first; `next` is the cursor of the page behind, null when there is none."""

    actions: list[RoomActionView]
    next: str | None


class DisclosureView(TypedDict):
    """What was handed to an authority, under which legal hold, and by whom."""

    id: UUID
    measure: UUID
    authority: str
    document: str
    disclosed: list[str]
    disclosed_by: str
    occurred_at: str


class DisclosuresView(TypedDict):
    """Some disclosures, newest first; `next` is the cursor of the page behind, null when there is none."""

    disclosures: list[DisclosureView]
    next: str | None


class TicketBody(Body):
    """What is to be explained: an entry or a case of one's own, a promise, a refund, or something else.

    `subject` is the id of the entry, the case or the promise.
    """

    about: Annotated[
        Literal["entry", "case", "promise", "refund", "other"],
        PlainValidator(fields.one_of("entry", "case", "promise", "refund", "other")),
        WithJsonSchema(_choice("entry", "case", "promise", "refund", "other")),
    ]
    subject: Text | None = None
    text: LongText

    @model_validator(mode="after")
    def _names_its_subject(self) -> Self:
        if (self.subject is None) != (self.about in ("refund", "other")):
            raise ValueError("subject is given for an entry, a case or a promise, and for nothing else")
        return self


class AnswerTicketBody(Body):
    """The explanation."""

    text: LongText


class TicketView(TypedDict):
    """A ticket, and its answer as soon as there is one. It is escalated if it is not answered by `due_at`."""

    id: UUID
    party: str
    about: Literal["entry", "case", "promise", "refund", "other"]
    subject: str | None
    text: str
    filed_at: str
    due_at: str
    is_escalated: bool
    answer: str | None


class TicketsView(TypedDict):
    """Some tickets; `next` is the cursor of the page behind, null when there is none."""

    tickets: list[TicketView]
    next: str | None
