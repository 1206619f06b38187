"""The gifts behind a line of a statement: each with what it earned. One at a time, however many there are."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger.instants import instant_of
from settlement.kinds import EarningKind
from settlement.statements.pricing import Part, Pricing, Received
from settlement.statements.recompute import Rebuilt, rebuilt
from settlement.statements.taken import LEFT_OF_GIFT, WENT_BACK, rows_taken, taken

_TAKEN_GIFTS = taken(
    "tips.room, tips.gift, tips.quantity",
    f"LEFT JOIN ledger.tips AS tips ON tips.entry = t.entry {WENT_BACK}",
    left=LEFT_OF_GIFT,
)


class PricedGift(NamedTuple):
    """A gift, or the part of one that lies in a line: coins, and what they earned in fen.

    ``room``, ``gift`` and ``quantity`` are None for coins that came otherwise, such as a reversal's.
    """

    entry: UUID
    seq: int
    occurred_at: int
    room: str | None
    gift: str | None
    quantity: int | None
    coins: int
    streamer_minor: int
    guild_minor: int
    platform_minor: int


def gifts_of_line(connection: Connection, id: UUID, line: int) -> Iterator[PricedGift]:
    """The gifts of a statement's line, counted from 0, in the order in which they were taken.

    Raises ``NoSuchStatement``, and ``IndexError`` when the statement has no such line of gifts.
    """
    found = rebuilt(connection, id)
    wanted = found.settled.gift_lines[line]
    for row, part in _priced(connection, found):
        if part.segment == wanted.segment and part.session == wanted.session:
            yield PricedGift(
                row.id,
                row.seq,
                instant_of(row.occurred_at),
                row.room,
                row.gift,
                row.quantity,
                part.coins,
                part.streamer_minor,
                part.guild_minor,
                part.platform_minor,
            )


def gifts_of_statement(connection: Connection, id: UUID) -> Iterator[tuple[int, int, Part]]:
    """All gifts of a statement, by the numbers of their transfers, in the order in which they were taken.

    One that a tier cuts comes in parts, each with how many of its coins were taken before. Raises
    ``NoSuchStatement``.
    """
    seq, before = 0, 0
    for row, part in _priced(connection, rebuilt(connection, id)):
        if row.seq != seq:
            seq, before = row.seq, row.part
        yield seq, before, part
        before += part.coins


def _priced(connection: Connection, found: Rebuilt) -> Iterator[tuple[Any, Part]]:
    gifts = found.settled.gifts
    if not gifts.taken_minor:
        return
    pricing = Pricing()
    for row in rows_taken(connection, _TAKEN_GIFTS, found, gifts):
        stretch = found.timeline.stretches[row.bucket]
        free_on = stretch.available_on(EarningKind.GIFT, found.run.issued_on)
        for part in pricing.add(Received(stretch.terms, stretch.session, free_on, 1, row.minor)):
            yield row, part
