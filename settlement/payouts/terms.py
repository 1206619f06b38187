"""What the policy says of a request: how often, from how much on, and what goes to debts first. Pure."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal

from ledger.instants import business_day, date_of, day_of, month_of
from ledger.kernel.refusals import Refusal
from ledger.money import BPS
from settlement.payouts.refusals import BelowThreshold, OutsideCycle
from settlement.payouts.states import STANDING, Payout

Cycle = Literal["daily", "weekly", "monthly"]


def cycle_at(instant: int, cycle: Cycle) -> tuple[int, int]:
    """The first day of the cycle (China time) that an instant falls in, and the first of the next."""
    day = business_day(instant)
    if cycle == "monthly":
        return month_of(day)
    if cycle == "weekly":
        date = date_of(day)
        monday = day_of(date - timedelta(days=date.weekday()))
        return monday, monday + 7
    return day, day + 1


def why_outside_cycle(instant: int, cycle: Cycle, payouts: Iterable[Payout]) -> OutsideCycle | None:
    """A payee is paid once a cycle; what was refused, cancelled, failed or returned does not count."""
    first, after = cycle_at(instant, cycle)
    for payout in payouts:
        if payout.state in STANDING and first <= business_day(payout.requested_at) < after:
            return OutsideCycle(cycle, date_of(after).isoformat())
    return None


def to_debts(
    *, asked_minor: int, debt_minor: int, debt_cap_bps: int, instant: int, payouts: Iterable[Payout]
) -> int:
    """What of a request goes to debts, in fen: at most the cap of all that the month's payouts come to.

    What earlier requests of the month gave to debts counts, also when they came to nothing afterwards:
    asking again and again does not take more.
    """
    first, after = month_of(business_day(instant))
    months = [payout for payout in payouts if first <= business_day(payout.requested_at) < after]
    paid = sum(payout.requested_minor for payout in months if payout.state in STANDING)
    given = sum(payout.offset_minor for payout in months)
    cap = (paid + asked_minor) * debt_cap_bps // BPS
    return max(0, min(debt_minor, asked_minor, cap - given))


def why_below(left_minor: int, threshold_minor: int) -> Refusal | None:
    """What is left after debts must be worth a payout; nothing at all never is."""
    least = max(threshold_minor, 1)
    return BelowThreshold("CNY", least, left_minor) if left_minor < least else None
