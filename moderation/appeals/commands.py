"""What can be asked about appeals: to file one, and to decide it."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from ledger.journal.commands import Command


class Verdict(StrEnum):
    """What becomes of a decision that was appealed against."""

    UPHELD = "upheld"
    CHANGED = "changed"
    OVERTURNED = "overturned"


class FileAppeal(Command, frozen=True, gc=False):
    """A person on whom a decision imposes something asks somebody else to look at it again. G4."""

    decision: UUID
    party: str
    text: str

    kind: ClassVar[str] = "appeal"


class DecideAppeal(Command, frozen=True, gc=False):
    """Somebody who neither decided nor approved it answers an appeal.

    For a changed decision ``ended`` are the measures that end, by their number, and ``lowered`` are those
    that take less from now on: number, and the fen that are still taken.
    """

    appeal: UUID
    verdict: str
    reason: str
    ended: tuple[int, ...] = ()
    lowered: tuple[tuple[int, int], ...] = ()

    kind: ClassVar[str] = "appeal_decided"
