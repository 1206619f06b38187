"""How amounts, times and cursors look in JSON."""

from typing_extensions import TypedDict

from ledger.instants import datetime_of
from ledger.money import decimal_of


class Money(TypedDict):
    """An amount, exact, with its currency: whole coins of ``ZLB``, or ``CNY`` with two decimals."""

    amount: str
    currency: str


def money(amount_minor: int, currency: str) -> Money:
    """An amount of minor units."""
    amount = str(amount_minor) if currency == "ZLB" else str(decimal_of(amount_minor, currency))
    return {"amount": amount, "currency": currency}


def coins(amount_minor: int) -> Money:
    """An amount of 智联币."""
    return {"amount": str(amount_minor), "currency": "ZLB"}


def fen(amount_minor: int) -> Money:
    """An amount of 元, given in fen."""
    return money(amount_minor, "CNY")


def timestamp(instant: int) -> str:
    """An instant in UTC, to the microsecond: 2026-10-01T11:30:00.122000Z."""
    return datetime_of(instant).isoformat(timespec="microseconds")[:-6] + "Z"


def next_page(cursor: int | None) -> str | None:
    """Where the next page begins; null when there is none."""
    return None if cursor is None else str(cursor)
