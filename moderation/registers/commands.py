"""What is put into the registers. Personal numbers come as keyed hashes only (:mod:`ledger.sealing`)."""

from typing import ClassVar, Literal
from uuid import UUID

import msgspec

from ledger.journal.commands import Command, derived_id
from ledger.sealing import Personal

#: What a written permission of the platform can be for.
Allowance = Literal["media_reuse", "business"]
#: What a streamer can do about a participant of a room.
RoomAct = Literal["mute", "unmute", "remove", "report"]
#: What somebody can want explained.
TicketAbout = Literal["entry", "case", "promise", "refund", "other"]

#: Who finds people on a blacklist, and stops them at once.
SCREENING = "platform:blacklist"
_HITS = UUID("3d0c6c1e-7b1f-8a52-9c3b-2f6f0d1b5a77")


class Listed(msgspec.Struct, frozen=True, gc=False):
    """Somebody on a list: the hash of the ID number and, if the list says it, of the name."""

    number: bytes
    name: bytes | None = None


class ImportBlacklist(Command, frozen=True, gc=False):
    """A list of barred people, or what is new on it. Who is on the list already stays. Rule: LIVE-BLK-1."""

    list: str
    listed: tuple[Listed, ...]

    kind: ClassVar[str] = "blacklist_import"


class TakeOffBlacklist(Command, frozen=True, gc=False):
    """Somebody is no longer on a list. What was done because of it ends by lifting it, in its case."""

    list: str
    number: bytes
    reason: str

    kind: ClassVar[str] = "blacklist_taken_off"


class Hit(Command, frozen=True, gc=False):
    """A verified party is on a list. Our own: the same hit has the same id, whoever finds it.

    ``number`` counts the listings of that person on that list; ``names_agree`` is None where the list names
    nobody.
    """

    party: str
    list: str
    number_hash: bytes
    number: int
    names_agree: bool | None

    kind: ClassVar[str] = "blacklist_hit"

    @property
    def case(self) -> str:
        """The case it opens."""
        return f"blacklist-{self.id}"


def hit_id(party: str, list: str, number_hash: bytes, number: int) -> UUID:
    """The id of a hit: what it is about is all it is made of."""
    return derived_id(_HITS, f"{number_hash.hex()}:{number}:{len(list)}:{list}:{party}")


class FindIdentityFalse(Command, frozen=True, gc=False):
    """A party is not who it said it was. Rule: LIVE-ID-4."""

    party: str
    reason: str

    kind: ClassVar[str] = "identity_false"

    @property
    def case(self) -> str:
        """The case it opens."""
        return f"identity-{self.id}"


class GrantPermission(Command, frozen=True, gc=False):
    """The platform permits something in writing. Rules: LIVE-PRIN-2, LIVE-COND-2.

    ``document`` is the number of the paper; the permission holds from ``valid_from`` and no longer at
    ``valid_until`` (instants).
    """

    party: str
    allows: Allowance
    scope: str
    document: str
    valid_from: int
    valid_until: int | None = None

    kind: ClassVar[str] = "permission"


class RevokePermission(Command, frozen=True, gc=False):
    """A permission ends now."""

    permission: UUID
    reason: str

    kind: ClassVar[str] = "permission_revoked"


class RecordUse(Command, frozen=True, gc=False):
    """Somebody did what needs a permission, at an instant. Without one it is a case."""

    party: str
    needs: Allowance
    detail: str
    used_at: int

    kind: ClassVar[str] = "use"

    @property
    def case(self) -> str:
        """The case it opens, if nothing permits it."""
        return f"use-{self.id}"


class RecordPromise(Command, frozen=True, gc=False):
    """A streamer promises viewers something, to be kept by an instant. Rule: LIVE-PROMISE-1."""

    streamer: str
    session: UUID | None
    text: str
    due_at: int

    kind: ClassVar[str] = "promise"


class ResolvePromise(Command, frozen=True, gc=False):
    """A promise was kept, or it was not: then it is a case, and what it cost is claimed there."""

    promise: UUID
    is_kept: bool
    note: str

    kind: ClassVar[str] = "promise_resolved"

    @property
    def case(self) -> str:
        """The case it opens, if the promise was not kept."""
        return f"promise-{self.promise}"


class ActInRoom(Command, frozen=True, gc=False):
    """A streamer mutes, removes or reports a participant of a room. Rule: LIVE-MOD-5.

    A mute is about speaking: it stops no tip. ``until`` is when it ends by itself, None if it does not.
    """

    streamer: str
    room: str
    participant: str
    act: RoomAct
    reason: str
    until: int | None = None

    kind: ClassVar[str] = "room_action"


class RecordDisclosure(Command, frozen=True, gc=False):
    """Something was handed to an authority, under a legal hold. Rule: LIVE-MOD-9.

    ``disclosed`` names what was handed over and shows none of it.
    """

    measure: UUID
    authority: str
    document: str
    disclosed: tuple[str, ...]

    kind: ClassVar[str] = "disclosure"


class FileTicket(Command, frozen=True, gc=False):
    """Somebody wants something explained, or objects to it. Rule: LIVE-CONTACT-1.

    ``subject`` is the id of one of their own entries, of a case about them, or of a promise. What they
    write stands sealed.
    """

    party: str
    about: TicketAbout
    subject: str | None
    text: Personal

    kind: ClassVar[str] = "ticket"


class AnswerTicket(Command, frozen=True, gc=False):
    """The explanation, once."""

    ticket: UUID
    text: str

    kind: ClassVar[str] = "ticket_answered"


class EscalateTicket(Command, frozen=True, gc=False):
    """A ticket was not answered in its time. Our own: the id is derived from the ticket."""

    ticket: UUID

    kind: ClassVar[str] = "ticket_escalated"
