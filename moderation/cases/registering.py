"""Registering whoever is barred or frozen: accounts that are opened later stand like those that were there.

In the same entry: nobody tips from a wallet, or is paid from earnings, opened to get around a measure.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from psycopg import errors
from sqlalchemy import Connection, text

from ledger.chart import AccountRef
from ledger.kernel.books import Books
from ledger.kernel.entries import Bar, Hold
from moderation.cases.commands import EVERYTHING
from moderation.cases.docket import Docket, docket_of
from moderation.cases.records import Placed, holds_of_measures
from moderation.cases.steps import freeze_of
from moderation.cases.writing import CaseRows
from moderation.measures.standing import SIDE_OF, Measure, barrable

_ACCOUNTS = text("""
SELECT kind, owner FROM ledger.accounts WHERE kind = ANY (:kinds) AND owner = ANY (:parties)
""")


class StandingByMeasures:
    """How parties that register in a batch stand by measures in force (:class:`ledger.parties.Standing`)."""

    def __init__(self) -> None:
        self._docket = Docket()
        self._rows = CaseRows()
        self._freezing: dict[UUID, Measure] = {}

    def accounts(self, party: str) -> Iterable[AccountRef]:
        """Those that whoever imposes or ends a measure locks."""
        return barrable(party)

    def know(self, connection: Connection, books: Books, parties: Collection[str]) -> None:
        """Read what is in force on them."""
        self._docket = docket_of(books)
        self._docket.know_parties(connection, parties)

    def restrictions(
        self, party: str, opening: Collection[AccountRef], books: Books
    ) -> tuple[Hold | Bar, ...]:
        """What the measures in force, those of the same batch too, freeze of these accounts and keep from by
        way of them.
        """
        acts: list[Hold | Bar] = []
        for measure in self._docket.in_force(party):
            if _covers_all(measure) and measure.end > books.now:
                holds = [freeze_of(measure, ref) for ref in barrable(party) if ref in opening]
                self._freezing |= dict.fromkeys((hold.hold for hold in holds), measure)
                acts += holds
        bars = self._docket.bars([party], books, opening=opening)
        return (*acts, *(bar for bar in bars if bar.account in opening))

    def restricted(self, restrictions: Iterable[Hold | Bar], entry: int) -> None:
        """The holds are the measures' own: they end with them, also later in the batch."""
        for act in restrictions:
            if isinstance(act, Hold):
                measure = self._freezing[act.hold]
                placed = Placed(act.hold, measure.measure, act.account)
                self._docket.hold(measure, placed)
                self._rows.held(placed, entry=entry)

    def write(self, connection: Connection) -> None:
        """Which measures the holds are of."""
        self._rows.write(connection)


def require_all_seen(connection: Connection, parties: Collection[str], books: Books) -> None:
    """Have a batch look again if these parties opened accounts while it waited for the locks of the others.

    To be called under the locks, with the decisions on the docket: who waited behind a registration did not
    see what it opened, or froze as it opened it, and would impose or end something without it.
    """
    asked = {"kinds": sorted({kind for kind, _ in SIDE_OF.values()}), "parties": sorted(parties)}
    for row in connection.execute(_ACCOUNTS, asked) if parties else ():
        if AccountRef(row.kind, row.owner) not in books.accounts:
            raise errors.SerializationFailure(f"{row.kind} of {row.owner} was opened meanwhile")
    decisions = docket_of(books).decisions.values()
    seen = {placed.hold for decision in decisions for placed in decision.holds}
    covering = [one.measure for decision in decisions for one in decision.in_force if _covers_all(one)]
    for placed in holds_of_measures(connection, covering):
        if placed.hold not in seen:
            raise errors.SerializationFailure(f"{placed.account} was opened, and frozen, meanwhile")


def _covers_all(measure: Measure) -> bool:
    """Whether a freeze is of everything, and so of what its party opens later, too."""
    return measure.account == EVERYTHING and measure.amount_minor is None
