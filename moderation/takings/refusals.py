"""What is refused about what money measures take, in the order in which it is tried."""

from ledger.kernel.refusals import Refusal
from ledger.money import written


class PreviewNotFound(Refusal, frozen=True):
    """No such preview was made in the case, for a measure of that kind on that party."""

    code = "preview_not_found"
    preview: str
    case: str

    def __str__(self) -> str:
        return f"case {self.case!r} has no preview {self.preview} of such a measure"


class PreviewUsed(Refusal, frozen=True):
    """What it showed was decided before."""

    code = "preview_used"
    preview: str

    def __str__(self) -> str:
        return f"preview {self.preview} was decided before"


class IndirectLoss(Refusal, frozen=True):
    """Nobody owes indirect losses. Rule: LIVE-LIAB-4."""

    code = "indirect_loss"
    head: str

    def __str__(self) -> str:
        return f"a loss of kind {self.head!r} is not a direct one, and is not owed"


class PlanTooWide(Refusal, frozen=True):
    """More streamers' accounts would have to stand still than one entry can freeze."""

    code = "plan_too_wide"
    streamers: int
    widest: int

    def __str__(self) -> str:
        return f"tips to {self.streamers} streamers would go back, and one plan takes at most {self.widest}"


class NothingToTake(Refusal, frozen=True):
    """There is nothing that the measure could move."""

    code = "nothing_to_take"
    party: str
    kind: str

    def __str__(self) -> str:
        return f"a {self.kind} would move nothing of {self.party!r}"


class AboveLiabilityCap(Refusal, frozen=True):
    """More than the party paid, less what it got back already. Rule: LIVE-LIAB-3."""

    code = "above_liability_cap"
    party: str
    cap_minor: int
    asked_minor: int

    def __str__(self) -> str:
        cap, asked = written(self.cap_minor, "CNY"), written(self.asked_minor, "CNY")
        return f"at most {cap} is left of what {self.party!r} paid; {asked} was asked"


class PenaltyCountedTwice(Refusal, frozen=True):
    """A penalty would cover a loss of which damages of the same case take as much again. Rule: LIVE-MOD-8.

    ``measure`` says whose preview it is. Of damages: they set off less of the case's penalties than these
    cover. Of a penalty: it covers so much of damages that set nothing of that off; when it is only to be
    shown, ``preview`` is None.
    """

    code = "penalty_counted_twice"
    preview: str | None
    netted_minor: int
    covered_minor: int
    measure: str = "damages"

    def __str__(self) -> str:
        netted, covered = written(self.netted_minor, "CNY"), written(self.covered_minor, "CNY")
        if self.measure == "damages":
            return f"preview {self.preview} sets off {netted} of the case's penalties, which cover {covered}"
        return f"damages of the case take {covered} of what the penalty covers, and set off {netted} of that"


#: Why not all tips of a plan can go back as they were shown.
_HINDERED = {
    "undone": "others went back, or were reversed, meanwhile",
    "taken": "something was taken of others meanwhile",
    "held": "another measure holds coins of others",
    "promised": "another decision has others go back",
}
#: A penalty that damages set off ended since, was lowered, or is set off by others.
SET_OFF = "set_off"


class PreviewStale(Refusal, frozen=True):
    """What was shown is no longer there in full: one of the transfers, or a penalty that was set off.

    Of such a penalty, ``reason`` is ``set_off``, and the amounts are what damages set off of the case's
    penalties and what is left of these to set off.

    Of tips that were to go back, the amounts are those of the streamer's that were shown and of those that
    still can, and ``reason`` is why the others cannot: ``undone``, ``taken``, ``held`` or ``promised``.
    """

    code = "preview_stale"
    preview: str
    account: str
    owner: str
    currency: str
    shown_minor: int
    available_minor: int
    reason: str | None = None

    def __str__(self) -> str:
        shown, available = (written(m, self.currency) for m in (self.shown_minor, self.available_minor))
        if self.reason is None:
            return f"{shown} of {self.account} of {self.owner!r} was shown, and {available} is there now"
        if self.reason == SET_OFF:
            return f"{shown} of the case's penalties was set off, and {available} is left to set off now"
        return (
            f"tips of {shown} to {self.owner!r} were shown, and {available} of it can go back now: "
            f"{_HINDERED[self.reason]}"
        )


TAKINGS_REFUSALS: tuple[type[Refusal], ...] = (
    PreviewNotFound,
    PreviewUsed,
    IndirectLoss,
    AboveLiabilityCap,
    PlanTooWide,
    NothingToTake,
    PenaltyCountedTwice,
    PreviewStale,
)
