"""Payouts as plain dictionaries: what should be answered, and where every fen should be. Shares no code."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

FIRST_DAY = date(2026, 10, 5)
THRESHOLD, BOUND = 10_000, 100_000
BRACKETS = (
    (3_600_000, 3, 0),
    (14_400_000, 10, 252_000),
    (30_000_000, 20, 1_692_000),
    (42_000_000, 25, 3_192_000),
    (66_000_000, 30, 5_292_000),
    (96_000_000, 35, 8_592_000),
    (None, 45, 18_192_000),
)
OPEN = ("requested", "approved", "sent", "unknown")


@dataclass
class PlainPayout:
    """One payout."""

    payee: str
    by: str
    day: date
    asked: int
    offset: int
    amount: int
    state: str
    tax: int = 0
    sent_on: date | None = None


@dataclass
class PlainPayouts:
    """Balances and payouts. ``person`` says who is behind a payee."""

    person: dict[str, str]
    earnings: dict[str, int] = field(default_factory=dict)
    debt: dict[str, int] = field(default_factory=dict)
    frozen: set[str] = field(default_factory=set)
    payouts: dict[str, PlainPayout] = field(default_factory=dict)
    bank: int = 0
    tax: int = 0
    made: int = 0
    day: date = FIRST_DAY

    def held(self, payee: str) -> int:
        return sum(one.amount for one in self.payouts.values() if one.payee == payee and one.state in OPEN)

    def earn(self, payee: str, amount: int) -> None:
        self.earnings[payee] = self.earnings.get(payee, 0) + amount
        self.made += amount

    def owe(self, payee: str, amount: int) -> None:
        self.debt[payee] = self.debt.get(payee, 0) + amount
        self.made -= amount

    def request(self, id: str, payee: str, amount: int | None, by: str) -> str:
        available = self.earnings[payee] - self.held(payee)
        asked = available if amount is None else amount
        if payee in self.frozen:
            return "account_frozen"
        if asked > available:
            return "insufficient_funds"
        theirs = [one for one in self.payouts.values() if one.payee == payee]
        if any(one.state in OPEN for one in theirs):
            return "payout_in_flight"
        if any(one.state == "paid" and one.day == self.day for one in theirs):
            return "outside_cycle"
        month = [one for one in theirs if (one.day.year, one.day.month) == (self.day.year, self.day.month)]
        cap = (asked + sum(one.asked for one in month if one.state == "paid")) // 2
        offset = max(0, min(self.debt.get(payee, 0), asked, cap - sum(one.offset for one in month)))
        if asked - offset < THRESHOLD:
            return "below_threshold"
        state = "approved" if asked - offset <= BOUND else "requested"
        self.payouts[id] = PlainPayout(payee, by, self.day, asked, offset, asked - offset, state)
        self.earnings[payee] -= offset
        if offset:
            self.debt[payee] -= offset
        return "accepted"

    def approve(self, id: str, by: str) -> str:
        one = self.payouts[id]
        if by in (one.by, one.payee):
            return "same_person"
        if one.state == "approved":
            return "payout_already_approved"
        return self._waiting(one) or self._to(one, "approved")

    def take_back(self, id: str, state: str) -> str:
        one = self.payouts[id]
        return self._waiting(one) or self._to(one, state)

    def send(self, id: str) -> str:
        one = self.payouts[id]
        if one.payee in self.frozen:
            return "account_frozen"
        refusal = self._waiting(one)
        if refusal:
            return refusal
        if one.state == "requested":
            return "payout_not_approved"
        tax = self._tax(one)
        if tax == one.amount:
            return "nothing_left_after_tax"
        one.tax, one.sent_on = tax, self.day
        return self._to(one, "sent")

    def answer(self, id: str, state: str) -> str:
        one = self.payouts[id]
        if one.state in ("requested", "approved", "refused", "cancelled"):
            return "payout_not_sent"
        if one.state not in ("sent", "unknown") or one.state == state:
            return "payout_already_answered"
        if state == "paid":
            self.earnings[one.payee] -= one.amount
            self.bank -= one.amount - one.tax
            self.tax += one.tax
        return self._to(one, state)

    def come_back(self, id: str, by: str) -> str:
        one = self.payouts[id]
        if by in (one.by, one.payee):
            return "same_person"
        if one.state != "paid":
            return "payout_not_paid"
        self.earnings[one.payee] += one.amount
        self.bank += one.amount - one.tax
        self.tax -= one.tax
        return self._to(one, "returned")

    def later(self, days: int) -> None:
        self.day += timedelta(days=days)

    def nothing_vanished(self) -> bool:
        """What was earned, less what was owed, is with the payees, at their banks, or at the tax office."""
        left = sum(self.earnings.values()) - sum(self.debt.values())
        return left - self.bank + self.tax == self.made

    def _waiting(self, one: PlainPayout) -> str | None:
        if one.state in ("refused", "cancelled"):
            return "payout_closed"
        return None if one.state in ("requested", "approved") else "payout_already_sent"

    def _to(self, one: PlainPayout, state: str) -> str:
        one.state = state
        return "accepted"

    def _tax(self, new: PlainPayout) -> int:
        """Cumulative: 80 % of the year, less 5,000.00 a month since the first, by the table."""
        year = [
            one
            for one in self.payouts.values()
            if self.person[one.payee] == self.person[new.payee]
            and one.sent_on is not None
            and one.sent_on.year == self.day.year
            and one.state in ("sent", "unknown", "paid")
        ]
        first = min([self.day.month, *(one.sent_on.month for one in year if one.sent_on)])
        total = sum(one.amount for one in year) + new.amount
        taxable = max(Fraction(0), Fraction(total * 8, 10) - 500_000 * (self.day.month - first + 1))
        rate, quick = next((r, q) for end, r, q in BRACKETS if end is None or taxable <= end)
        due = int(taxable * rate / 100 - quick + Fraction(1, 2))
        return max(0, min(new.amount, due - sum(one.tax for one in year)))
