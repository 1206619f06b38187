"""What can be asked about cases: to open and note one, to decide it, and what follows a decision."""

from typing import ClassVar
from uuid import UUID

import msgspec

from ledger.journal.commands import Command

#: What a freeze names when it freezes every account that the party has.
EVERYTHING = "everything"


class Finding(msgspec.Struct, frozen=True, gc=False):
    """A rule that was broken, by its code in the catalogue.

    ``evidence`` are the SHA-256 of files of the case, in hex. ``severity`` None is the catalogue's; another
    one, or a measure outside the matrix, needs ``override_reason``. ``happened_at`` is the instant it
    happened, None if the session or the case say it (:mod:`moderation.cases.timing`).
    """

    rule: str
    evidence: tuple[str, ...] = ()
    severity: str | None = None
    session: UUID | None = None
    override_reason: str | None = None
    happened_at: int | None = None


class Imposed(msgspec.Struct, frozen=True, gc=False):
    """A measure that is asked for: what, on whom (None: whom the case is about), until when (an instant).

    ``feature`` is what a restriction keeps from. ``account`` and ``amount_minor`` are what a freeze holds:
    an amount, or the whole (None), of one kind of account, or of ``everything``. ``preview`` is what was
    shown of a measure that moves money.
    """

    kind: str
    party: str | None = None
    feature: str | None = None
    until: int | None = None
    account: str | None = None
    amount_minor: int | None = None
    preview: UUID | None = None
    note: str | None = None


class OpenCase(Command, frozen=True, gc=False):
    """Something is to be looked at, about a party. ``case`` None: it is called after this command's id.

    ``happened_at`` is the instant it happened, if that is known.
    """

    case: str | None
    source: str
    party: str
    session: UUID | None
    summary: str
    happened_at: int | None = None

    kind: ClassVar[str] = "case_open"

    @property
    def name(self) -> str:
        """What the case is called."""
        return self.case or str(self.id)


class NoteCase(Command, frozen=True, gc=False):
    """A line for the time line of a case."""

    case: str
    note: str

    kind: ClassVar[str] = "case_note"


class Decide(Command, frozen=True, gc=False):
    """Decide a case: findings, and one or several measures. Rules: LIVE-MOD-1, LIVE-MOD-2, LIVE-MOD-6.

    ``latest`` is the newest decision of the case that the moderator has seen, None when there was none.
    """

    case: str
    findings: tuple[Finding, ...]
    measures: tuple[Imposed, ...]
    reason: str
    latest: UUID | None = None

    kind: ClassVar[str] = "decide"


class OnDecision(Command, frozen=True, gc=False):
    """A step in the life of a decision."""

    decision: UUID


class ApproveDecision(OnDecision, frozen=True, gc=False):
    """Let a decision pass, as the second person."""

    kind: ClassVar[str] = "decision_approved"


class RefuseDecision(OnDecision, frozen=True, gc=False):
    """Do not let it pass: all it imposed ends, all it holds is free again."""

    reason: str

    kind: ClassVar[str] = "decision_refused"


class ExecuteDecision(OnDecision, frozen=True, gc=False):
    """Take what a decision takes, its time having come. Our own: its id is derived from the decision."""

    kind: ClassVar[str] = "decision_executed"


class FinishReturns(OnDecision, frozen=True, gc=False):
    """The tips of a measure have gone back: what was held for them is free. Our own, by derived id."""

    measure: UUID

    kind: ClassVar[str] = "returns_finished"


class LiftMeasure(Command, frozen=True, gc=False):
    """End a measure before its time; what it holds is free again."""

    measure: UUID
    reason: str

    kind: ClassVar[str] = "measure_lifted"
