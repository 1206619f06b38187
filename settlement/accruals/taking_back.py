"""Taking back: out of the accruals what is not settled, then out of the earnings, and the rest is owed.

What a measure took of an accrual, and an appeal gave back, is received again and not settled: it is taken
like what was never taken. It is never refused for lack of funds; what is held stays held. Rules: LIVE-ACT-2,
LIVE-EARN-2.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Connection, TextClause, bindparam, insert, select, text

from ledger.chart import AccountRef
from ledger.instants import datetime_of, instant_of
from ledger.journal.commands import Command
from ledger.kernel.books import Books
from ledger.kernel.entries import Transfer
from ledger.kernel.posted import Posted, TransferRow
from settlement.accruals.tables import withdrawals, withdrawn_receipts
from settlement.statements.receipts import EVERYTHING, after_other_outflows
from settlement.statements.taking import strata_of, untaken

_RECEIPTS = """
SELECT t.entry, {accrual} AS accrual, c.owner AS streamer, c.id AS account,
       t.seq, t.occurred_at, t.amount_minor,
       coalesce(w.amount_minor, 0) AS withdrawn_minor,
       coalesce(latest.entry, 0) AS settled_at, coalesce(latest.strata, '[]') AS strata
FROM ledger.accounts AS c
LEFT JOIN LATERAL (SELECT entry, strata FROM settlement.takings
                   WHERE account = c.id ORDER BY entry DESC LIMIT 1) AS latest ON true
JOIN {these}
LEFT JOIN LATERAL (SELECT sum(amount_minor)::bigint AS amount_minor FROM settlement.withdrawn_receipts
                   WHERE received_by = t.entry) AS w ON true
WHERE c.kind = 'accruals' AND {wanted} IN :wanted
  AND NOT EXISTS (SELECT FROM ledger.reversals AS r WHERE r.reversed = {undone})
ORDER BY t.occurred_at, t.seq
"""
_OF_ENTRIES = text(
    _RECEIPTS.format(
        these="""settlement.accruals AS a ON a.streamer = c.owner
JOIN LATERAL (SELECT a.entry UNION ALL
              SELECT entry FROM settlement.received_again WHERE accrual = a.entry) AS came ON true
JOIN LATERAL (SELECT * FROM ledger.transfers
              WHERE seq >= came.entry AND seq < (came.entry / 256 + 1) * 256 AND entry = came.entry
              OFFSET 0) AS t ON t.credit_account = c.id""",
        accrual="a.entry",
        wanted="a.entry",
        undone="a.entry",
    )
)
# From where the newest taking begins: before it, all is taken.
_OF_STREAMERS = text(
    _RECEIPTS.format(
        these="""ledger.transfers AS t
     ON t.credit_account = c.id AND t.seq >= coalesce((latest.strata -> 0 -> 0)::bigint, 0)
