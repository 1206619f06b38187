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
    """A day of the period belongs to one of which there is a run: perhaps it is the same period."""

    code = "period_overlaps"
    period: str
    settled: str
    run: str

    def __str__(self) -> str:
        if self.period == self.settled:
            return f"there is a run of {self.period} already: {self.run}"
        return f"{self.period} shares days with {self.settled}, of which there is a run already"


RUN_REFUSALS: tuple[type[Refusal], ...] = (PeriodNotOver, PeriodOverlaps)
