"""Payouts as plain values: what should be answered, held and paid. Shares no code."""

from dataclasses import dataclass, field
from datetime import date

#: Fen up to which a payout needs no second person.
ALONE = 2_000
OPEN = ("requested", "approved", "sent", "unknown")
WAITING = ("requested", "approved")
UNANSWERED = ("sent", "unknown")


@dataclass
class PlainPayout:
    """Of what was asked for on a day, ``offset`` went to debts, and ``amount`` is paid."""

    payee: str
    day: date
    asked: int
    offset: int
    amount: int
    state: str

    @property
    def stands(self) -> bool:
        return self.state in OPEN or self.state == "paid"


@dataclass
class PlainPayouts:
    """All payouts, by id."""

    payouts: dict[str, PlainPayout] = field(default_factory=dict)

    def of(self, payee: str) -> list[PlainPayout]:
        return [one for one in self.payouts.values() if one.payee == payee]

    def held(self, payee: str) -> int:
        return sum(one.amount for one in self.of(payee) if one.state in OPEN)

    def paid(self) -> int:
        """What left the platform's bank."""
        return sum(one.amount for one in self.payouts.values() if one.state == "paid")

    def to_debts(self, payee: str, day: date, asked: int, debt: int) -> int:
        """At most half of what is paid in a month; what went there counts, whatever became of it."""
        month = [one for one in self.of(payee) if (one.day.year, one.day.month) == (day.year, day.month)]
        half = (asked + sum(one.asked for one in month if one.stands)) // 2
        return max(0, min(debt, asked, half - sum(one.offset for one in month)))

    def why_not(self, payee: str, day: date, left: int) -> str | None:
        """One after the other, once a day, and not nothing."""
        if any(one.state in OPEN for one in self.of(payee)):
            return "payout_in_flight"
        if any(one.stands and one.day == day for one in self.of(payee)):
            return "outside_cycle"
        return None if left > 0 else "below_threshold"
