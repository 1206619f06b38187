"""What is refused about appeals, in the order in which it is tried."""

from ledger.instants import datetime_of
from ledger.kernel.refusals import Refusal


class AppealTooLate(Refusal, frozen=True):
    """The time to appeal is over since an instant (microseconds since 1970)."""

    code = "appeal_too_late"
    decision: str
    until: int

    def __str__(self) -> str:
        until = datetime_of(self.until).isoformat()
        return f"decision {self.decision} could be appealed against until {until}"


class AppealExists(Refusal, frozen=True):
    """The same person appealed against the decision before."""

    code = "appeal_exists"
    decision: str
    appeal: str

    def __str__(self) -> str:
        return f"decision {self.decision} was appealed against before, by appeal {self.appeal}"


class AppealNotFound(Refusal, frozen=True):
    """No accepted appeal has that id."""

    code = "appeal_not_found"
    appeal: str

    def __str__(self) -> str:
        return f"no appeal {self.appeal} is in the books"


class AppealDecided(Refusal, frozen=True):
    """The appeal has its answer."""

    code = "appeal_already_decided"
    appeal: str
    verdict: str

    def __str__(self) -> str:
        return f"appeal {self.appeal} was already decided: {self.verdict}"


class NotAReduction(Refusal, frozen=True):
    """A measure that takes money can be lowered once, to less than it takes and more than nothing."""

    code = "not_a_reduction"
    measure: int
    takes_minor: int
    asked_minor: int

    def __str__(self) -> str:
        return (
            f"measure {self.measure} takes {self.takes_minor} fen: "
            f"{self.asked_minor} fen is no lower amount, or not the only one"
        )


class NothingChanged(Refusal, frozen=True):
    """A changed decision ends or lowers something; one that is upheld or overturned names nothing."""

    code = "nothing_changed"
    verdict: str

    def __str__(self) -> str:
        if self.verdict == "changed":
            return "say which measures end, or what is taken less"
        return f"a decision that is {self.verdict} is so as a whole: name no measures"


APPEALS_REFUSALS: tuple[type[Refusal], ...] = (
    AppealTooLate,
    AppealExists,
    AppealNotFound,
    AppealDecided,
    NotAReduction,
    NothingChanged,
)
