"""Accounts and holds as the kernel sees them while a batch is decided.

These are working copies: the journal fills them under the account locks, the kernel moves them, the
journal writes back what changed. Nothing else holds a balance.
"""

from typing import Literal
from uuid import UUID

import msgspec

from ledger.chart import AccountKind, AccountRef
from ledger.instants import month_of

HoldEnd = Literal["captured", "released", "expired"]


class SpendingWindow(msgspec.Struct, gc=False):
    """The tips an account paid on its latest tipping day, and in that day's month so far.

    Gross: what is reversed later still counts (a reversed tip does not reopen the day).
    """

    day: int = -1
    day_minor: int = 0
    day_count: int = 0
    month_minor: int = 0
    month_count: int = 0


class DaySpending(msgspec.Struct, gc=False):
    """The tips an account paid on a day before its latest tipping day."""

    amount_minor: int = 0
    count: int = 0


class Account(msgspec.Struct):
    """One account: what was ever debited and credited, what is held, and what it may not do now.

    ``frozen_by`` counts the open holds of the whole account; bars end at an instant, 0 when there never
    was one. ``last_seq`` is the number of the last act that touched it, 0 when none has.
    """

    id: int
    ref: AccountRef
    kind: AccountKind
    debits_minor: int = 0
    credits_minor: int = 0
    held_minor: int = 0
    frozen_by: int = 0
    last_seq: int = 0
    outgoing_barred_until: int = 0
    incoming_barred_until: int = 0
    window: SpendingWindow | None = None
    past_days: dict[int, DaySpending] | None = None

    @property
    def posted_minor(self) -> int:
        """The balance on the account's normal side."""
        if self.kind.normal == "credit":
            return self.credits_minor - self.debits_minor
        return self.debits_minor - self.credits_minor

    @property
    def available_minor(self) -> int:
        """What is left of the balance once open holds are set aside."""
        return self.posted_minor - self.held_minor

    @property
    def is_frozen(self) -> bool:
        """Whether at least one hold of the whole account is open."""
        return self.frozen_by > 0

    def spent_on(self, day: int) -> tuple[int, int]:
        """The amount and the count of tips paid on a day."""
        window = self.window
        if window is None or day > window.day:
            return 0, 0
        if day == window.day:
            return window.day_minor, window.day_count
        past = (self.past_days or {}).get(day)
        return (past.amount_minor, past.count) if past else (0, 0)

    def spent_in_month_of(self, day: int) -> tuple[int, int]:
        """The amount and the count of tips paid in the month that a day belongs to."""
        window = self.window
        if window is None:
            return 0, 0
        first, after = month_of(day)
        if first <= window.day < after:
            return window.month_minor, window.month_count
        days = [d for at, d in (self.past_days or {}).items() if first <= at < after]
        return sum(d.amount_minor for d in days), sum(d.count for d in days)

    def count_spending(self, day: int, amount_minor: int) -> None:
        """Count one tip. The window moves on to a later day, and keeps the day it leaves."""
        window = self.window
        if window is None:
            window = self.window = SpendingWindow(day=day)
        elif day > window.day:
            self._keep_day(window)
            first, after = month_of(day)
            if not first <= window.day < after:
                window.month_minor = window.month_count = 0
            window.day, window.day_minor, window.day_count = day, 0, 0
        if day == window.day:
            window.day_minor += amount_minor
            window.day_count += 1
            window.month_minor += amount_minor
            window.month_count += 1
            return
        first, after = month_of(window.day)
        if first <= day:
            window.month_minor += amount_minor
            window.month_count += 1
        past = self._past(day)
        past.amount_minor += amount_minor
        past.count += 1

    def _keep_day(self, window: SpendingWindow) -> None:
        if window.day >= 0:
            past = self._past(window.day)
            past.amount_minor, past.count = window.day_minor, window.day_count

    def _past(self, day: int) -> DaySpending:
        if self.past_days is None:
            self.past_days = {}
        return self.past_days.setdefault(day, DaySpending())


class HoldState(msgspec.Struct):
    """A hold, and how it ended if it has."""

    hold: UUID
    account: AccountRef
    amount_minor: int | None
    expires_at: int | None
    placed_seq: int
    ended: HoldEnd | None = None
    ended_seq: int | None = None
