"""The gifts behind a line of a statement: each with what it earned. One at a time, however many there are."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.instants import datetime_of, instant_of
from settlement.statements.pricing import Part, Pricing, Received
from settlement.statements.recompute import Rebuilt, rebuilt

_ROWS_A_FETCH = 1_000

_TAKEN_GIFTS = text("""
SELECT t.seq, t.entry, t.occurred_at, d.id, tips.room, tips.gift, tips.quantity,
       CASE WHEN t.seq = :end_seq AND :end_part > 0 THEN :end_part ELSE t.amount_minor END
       - CASE WHEN t.seq = s.mark_seq THEN s.part ELSE 0 END AS coins,
       width_bucket(t.occurred_at, CAST(:bounds AS timestamptz[])) AS bucket
FROM unnest(CAST(:from_seqs AS bigint[]), CAST(:to_seqs AS bigint[]), CAST(:marks_at AS timestamptz[]),
            CAST(:mark_seqs AS bigint[]), CAST(:parts AS bigint[]))
     AS s (from_seq, to_seq, mark_at, mark_seq, part)
JOIN ledger.transfers AS t ON t.credit_account = :account AND t.seq BETWEEN s.from_seq AND s.to_seq
JOIN ledger.decisions AS d ON d.seq = t.entry
LEFT JOIN ledger.tips AS tips ON tips.entry = t.entry
WHERE (t.occurred_at, t.seq) >= (s.mark_at, s.mark_seq)
  AND ((t.occurred_at, t.seq) < (CAST(:end_at AS timestamptz), :end_seq)
       OR (t.seq = :end_seq AND :end_part > 0))
  AND NOT EXISTS (SELECT FROM ledger.reversals AS r WHERE r.reversed = t.entry AND r.entry < :below)
ORDER BY t.occurred_at, t.seq
""")


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


def _priced(connection: Connection, found: Rebuilt) -> Iterator[tuple[Any, Part]]:
    gifts = found.settled.gifts
    if not gifts.taken_minor:
        return
    pricing = Pricing()
    arguments = {
        "account": gifts.account,
        "from_seqs": [stratum.from_seq for stratum in gifts.looked_at],
        "to_seqs": [stratum.to_seq for stratum in gifts.looked_at],
        "marks_at": [datetime_of(stratum.at) for stratum in gifts.looked_at],
        "mark_seqs": [stratum.seq for stratum in gifts.looked_at],
        "parts": [stratum.part for stratum in gifts.looked_at],
        "end_at": datetime_of(gifts.end.at),
        "end_seq": gifts.end.seq,
        "end_part": gifts.end.part,
        "bounds": [datetime_of(bound) for bound in (*found.timeline.bounds, found.run.cutoff)],
        "below": found.stored.entry,
    }
    fetching = {"yield_per": _ROWS_A_FETCH}
    with connection.execute(_TAKEN_GIFTS, arguments, execution_options=fetching) as rows:
        for row in rows:
            stretch = found.timeline.stretches[row.bucket]
            for part in pricing.add(Received(stretch.terms, stretch.session, None, 1, row.coins)):
                yield row, part
