"""What a tip moves when it goes back, and when it stands again. Pure: amounts in, acts out.

What was settled comes out of whoever was credited, and is the coins' liability again; then it is the viewer's
coins, or a minor's refund. Design.md §4: the flows of returned tips.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ledger.chart import AccountRef, platform_account
from ledger.kernel.books import Books
from ledger.kernel.entries import Transfer
from ledger.money import face_value

_LIABILITY, _REDEEMED = platform_account("coin_liability"), platform_account("coins_redeemed")
_ISSUED, _PROMOTION = platform_account("coins_issued"), platform_account("promotion_expense")
_REVENUE, _ADJUSTMENTS = platform_account("gift_revenue"), platform_account("adjustments")

#: The platform's side of all of them.
PLATFORM = (_LIABILITY, _REDEEMED, _ISSUED, _PROMOTION, _REVENUE, _ADJUSTMENTS)


class Side(NamedTuple):
    """What a payee gives back, or gets again, fen: in earnings, and in what is owed."""

    payee: str
    earnings_minor: int
    debt_minor: int

    @property
    def earnings(self) -> AccountRef:
        """The payee's earnings."""
        return AccountRef("earnings", self.payee)

    @property
    def debt(self) -> AccountRef:
        """What the payee owes."""
        return AccountRef("debt", self.payee)


class Going(NamedTuple):
    """A tip on its way: coins, of these out of the gifts, and whose shares the others were, fen."""

    viewer: str
    streamer: str
    is_minors: bool
    coins: int
    unsettled_coins: int
    payees: tuple[Side, ...]
    platform_minor: int
    refund_minor: int
    promotion_minor: int

    @property
    def gifts(self) -> AccountRef:
        """Where it was given to."""
        return AccountRef("gifts", self.streamer)

    @property
    def settled_coins(self) -> int:
        """What of it was settled."""
        return self.coins - self.unsettled_coins

    @property
    def owner(self) -> AccountRef:
        """What of the viewer's it goes back to: the wallet, or for a minor what is owed."""
        return AccountRef("refunds_payable" if self.is_minors else "wallet", self.viewer)


def taken_from(books: Books, payee: str, amount_minor: int, freed_minor: int) -> Side:
    """Out of the payee's earnings what is free or freed for it, and the rest is owed."""
    there = max(0, books.accounts[AccountRef("earnings", payee)].available_minor + freed_minor)
    earnings = min(amount_minor, there)
    return Side(payee, earnings, amount_minor - earnings)


def given_again(books: Books, side: Side) -> Side:
    """What is still owed is struck out; what was paid of it meanwhile is earnings again."""
    owed = max(0, books.accounts[side.debt].available_minor)
    struck = min(side.debt_minor, owed)
    return Side(side.payee, side.earnings_minor + side.debt_minor - struck, struck)


def is_still_there(books: Books, going: Going) -> bool:
    """Whether all that a viewer got back is there to be given again."""
    wanted = going.refund_minor if going.is_minors else going.coins
    return books.accounts[going.owner].available_minor >= wanted


def returning(going: Going) -> tuple[Transfer, ...]:
    """The transfers of a tip that goes back."""
    to = _ISSUED if going.is_minors else going.owner
    moves = [
        (going.gifts, to, going.unsettled_coins),
        (_REDEEMED, to, going.settled_coins),
        *((side.earnings, _LIABILITY, side.earnings_minor) for side in going.payees),
        *((side.debt, _LIABILITY, side.debt_minor) for side in going.payees),
        (_REVENUE, _LIABILITY, going.platform_minor),
        (_LIABILITY, going.owner, going.refund_minor),
        (_LIABILITY, _PROMOTION, going.promotion_minor),
    ]
    return tuple(_moved(moves))


def restoring(going: Going, *, from_viewer: bool) -> tuple[Transfer, ...]:
    """The transfers of a tip that stands again: out of what the viewer got back, or borne by the platform."""
    back = _ISSUED if going.is_minors or not from_viewer else going.owner
    if going.is_minors:
        giver, given = (going.owner if from_viewer else _ADJUSTMENTS), going.refund_minor
    else:
        giver, given = _ADJUSTMENTS, 0 if from_viewer else face_value(going.coins)
    moves = [
        (back, going.gifts, going.unsettled_coins),
        (back, _REDEEMED, going.settled_coins),
        (giver, _LIABILITY, given),
        (_PROMOTION, _LIABILITY, going.promotion_minor),
        *((_LIABILITY, side.earnings, side.earnings_minor) for side in going.payees),
        *((_LIABILITY, side.debt, side.debt_minor) for side in going.payees),
        (_LIABILITY, _REVENUE, going.platform_minor),
    ]
    return tuple(_moved(moves))


def _moved(moves: list[tuple[AccountRef, AccountRef, int]]) -> Iterator[Transfer]:
    for debit, credit, amount in moves:
        if amount:
            yield Transfer(debit, credit, amount)