LEFT JOIN settlement.received_again AS again ON again.entry = t.entry""",
        accrual="coalesce(again.accrual, t.entry)",
        wanted="c.owner",
        undone="t.entry",
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
    """What of something received is still among the accruals: neither settled nor taken otherwise."""

    at: int
    entry: int
    left_minor: int

    def take(self, amount_minor: int) -> int:
        """So much of an amount as is still there."""
        part = min(amount_minor, self.left_minor)
        self.left_minor -= part
        return part


def parts_of(books: Books, streamer: str, amount_minor: int, of_accruals_minor: int) -> Parts:
    """What is available of each account, in their order; of the accruals at most so much."""
    accruals = min(amount_minor, of_accruals_minor, _available(books, "accruals", streamer))
    earnings = min(amount_minor - accruals, _available(books, "earnings", streamer))
    return Parts(accruals, earnings, amount_minor - accruals - earnings)


def _available(books: Books, kind: str, streamer: str) -> int:
    return max(0, books.accounts[AccountRef(kind, streamer)].available_minor)


class TakingBack:
    """What a batch takes back of single accruals, and what of each is not settled yet.

    What leaves the accruals otherwise takes the oldest. So of whom something may leave otherwise in this
    batch, by a deduction or another desk, all that is not settled is needed; of others what is taken back is.
    """

    def __init__(self) -> None:
        self._receipts: dict[int, _Receipt] = {}
        self._again: dict[int, list[_Receipt]] = {}
        self._all_of: dict[str, list[_Receipt]] = {}
        self._moved: list[TransferRow] = []
        self._seen = 0
        self._undone: dict[int, int] = {}
        self._taken: set[int] = set()
        self._entries: set[int] = set()
        self._rows: list[dict[str, object]] = []
        self._receipt_rows: list[dict[str, object]] = []

    def within(self, books: Books) -> None:
        """What these books move and undo is known, whoever planned it."""
        self._moved, self._undone = books.transfers, books.undone
        for ref in books.contested:
            if ref.kind == "accruals":
                self.need_all(ref.owner)

    def need_all(self, streamer: str) -> None:
        """Something of this streamer's accruals may leave that names none of them."""
        self._all_of[streamer] = []

    def load_all(self, connection: Connection) -> None:
        """Read all that is not settled of those of whom it is needed. Their accounts are locked."""
        self._read(connection, _OF_STREAMERS, self._all_of)

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
            self._add(row.streamer, _Receipt(at, row.entry, max(0, left)), row.accrual)

    def _add(self, streamer: str, receipt: _Receipt, accrual: int) -> None:
        if receipt.entry in self._receipts:
            return
        self._receipts[receipt.entry] = receipt
        if accrual != receipt.entry:
            self._again.setdefault(accrual, []).append(receipt)
        if streamer in self._all_of:
            self._all_of[streamer].append(receipt)

    def _catch_up(self) -> None:
        """What came into accruals since we looked, and what left them: as a settlement will see it.

        What was taken back is noted down already.
        """
        moved, self._seen = self._moved[self._seen :], len(self._moved)
        named = {by: undone for undone, by in self._undone.items()}
        for row in moved:
            if row.credit.ref.kind == "accruals":
                receipt = _Receipt(row.occurred_at, row.entry, row.amount_minor)
                self._add(row.credit.ref.owner, receipt, row.entry)
            if row.debit.ref.kind == "accruals" and row.entry not in self._entries:
                self._left(row.debit.ref.owner, row.amount_minor, named.get(row.entry))

    def _left(self, streamer: str, amount_minor: int, named: int | None) -> None:
        """An amount left: of the receipt that was named, as far as it was there, then of the oldest."""
        oldest = sorted(self._all_of.get(streamer, ()), key=lambda receipt: (receipt.at, receipt.entry))
        first = self._receipts.get(named) if named is not None else None
        for receipt in (first, *oldest) if first else oldest:
            amount_minor -= receipt.take(amount_minor)

    def parts(self, books: Books, streamer: str, accrual: int, amount_minor: int) -> Parts:
        """Where an amount of an accrual is taken from; nothing, when it was reversed or never paid."""
        self._catch_up()
        if accrual not in self._receipts or (accrual in self._undone and accrual not in self._taken):
            return NOTHING
        left_minor = sum(receipt.left_minor for receipt in self._receipts_of(accrual))
        return parts_of(books, streamer, amount_minor, left_minor)

    def _receipts_of(self, accrual: int) -> Iterable[_Receipt]:
        """Where what is left of an accrual lies: as it came in, or as it was received again."""
        return chain((self._receipts[accrual],), self._again.get(accrual, ()))

    def accepted(
        self, command: Command, posted: Posted, streamer: str, accrual: int, parts: Parts, reason: str
    ) -> None:
        """Note down what was taken of an accrual; nothing taken leaves no row."""
        if not any(parts):
            return
        self._undone[accrual] = posted.seq
        self._taken.add(accrual)
        self._entries.add(posted.seq)
        left_minor = parts.accruals_minor
        for receipt in self._receipts_of(accrual):
            if part := receipt.take(left_minor):
                left_minor -= part
                self._receipt_rows.append(
                    {"entry": posted.seq, "received_by": receipt.entry, "amount_minor": part}
                )
        assert not left_minor, "no more is taken of an accrual than is there"
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
        if self._receipt_rows:
            connection.execute(insert(withdrawn_receipts), self._receipt_rows)
