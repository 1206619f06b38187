"""Registering whoever is barred: accounts that are opened later are barred like those that were there.

In the same entry: nobody tips from a wallet that was opened to get around a measure.
"""

from collections.abc import Collection, Iterable

from psycopg import errors
from sqlalchemy import Connection, text

from ledger.chart import AccountRef
from ledger.kernel.books import Books
from ledger.kernel.entries import Bar
from moderation.cases.docket import docket_of
from moderation.measures.standing import SIDE_OF, barrable

_ACCOUNTS = text("""
SELECT kind, owner FROM ledger.accounts WHERE kind = ANY (:kinds) AND owner = ANY (:parties)
""")


class StandingByMeasures:
    """How parties that register stand, by the measures in force (:class:`ledger.parties.Standing`)."""

    def accounts(self, party: str) -> Iterable[AccountRef]:
        """Those that whoever imposes or ends a measure locks."""
        return barrable(party)

    def know(self, connection: Connection, books: Books, parties: Collection[str]) -> None:
        """Read what is in force on them."""
        docket_of(books).know_parties(connection, parties)

    def bars(self, party: str, opening: Collection[AccountRef], books: Books) -> tuple[Bar, ...]:
        """What the measures in force, those of the same batch too, keep from by way of these accounts."""
        bars = docket_of(books).bars([party], books, opening=opening)
        return tuple([bar for bar in bars if bar.account in opening])


def require_all_seen(connection: Connection, parties: Collection[str], books: Books) -> None:
    """Have a batch look again if these parties opened accounts while it waited for the locks of the others.

    To be called under the locks: who waited behind a registration did not see what it opened, and would
    impose or end something without it.
    """
    asked = {"kinds": sorted({kind for kind, _ in SIDE_OF.values()}), "parties": sorted(parties)}
    for row in connection.execute(_ACCOUNTS, asked) if parties else ():
        if AccountRef(row.kind, row.owner) not in books.accounts:
            raise errors.SerializationFailure(f"{row.kind} of {row.owner} was opened meanwhile")
