"""Taking back: out of the accruals what is not settled, then out of the earnings, and the rest is owed.

It is never refused for lack of funds; what is held stays held. Rules: LIVE-ACT-2, LIVE-EARN-2.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, TextClause, bindparam, insert, select, text

from ledger.chart import AccountRef
from ledger.instants import datetime_of, instant_of
from ledger.journal.commands import Command
from ledger.kernel.books import Books
from ledger.kernel.entries import Transfer
from ledger.kernel.posted import Posted
from settlement.accruals.tables import withdrawals
from settlement.statements.receipts import EVERYTHING, after_other_outflows
from settlement.statements.taking import strata_of, untaken

_RECEIPTS = """
SELECT a.entry, a.streamer, c.id AS account, t.seq, t.occurred_at, t.amount_minor,
       coalesce(w.amount_minor, 0) AS withdrawn_minor,
       coalesce(latest.entry, 0) AS settled_at, coalesce(latest.strata, '[]') AS strata
FROM settlement.accruals AS a
JOIN ledger.accounts AS c ON c.kind = 'accruals' AND c.owner = a.streamer
JOIN ledger.transfers AS t ON t.entry = a.entry AND t.credit_account = c.id
                          AND t.seq >= a.entry AND t.seq < (a.entry / 256 + 1) * 256
LEFT JOIN LATERAL (SELECT sum(amount_minor)::bigint AS amount_minor FROM settlement.withdrawals
                   WHERE accrual = a.entry) AS w ON true
LEFT JOIN LATERAL (SELECT entry, strata FROM settlement.takings
                   WHERE account = c.id ORDER BY entry DESC LIMIT 1) AS latest ON true
