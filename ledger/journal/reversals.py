"""Reversals (红冲): the only way back. An entry is undone by one that moves the same amounts the other way.

A reversal can be refused for lack of funds, never for a freeze; the entry it undoes stays as it was. What
a hold did stays too: a captured hold is not placed again, its money is free.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Connection, insert, select
from sqlalchemy import text as text_sql

from ledger.chart import AccountRef
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.journal.tables import reversals
from ledger.kernel.books import Books
from ledger.kernel.entries import OWN_WAY_BACK, Entry, Transfer
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import AlreadyReversed, EntryNotFound, NotReversible, Refusal

_TRANSFERS = text_sql("""
SELECT d.id, d.seq, d.kind, debit.kind AS debit_kind, debit.owner AS debit_owner,
       credit.kind AS credit_kind, credit.owner AS credit_owner, t.amount_minor
FROM ledger.decisions AS d
JOIN ledger.transfers AS t ON t.seq >= d.seq AND t.seq < (d.seq / 256 + 1) * 256 AND t.entry = d.seq
JOIN ledger.accounts AS debit ON debit.id = t.debit_account
JOIN ledger.accounts AS credit ON credit.id = t.credit_account
WHERE d.id = ANY (:entries) AND d.refusal IS NULL
ORDER BY t.seq DESC
""")


class Reverse(Command, frozen=True, gc=False):
    """Undo an accepted entry, for a reason."""

    entry: UUID
    reason: str

    kind: ClassVar[str] = "reversal"


#: Which of these entries, by their numbers, were undone otherwise than by a reversal.
Undone = Callable[[Connection, Collection[int]], Collection[int]]


class ReversalDesk:
    """Plans ``reversal``."""

    commands: tuple[type[Command], ...] = (Reverse,)

    def __init__(self, undone: Undone) -> None:
        """``undone`` is asked under the locks of whatever the entries touched."""
        self._undone = undone

    def open(self, connection: Connection, commands: Sequence[Command]) -> "ReversalPage":
        """What the entries moved: that never changes, so it is read before the locks."""
        named = [command.entry for command in commands if isinstance(command, Reverse)]
        moved: dict[UUID, list[Transfer]] = {}
        seqs: dict[UUID, int] = {}
        kinds: dict[UUID, str] = {}
        for row in connection.execute(_TRANSFERS, {"entries": named}):
            back = Transfer(
                AccountRef(row.credit_kind, row.credit_owner),
                AccountRef(row.debit_kind, row.debit_owner),
                row.amount_minor,
            )
            moved.setdefault(row.id, []).append(back)
            seqs[row.id] = row.seq
            kinds[row.id] = row.kind
        return ReversalPage(moved, seqs, kinds, self._undone)


class ReversalPage(Page):
    """The entries to undo, as the transfers that undo them, last first."""

    def __init__(
        self,
        back: dict[UUID, list[Transfer]],
        seqs: dict[UUID, int],
        kinds: dict[UUID, str],
        undone: Undone,
    ) -> None:
        self._back = back
        self._seqs = seqs
        self._kinds = kinds
        self._undone = undone
        self._reversed: set[int] = set()
        self._undone_here: dict[int, int] = {}
        self._rows: list[dict[str, int]] = []

    def accounts(self) -> Iterable[AccountRef]:
        """Whatever the entries touched; two reversals of one entry thereby wait for each other."""
        for transfers in self._back.values():
            for transfer in transfers:
                yield transfer.debit
                yield transfer.credit

    def after_locks(self, connection: Connection, books: Books) -> None:
        """Which of them were undone meanwhile."""
        self._undone_here = books.undone
        entries = self._seqs.values()
        undone = select(reversals.c.reversed).where(reversals.c.reversed.in_(entries))
        self._reversed = {*connection.scalars(undone), *self._undone(connection, list(entries))}

    def plan(self, command: Reverse, books: Books) -> Entry | Refusal:
        """Refuses ``entry_not_found``, ``not_reversible`` and ``already_reversed``.

        What moved nothing is not found either.
        """
        if command.entry not in self._back:
            return EntryNotFound(str(command.entry))
        if self._kinds[command.entry] in OWN_WAY_BACK:
            return NotReversible(str(command.entry), self._kinds[command.entry])
        if self._seqs[command.entry] in self._reversed or self._seqs[command.entry] in self._undone_here:
            return AlreadyReversed(str(command.entry))
        return Entry(
            "reversal", f"entry:{command.entry} reason:{command.reason}", tuple(self._back[command.entry])
        )

    def accepted(self, command: Reverse, posted: Posted) -> None:
        """It cannot be undone again."""
        seq = self._seqs[command.entry]
        self._undone_here[seq] = posted.seq
        self._rows.append({"reversed": seq, "entry": posted.seq})

    def write(self, connection: Connection) -> None:
        """Which entry undid which."""
        if self._rows:
            connection.execute(insert(reversals), self._rows)
