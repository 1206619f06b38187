"""Tipping limits (交易限额), counted within the commit that moves the coins. Rule: LIVE-TIP-5."""

from ledger.kernel.accounts import Account
from ledger.kernel.entries import Spending
from ledger.kernel.refusals import LimitExceeded


def over_limit(account: Account, spending: Spending) -> LimitExceeded | None:
    """The first limit that one more tip would pass; None when all allow it. Exactly at a limit passes."""
    limits, amount = spending.limits, spending.amount_minor
    if limits.per_tip is not None and amount > limits.per_tip:
        return LimitExceeded("per_tip", cap=limits.per_tip, used=0, asked=amount)
    if limits.per_day is not None or limits.tips_per_day is not None:
        spent, count = account.spent_on(spending.day)
        if limits.per_day is not None and spent + amount > limits.per_day:
            return LimitExceeded("per_day", cap=limits.per_day, used=spent, asked=amount)
        if limits.tips_per_day is not None and count + 1 > limits.tips_per_day:
            return LimitExceeded("tips_per_day", cap=limits.tips_per_day, used=count, asked=1)
    if limits.per_month is not None or limits.tips_per_month is not None:
        spent, count = account.spent_in_month_of(spending.day)
        if limits.per_month is not None and spent + amount > limits.per_month:
            return LimitExceeded("per_month", cap=limits.per_month, used=spent, asked=amount)
        if limits.tips_per_month is not None and count + 1 > limits.tips_per_month:
            return LimitExceeded("tips_per_month", cap=limits.tips_per_month, used=count, asked=1)
    return None
