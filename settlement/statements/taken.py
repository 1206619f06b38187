"""The receipts that a statement took of an account: one at a time, however many there are."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, TextClause, text

from ledger.instants import datetime_of
from settlement.statements.gathering import Gathered
from settlement.statements.recompute import Rebuilt

_ROWS_A_FETCH = 1_000

#: What went back of gifts: of a tip out of its own receipt, or out of what was received again.
WENT_BACK = """
LEFT JOIN settlement.returned_tips AS back ON back.tip = t.entry AND back.entry < :below
LEFT JOIN (SELECT receipt, sum(coins)::bigint AS coins FROM settlement.returned_again
           WHERE account = :account AND entry < :below GROUP BY receipt) AS again ON again.receipt = t.seq
"""
LEFT_OF_GIFT = (
    "t.amount_minor - coalesce(back.unsettled_coins - back.again_coins, 0) - coalesce(again.coins, 0)"
)


def taken(columns: str, joins: str, *, left: str) -> TextClause:
    """The query for :func:`rows_taken`, with columns of tables joined to the receipt ``t`` besides its own.

    ``left`` is what of a whole receipt can be taken, and is if the taking does not end within it; of each
    receipt, ``part`` was taken before.
    """
    return text(f"""
    SELECT t.seq, t.entry, t.occurred_at, d.id, {columns},
           CASE WHEN t.seq = :end_seq AND :end_part > 0 THEN :end_part ELSE {left} END
           - CASE WHEN t.seq = s.mark_seq THEN s.part ELSE 0 END AS minor,
           CASE WHEN t.seq = s.mark_seq THEN s.part ELSE 0 END AS part,
           width_bucket(t.occurred_at, CAST(:bounds AS timestamptz[])) AS bucket
    FROM unnest(CAST(:from_seqs AS bigint[]), CAST(:to_seqs AS bigint[]), CAST(:marks_at AS timestamptz[]),
                CAST(:mark_seqs AS bigint[]), CAST(:parts AS bigint[]))
         AS s (from_seq, to_seq, mark_at, mark_seq, part)
    JOIN ledger.transfers AS t ON t.credit_account = :account AND t.seq BETWEEN s.from_seq AND s.to_seq
    JOIN ledger.decisions AS d ON d.seq = t.entry
    {joins}
    WHERE (t.occurred_at, t.seq) >= (s.mark_at, s.mark_seq)
      AND ((t.occurred_at, t.seq) < (CAST(:end_at AS timestamptz), :end_seq)
           OR (t.seq = :end_seq AND :end_part > 0))
      AND NOT EXISTS (SELECT FROM ledger.reversals AS r WHERE r.reversed = t.entry AND r.entry < :below)
    ORDER BY t.occurred_at, t.seq
    """)  # noqa: S608 - put together from constants of the callers


def rows_taken(connection: Connection, query: TextClause, found: Rebuilt, side: Gathered) -> Iterator[Any]:
    """What a statement took of an account, in the order of time: ``minor`` units, and their ``bucket``."""
    arguments = {
        "account": side.account,
        "from_seqs": [stratum.from_seq for stratum in side.looked_at],
        "to_seqs": [stratum.to_seq for stratum in side.looked_at],
        "marks_at": [datetime_of(stratum.at) for stratum in side.looked_at],
        "mark_seqs": [stratum.seq for stratum in side.looked_at],
        "parts": [stratum.part for stratum in side.looked_at],
        "end_at": datetime_of(side.end.at),
        "end_seq": side.end.seq,
        "end_part": side.end.part,
        "bounds": [datetime_of(bound) for bound in (*found.timeline.bounds, found.run.cutoff)],
        "below": found.stored.entry,
    }
    fetching = {"yield_per": _ROWS_A_FETCH}
    with connection.execute(query, arguments, execution_options=fetching) as rows:
        yield from rows
