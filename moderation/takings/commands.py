"""What can be asked about money measures: to be shown what one would move."""

from typing import ClassVar
from uuid import UUID

from ledger.journal.commands import Command
from moderation.takings.shown import Loss, PlanShown


class MakePreview(Command, frozen=True, gc=False):
    """Show what a measure (``measure``: its kind) on a party would move, in a case; it moves nothing.

    ``amount_minor`` is what a penalty is to take, in fen; None is all there is. ``losses`` are the items of
    damages or of a compensation. ``beside`` are the previews of what is to be decided together with it and
    comes first: tips that go back, a penalty. ``exceeding`` is why more than the rule allows is right:
    damages that a penalty covers, a penalty besides such damages, or compensation above what was paid.
    ``plan`` is which tips go back.
    """

    case: str
    measure: str
    party: str
    amount_minor: int | None = None
    losses: tuple[Loss, ...] = ()
    beside: tuple[UUID, ...] = ()
    exceeding: str | None = None
    plan: PlanShown | None = None

    kind: ClassVar[str] = "preview"
