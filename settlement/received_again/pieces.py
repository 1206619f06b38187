"""Which receipts a measure's capture took: what is given back is received again as each of them was.

A capture names no tip, so it took the oldest that was left, and the past says which. Gifts that count
alike, of one day, session, policy and class, are one piece; accruals are never put together, since each has
a kind, a session and a policy of its own.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, insert, text

from ledger.chart import AccountRef
from ledger.instants import business_day, datetime_of, instant_of
from settlement.policies.classes import classes_of
from settlement.policies.versions import versions
from settlement.received_again.tables import received_again
from settlement.returns.standing import strata_before
from settlement.sessions.reading import sessions_of
from settlement.statements.receipts import EVERYTHING, reach
from settlement.statements.taken import taken
from settlement.statements.taking import extended

_CAPTURES = text("""
SELECT h.hold, t.seq, t.amount_minor, a.id AS account, a.kind, a.owner
FROM ledger.holds AS h
JOIN ledger.accounts AS a ON a.id = h.account AND a.kind IN ('gifts', 'accruals')
JOIN ledger.transfers AS t ON t.seq = h.ended_seq + 1 AND t.debit_account = h.account
WHERE h.hold = ANY (:holds) AND h.ended = 'captured'
""")

_TAKEN = {
    "gifts": taken(
        "NULL::bigint AS accrual",
        "LEFT JOIN settlement.returned_tips AS back ON back.tip = t.entry AND back.entry < :below",
        left="t.amount_minor - coalesce(back.unsettled_coins, 0)",
    ),
    "accruals": taken(
        "coalesce(again.accrual, t.entry) AS accrual",
        "LEFT JOIN settlement.received_again AS again ON again.entry = t.entry",
        left="""
        t.amount_minor - coalesce((SELECT sum(amount_minor) FROM settlement.withdrawn_receipts
                                   WHERE received_by = t.entry AND entry < :below), 0)::bigint
        """,
    ),
}


class Piece(NamedTuple):
    """A part of what was taken: when it was received (an instant), and by which transfer, in minor units.

    ``accrual`` is the entry that accrued it; None for gifts.
    """

    at: int
    minor: int
    receipt: int
    accrual: int | None


class Received(NamedTuple):
    """Something that is received again: the entry, whose capture took it, and which piece it was of."""

    entry: int
    hold: UUID
    receipt: int
    accrual: int | None
    amount_minor: int


class ReceivedAgain:
    """What an appeal asks of the receipts that measures took."""

    def pieces(
        self, connection: Connection, holds: Collection[UUID]
    ) -> dict[UUID, tuple[AccountRef, tuple[Piece, ...]]]:
        """What the captures of these holds took, oldest first; of other holds nothing.

        It never changes once they are captured.
        """
        rows = connection.execute(_CAPTURES, {"holds": list(holds)}).all() if holds else ()
        return {row.hold: (AccountRef(row.kind, row.owner), _pieces(connection, row)) for row in rows}

    def write(self, connection: Connection, rows: Iterable[tuple[int, UUID, int, int | None, int]]) -> None:
        """Keep what was received again: see :class:`Received`."""
        values = [Received(*row)._asdict() for row in rows]
        if values:
            connection.execute(insert(received_again), values)


def _pieces(connection: Connection, capture: Any) -> tuple[Piece, ...]:
    strata = strata_before(connection, [capture.account], capture.seq)[capture.account]
    looked_at = extended(strata, capture.seq - 1)
    end = reach(connection, capture.account, looked_at, capture.amount_minor, below=capture.seq)
    asked = {
        "account": capture.account,
        "from_seqs": [stratum.from_seq for stratum in looked_at],
        "to_seqs": [stratum.to_seq for stratum in looked_at],
        "marks_at": [datetime_of(stratum.at) for stratum in looked_at],
        "mark_seqs": [stratum.seq for stratum in looked_at],
        "parts": [stratum.part for stratum in looked_at],
        "end_at": datetime_of(end.at),
        "end_seq": end.seq,
        "end_part": end.part,
        "bounds": [],
        "below": capture.seq,
    }
    rows = connection.execute(_TAKEN[capture.kind], asked)
    found = [Piece(instant_of(row.occurred_at), row.minor, row.seq, row.accrual) for row in rows if row.minor]
    assert sum(piece.minor for piece in found) == capture.amount_minor, "a capture took what was there"
    if capture.kind == "accruals":
        return tuple(found)
    return tuple(_alike(found, _bounds(connection, capture.owner)))


def _bounds(connection: Connection, streamer: str) -> list[int]:
    """Where a streamer's terms or sessions change."""
    bounds = {version.effective_at for version in versions(connection)}
    bounds |= {since for since, _, _ in classes_of(connection, [streamer]).get(streamer, ())}
    for session in sessions_of(connection, [streamer], EVERYTHING).get(streamer, ()):
        bounds |= {session.opened_at} if session.closed_at is None else {session.opened_at, session.closed_at}
    return sorted(bounds)


def _alike(pieces: Iterable[Piece], bounds: list[int]) -> Iterator[Piece]:
    for _, alike in groupby(pieces, lambda one: (business_day(one.at), bisect_right(bounds, one.at))):
        first, *others = alike
        yield first._replace(minor=first.minor + sum(one.minor for one in others))
