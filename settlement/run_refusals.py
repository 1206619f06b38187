"""What is said no to about settlement runs."""

from ledger.kernel.refusals import Refusal


class PeriodNotOver(Refusal, frozen=True):
    """The period's last day has not ended."""

    code = "period_not_over"
    period: str
    through: str

    def __str__(self) -> str:
        return f"{self.period} ends with {self.through}, which is not over"


class PeriodOverlaps(Refusal, frozen=True):
    """A day of the period belongs to one that was settled, or is being settled."""

    code = "period_overlaps"
    period: str
    settled: str

    def __str__(self) -> str:
        return f"{self.period} shares days with {self.settled}, of which there is a run already"


RUN_REFUSALS: tuple[type[Refusal], ...] = (PeriodNotOver, PeriodOverlaps)
