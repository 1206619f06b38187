"""What moderators may ask: to freeze, to lift, to forfeit."""

from typing import ClassVar
from uuid import UUID

from ledger.journal.commands import Command


class Freeze(Command, frozen=True, gc=False):
    """Set an amount of an account aside (minor units), or freeze the whole account (None).

    ``case`` and ``rule`` are what it rests on. It ends by itself at ``expires_at``, if given. LIVE-MOD-4.
    """

    party: str
    account: str
    amount_minor: int | None
    case: str
    rule: str
    expires_at: int | None = None

    kind: ClassVar[str] = "freeze"


class Lift(Command, frozen=True, gc=False):
    """End a freeze, moving nothing."""

    freeze: UUID
    case: str

    kind: ClassVar[str] = "lift"


class Forfeit(Command, frozen=True, gc=False):
    """End a freeze by taking an amount, or all it covers (None), as a penalty. LIVE-MOD-7."""

    freeze: UUID
    amount_minor: int | None
    currency: str | None
    case: str
    rule: str

    kind: ClassVar[str] = "forfeit"
