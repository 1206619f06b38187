"""Closed accounts: what whoever has one does no longer do, although it moves nothing.

They report nobody, promise nothing and act in no room. To appeal, ask in a ticket, object to a statement,
read and withdraw what is not held stay theirs.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection

from ledger.chart import AccountRef
from ledger.kernel.books import Books
from moderation.cases.docket import docket_of
from moderation.cases.refusals import AccountClosed
from moderation.measures.kinds import MeasureKind
from moderation.measures.standing import barrable

_CLOSING = frozenset({MeasureKind.CLOSE_ACCOUNT, MeasureKind.RECOVER_ACCOUNT})


class OpenAccounts:
    """Parties who ask for something that only whoever's account is open may do, in a batch."""

    def __init__(self, asking: Collection[str]) -> None:
        self._asking = asking

    def accounts(self) -> Iterable[AccountRef]:
        """Those that whoever closes an account locks: of the two, one sees the other."""
        for party in self._asking:
            yield from barrable(party)

    def after_locks(self, connection: Connection, books: Books) -> None:
        """What is in force on them."""
        docket_of(books).know_parties(connection, self._asking)


def why_closed(party: str, books: Books) -> AccountClosed | None:
    """Refuses ``account_closed`` to whoever's account is closed, or was taken back."""
    for measure in docket_of(books).in_force(party):
        if measure.kind in _CLOSING and measure.end > books.now:
            return AccountClosed(party, measure.case)
    return None
