"""What carrying out a plan asks of the books. Ids are derived from the plan and the tip."""

from typing import ClassVar
from uuid import UUID

from ledger.journal.commands import Command


class ReturnTip(Command, frozen=True, gc=False):
    """Send a tip of a plan back. ``tip`` is the number of the tip's entry."""

    plan: UUID
    tip: int

    kind: ClassVar[str] = "tip_return"


class RestoreTip(Command, frozen=True, gc=False):
    """Let a tip that went back stand again. It occurs when the tip did: its terms are the same."""

    plan: UUID
    tip: int

    kind: ClassVar[str] = "tip_restoration"
