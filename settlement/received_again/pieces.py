"""Which receipts a measure's capture took: what is given back is received again as each of them was.

A capture names no tip, so it took the oldest that was left, and the past says which. Gifts that count
alike, of one day, session, policy and class, are one piece; accruals are never put together, since each has
a kind, a session and a policy of its own.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, func, insert, select, text

from ledger.chart import AccountRef
from ledger.instants import business_day, datetime_of, instant_of
from settlement.policies.classes import classes_of
from settlement.policies.versions import versions
from settlement.received_again.tables import received_again
from settlement.received_again.tips import coins_between, write_tips
from settlement.returns.standing import strata_before
from settlement.sessions.reading import sessions_of
from settlement.statements.receipts import EVERYTHING, reach
from settlement.statements.taken import LEFT_OF_GIFT, WENT_BACK, taken
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
        WENT_BACK,
        left=LEFT_OF_GIFT,
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
        return {
            capture.hold: (
                AccountRef(capture.kind, capture.owner),
                tuple([_together(alike) for alike in _pieces(connection, capture)]),
            )
            for capture in _captures(connection, holds)
        }

    def write(self, connection: Connection, rows: Iterable[tuple[int, UUID, int, int | None, int]]) -> None:
        """Keep what was received again, in the order of its entries: see :class:`Received`.

        Of gifts, whose coins they are, too.
        """
        received = [Received(*row) for row in rows]
        if received:
            _write_tips(connection, [one for one in received if one.accrual is None])
            connection.execute(insert(received_again), [one._asdict() for one in received])


class _Taken(NamedTuple):
    """What a capture took of one receipt: ``entry`` credited it, and ``part`` of it was taken before."""

    at: int
    minor: int
    receipt: int
    entry: int
    part: int
    accrual: int | None


def _captures(connection: Connection, holds: Collection[UUID]) -> Sequence[Any]:
    return connection.execute(_CAPTURES, {"holds": list(holds)}).all() if holds else ()


def _write_tips(connection: Connection, received: Sequence[Received]) -> None:
    """What is given back is the last of what was taken and is not given back yet."""
    holds = {one.hold for one in received}
    given = _given_before(connection, holds)
    of_piece = {
        (capture.hold, alike[0].receipt): (capture.account, alike)
        for capture in _captures(connection, holds)
        for alike in _pieces(connection, capture)
    }
    rows = []
    for one in received:
        account, alike = of_piece[one.hold, one.receipt]
        end = sum(part.minor for part in alike) - given[one.hold, one.receipt]
        given[one.hold, one.receipt] += one.amount_minor
        taken_of = [(part.entry, part.part, part.minor) for part in alike]
        rows.append((one.entry, account, coins_between(connection, taken_of, end - one.amount_minor, end)))
    write_tips(connection, rows)


def _given_before(connection: Connection, holds: Collection[UUID]) -> dict[tuple[UUID, int], int]:
    columns = received_again.c
    rows = connection.execute(
        select(columns.hold, columns.receipt, func.sum(columns.amount_minor))
        .where(columns.hold.in_(holds))
        .group_by(columns.hold, columns.receipt)
    )
    return defaultdict(int, {(hold, receipt): int(minor) for hold, receipt, minor in rows})


def _pieces(connection: Connection, capture: Any) -> list[list[_Taken]]:
    """What a capture took, receipt by receipt: those that are one piece together."""
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
    found = [
        _Taken(instant_of(row.occurred_at), row.minor, row.seq, row.entry, row.part, row.accrual)
        for row in rows
        if row.minor
    ]
    assert sum(one.minor for one in found) == capture.amount_minor, "a capture took what was there"
    if capture.kind == "accruals":
        return [[one] for one in found]
    return list(_alike(found, _bounds(connection, capture.owner)))


def _bounds(connection: Connection, streamer: str) -> list[int]:
    """Where a streamer's terms or sessions change."""
    bounds = {version.effective_at for version in versions(connection)}
    bounds |= {since for since, _, _ in classes_of(connection, [streamer]).get(streamer, ())}
    for session in sessions_of(connection, [streamer], EVERYTHING).get(streamer, ()):
        bounds |= {session.opened_at} if session.closed_at is None else {session.opened_at, session.closed_at}
    return sorted(bounds)


def _alike(found: Iterable[_Taken], bounds: list[int]) -> Iterator[list[_Taken]]:
    for _, alike in groupby(found, lambda one: (business_day(one.at), bisect_right(bounds, one.at))):
        yield list(alike)


def _together(alike: Sequence[_Taken]) -> Piece:
    first = alike[0]
    return Piece(first.at, sum(one.minor for one in alike), first.receipt, first.accrual)
