"""Commands: what someone asks of the books, and what the books answered.

A command is decided once. Its content, as its sender gave it, is hashed; the same id with the same
content gets the first answer for ever, with other content it is an ``id_conflict``.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import ClassVar
from uuid import UUID

import msgspec

from ledger.kernel.refusals import Refusal

#: What every command has; the fields after these are its own.
_COMMON_FIELDS = 4


class Command(msgspec.Struct, frozen=True, gc=False):
    """Something asked for, by someone, at some time.

    ``id`` is chosen by the sender (UUID 4 or 7) or derived by us (UUID 8). ``actor`` is who asks, as
    ``role:subject``. ``said_at`` is the time the sender gave, None when it gave none; ``occurred_at``
    is that time, or else the server's. Both are instants (microseconds since 1970).
    """

    id: UUID
    actor: str
    occurred_at: int
    said_at: int | None

    kind: ClassVar[str]


def content_hash(command: Command) -> bytes:
    """SHA-256 of what the sender said: kind, time if given, and the command's own fields in order.

    Trailing absent fields do not count, so a field added later leaves old hashes as they are.
    """
    content = [command.kind, command.said_at, *msgspec.structs.astuple(command)[_COMMON_FIELDS:]]
    while content[-1] is None:
        content.pop()
    return sha256(msgspec.json.encode(content)).digest()


def derived_id(cause: UUID, name: str) -> UUID:
    """An id of our own for what follows from ``cause``: UUID version 8, so nobody can claim it first."""
    digest = bytearray(sha256(cause.bytes + name.encode()).digest()[:16])
    digest[6] = 0x80 | digest[6] & 0x0F
    digest[8] = 0x80 | digest[8] & 0x3F
    return UUID(bytes=bytes(digest))


def may_hear(asker: str, first_actor: str) -> bool:
    """Whether whoever repeats a command is given its answer: the first to ask is, and the platform.

    A file that is replayed speaks for the platform, too.
    """
    return asker == first_actor or asker.startswith(("gateway:", "replay:"))


class Moved(msgspec.Struct, frozen=True, gc=False):
    """A transfer in an answer: how much, and the balances it left on both accounts."""

    amount_minor: int
    debit_balance_minor: int
    credit_balance_minor: int


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What was decided: accepted, with what it moved, or refused.

    ``replayed`` tells that it was decided before, and this is the first answer again.
    """

    id: UUID
    seq: int
    occurred_at: int
    refusal: Refusal | None = None
    moved: Sequence[Moved] = ()
    replayed: bool = False

    @property
    def decided(self) -> bool:
        """Whether there was anything to decide; only commands of our own can come to nothing."""
        return self.seq != 0


class Undecided(Exception):
    """The books could not decide now: nothing was recorded and the same command may be sent again."""


class TryAgain(Undecided):
    """Other writers were in the way, or the database went away, more often than we retry."""


class Busy(Undecided):
    """More commands wait than the queue takes."""
