"""Which coins: what of an account's receipts earlier outflows took already.

An outflow takes the oldest receipts not yet taken, by (occurred_at, seq) (design.md §4). Receipts are
looked at in strata: those posted up to one settlement, those posted between it and the next, and so on. In
each, all before a mark are taken. A receipt that arrives late lies in a newer stratum, so it never
reorders what an earlier outflow took. Almost always one stratum with its mark at a cutoff remains.
"""

from collections.abc import Sequence
from typing import NamedTuple

#: Before every receipt.
NOTHING = (0, 0)


class Stratum(NamedTuple):
    """Receipts of one account with ``from_seq`` <= seq <= ``to_seq``: those before the mark are taken.

    The mark is an instant (``at``) and the ``seq`` of a receipt of that instant; of that receipt itself
    ``part`` minor units are taken. ``from_seq`` lies at or before the first receipt not taken.
    """

    from_seq: int
    to_seq: int
    at: int
    seq: int
    part: int

    @property
    def mark(self) -> tuple[int, int]:
        """Where what is taken ends."""
        return self.at, self.seq


def strata_of(document: Sequence[Sequence[int]]) -> tuple[Stratum, ...]:
    """Strata as they were kept."""
    return tuple(Stratum(*numbers) for numbers in document)


def extended(strata: Sequence[Stratum], to_seq: int) -> tuple[Stratum, ...]:
    """The strata with what was posted since, of which nothing is taken yet."""
    behind = strata[-1].to_seq if strata else 0
    if to_seq <= behind:
        return tuple(strata)
    return *strata, Stratum(behind + 1, to_seq, *NOTHING, 0)


def taken_before(strata: Sequence[Stratum], mark: tuple[int, int], part: int = 0) -> tuple[Stratum, ...]:
    """The strata once all receipts before a mark are taken, and ``part`` of the one at it."""
    moved = [
        stratum
        if stratum.mark > mark or (stratum.mark == mark and stratum.part >= part)
        else Stratum(stratum.from_seq, stratum.to_seq, *mark, part)
        for stratum in strata
    ]
    merged: list[Stratum] = []
    for stratum in moved:
        if merged and merged[-1][2:] == stratum[2:]:
            merged[-1] = Stratum(merged[-1].from_seq, stratum.to_seq, *stratum[2:])
        else:
            merged.append(stratum)
    return tuple(merged)


def untaken(strata: Sequence[Stratum], seq: int, at: int, amount_minor: int) -> int:
    """What of a receipt lies behind the mark of its stratum: the first that reaches up to it."""
    for stratum in strata:
        if stratum.to_seq >= seq:
            if stratum.mark == (at, seq):
                return amount_minor - stratum.part
            return 0 if stratum.mark > (at, seq) else amount_minor
    return amount_minor


def begun_at(strata: Sequence[Stratum], first_untaken_seq: int | None) -> tuple[Stratum, ...]:
    """The strata, read from the first receipt on that is left.

    One in which none is left goes, unless it tells of later receipts taken than those after it do.
    """
    kept: list[Stratum] = []
    for stratum in reversed(strata):
        begin = stratum.to_seq + 1 if first_untaken_seq is None else first_untaken_seq
        read = Stratum(min(max(stratum.from_seq, begin), stratum.to_seq + 1), *stratum[1:])
        if not kept or read.from_seq <= read.to_seq or read.mark > max(later.mark for later in kept):
            kept.append(read)
    return tuple(reversed(kept))
