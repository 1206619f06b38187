"""What can be asked about appeals: to file one, and to decide it."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from ledger.journal.commands import Command
from ledger.sealing import Personal


class Verdict(StrEnum):
    """What becomes of a decision that was appealed against."""

    UPHELD = "upheld"
    CHANGED = "changed"
    OVERTURNED = "overturned"


class FileAppeal(Command, frozen=True, gc=False):
    """A person on whom a decision imposes something asks somebody else to look at it again. G4.

    Why, stands sealed: people write about themselves.
    """

    decision: UUID
    party: str
    text: Personal

    kind: ClassVar[str] = "appeal"


class ReceiveAgain(Command, frozen=True, gc=False):
    """A part of what a measure took is received again, if the answer ``of`` to an appeal gives it back.

    Our own, behind the answer, by derived id: it occurs when the part was first received, so that its terms
    are the same. ``n`` is the number of the part, from 0, of what the capture of ``hold`` took.
    """

    of: UUID
    hold: UUID
    n: int

    kind: ClassVar[str] = "received_again"


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
