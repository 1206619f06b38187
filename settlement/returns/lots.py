"""What was paid for coins: which top-up each coin of a wallet came from, first in first out. Pure.

Coins are spent in the order in which they came, by posting. Those that come back keep what they were: a
tip that was returned or undone brings back the very coins it took, behind what is there then. A bonus lies
evenly among the coins of its top-up. Design: lots are not tracked on the way, they follow from the journal.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ledger.money import round_half_up


class TopUpLot(NamedTuple):
    """A top-up: its coins, and what was paid for them, fen."""

    coins: int
    paid_minor: int


class Movement(NamedTuple):
    """Coins into a wallet, or out of it, in the order in which they were posted.

    ``lot`` is set where they were topped up; ``undoes`` is the entry that is undone, if one is. What a
    measure forfeits is ``forfeited``, and what comes back without another name is out of that.
    """

    entry: int
    coins: int
    is_out: bool
    lot: TopUpLot | None = None
    undoes: int | None = None
    forfeited: bool = False


class Piece(NamedTuple):
    """Coins of a top-up, from one position in it up to another. Without a top-up nothing was paid."""

    entry: int
    lot: TopUpLot | None
    begin: int
    end: int

    @property
    def coins(self) -> int:
        """How many they are."""
        return self.end - self.begin

    @property
    def paid_minor(self) -> int:
        """What was paid for them, fen: by running difference, so that a top-up's pieces sum to it."""
        if self.lot is None:
            return 0
        coins, paid = self.lot
        return round_half_up(paid * self.end, coins) - round_half_up(paid * self.begin, coins)


Pieces = tuple[Piece, ...]


def spent(movements: Iterable[Movement]) -> Mapping[int, Pieces]:
    """The coins each entry took out of a wallet, by entry."""
    there: Pieces = ()
    forfeited: Pieces = ()
    took: dict[int, Pieces] = {}
    for movement in movements:
        if movement.is_out:
            # A top-up that is undone takes its own coins first, as far as they are there.
            own = tuple([piece for piece in there if piece.entry == movement.undoes])
            others = tuple([piece for piece in there if piece.entry != movement.undoes])
            taken, there = first((*own, *others), movement.coins)
            took[movement.entry] = taken
            if movement.forfeited:
                forfeited = (*taken, *forfeited)
        elif movement.lot is not None:
            there = (*there, Piece(movement.entry, movement.lot, 0, movement.lot.coins))
        elif movement.undoes in took:
            there = (*there, *first(took[movement.undoes], movement.coins)[0])
        else:
            back, forfeited = first(forfeited, movement.coins)
            there = (*there, *back)
    return took


def first(pieces: Pieces, coins: int) -> tuple[Pieces, Pieces]:
    """So many coins from the front, and the rest. Where there are too few, the missing ones were not paid."""
    taken: list[Piece] = []
    for at, piece in enumerate(pieces):
        if not coins:
            return tuple(taken), pieces[at:]
        if piece.coins > coins:
            cut = piece.begin + coins
            return (*taken, piece._replace(end=cut)), (piece._replace(begin=cut), *pieces[at + 1 :])
        taken.append(piece)
        coins -= piece.coins
    if coins:
        taken.append(Piece(0, None, 0, coins))
    return tuple(taken), ()


def paid_minor(pieces: Pieces) -> int:
    """What was paid for coins, fen."""
    return sum(piece.paid_minor for piece in pieces)