WHERE {of_these} AND NOT EXISTS (SELECT FROM ledger.reversals AS r WHERE r.reversed = a.entry)
"""
_OF_ENTRIES = text(_RECEIPTS.format(of_these="a.entry IN :wanted"))
# Behind where the newest taking begins: before it, all is taken.
_OF_STREAMERS = text(
    _RECEIPTS.format(
        of_these="a.streamer IN :wanted"
        " AND a.entry / 256 >= coalesce((latest.strata -> 0 -> 0)::bigint, 0) / 256"
    )
)


def taken_back(connection: Connection, entries: Collection[int]) -> Collection[int]:
    """Those of these entries that are accruals of which something was taken back."""
    return connection.scalars(select(withdrawals.c.accrual).where(withdrawals.c.accrual.in_(entries))).all()


class Parts(NamedTuple):
    """Where what is taken comes from, fen."""

    accruals_minor: int
    earnings_minor: int
    debt_minor: int

    def transfers(self, streamer: str, to: AccountRef) -> tuple[Transfer, ...]:
        """Each part that is something, to where it came from."""
        kinds = ("accruals", "earnings", "debt")
        return tuple(
            Transfer(AccountRef(kind, streamer), to, amount)
            for kind, amount in zip(kinds, self, strict=True)
            if amount
        )


NOTHING = Parts(0, 0, 0)


@dataclass(slots=True)
class _Receipt:
    """What of an accrual is still among the accruals: neither settled nor taken otherwise."""

    at: int
    entry: int
    left_minor: int


def parts_of(books: Books, streamer: str, amount_minor: int, of_accruals_minor: int) -> Parts:
    """What is available of each account, in their order; of the accruals at most so much."""
    accruals = min(amount_minor, of_accruals_minor, _available(books, "accruals", streamer))
    earnings = min(amount_minor - accruals, _available(books, "earnings", streamer))
    return Parts(accruals, earnings, amount_minor - accruals - earnings)


def _available(books: Books, kind: str, streamer: str) -> int:
    return max(0, books.accounts[AccountRef(kind, streamer)].available_minor)


class TakingBack:
    """What a batch takes back of single accruals, and what of each is not settled yet.

    A deduction takes the oldest accruals, so who is deducted and taken back from in one batch needs all
    that is not settled; otherwise the accruals that are taken back are enough.
    """

    def __init__(self) -> None:
        self._receipts: dict[int, _Receipt] = {}
        self._undone: set[int] = set()
        self._taken: set[int] = set()
        self._deducted: dict[str, list[_Receipt]] = {}
        self._rows: list[dict[str, object]] = []

    def within(self, books: Books) -> None:
        """What is taken back in these books, and what is reversed in them, is known to both."""
        self._undone = books.undone

    def need_all(self, streamer: str) -> None:
        """This streamer will be deducted from."""
        self._deducted[streamer] = []

    def load_all(self, connection: Connection) -> None:
        """Read all that is not settled of those who will be deducted from. Their accounts are locked."""
        self._read(connection, _OF_STREAMERS, self._deducted)

    def load(self, connection: Connection, accruals: Collection[int]) -> None:
        """Read of these accruals, by their entries, what no settlement and nothing else took.

        One that was reversed is left out: it is taken back already.
        """
        self._read(connection, _OF_ENTRIES, [entry for entry in accruals if entry not in self._receipts])

    def _read(self, connection: Connection, query: TextClause, wanted: Collection[int | str]) -> None:
        if not wanted:
            return
        expanded = query.bindparams(bindparam("wanted", expanding=True))
        rows = connection.execute(expanded, {"wanted": list(wanted)}).all()
        latest = {row.account: (row.settled_at, strata_of(row.strata)) for row in rows}
        taken = after_other_outflows(connection, latest, below=EVERYTHING) if latest else {}
        for row in rows:
            at = instant_of(row.occurred_at)
            left = untaken(taken[row.account], row.seq, at, row.amount_minor) - row.withdrawn_minor
            self._add(row.streamer, _Receipt(at, row.entry, max(0, left)))

    def _add(self, streamer: str, receipt: _Receipt) -> None:
        self._receipts[receipt.entry] = receipt
        if streamer in self._deducted:
            self._deducted[streamer].append(receipt)

    def accrued(self, streamer: str, at: int, entry: int, amount_minor: int) -> None:
        """Something accrued in this batch: nothing of it is settled."""
        if amount_minor:
            self._add(streamer, _Receipt(at, entry, amount_minor))

    def deducted(self, streamer: str, accruals_minor: int) -> None:
        """Something left the accruals that names none of them: the oldest go first."""
        for receipt in sorted(self._deducted[streamer], key=lambda receipt: (receipt.at, receipt.entry)):
            part = min(accruals_minor, receipt.left_minor)
            receipt.left_minor -= part
            accruals_minor -= part

    def parts(self, books: Books, streamer: str, accrual: int, amount_minor: int) -> Parts:
        """Where an amount of an accrual is taken from; nothing, when it was reversed or never paid."""
        receipt = self._receipts.get(accrual)
        if receipt is None or accrual in self._undone - self._taken:
            return NOTHING
        return parts_of(books, streamer, amount_minor, receipt.left_minor)

    def accepted(
        self, command: Command, posted: Posted, streamer: str, accrual: int, parts: Parts, reason: str
    ) -> None:
        """Note down what was taken of an accrual; nothing taken leaves no row."""
        if not any(parts):
            return
        self._receipts[accrual].left_minor -= parts.accruals_minor
        self._undone.add(accrual)
        self._taken.add(accrual)
        self._rows.append(
            {
                "accrual": accrual,
                "entry": posted.seq,
                "streamer": streamer,
                "amount_minor": parts.accruals_minor,
                "earnings_minor": parts.earnings_minor,
                "debt_minor": parts.debt_minor,
                "reason": reason,
                "occurred_at": datetime_of(command.occurred_at),
            }
        )

    def write(self, connection: Connection) -> None:
        """What was taken back."""
        if self._rows:
            connection.execute(insert(withdrawals), self._rows)
