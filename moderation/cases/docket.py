"""The docket of a batch: decisions and measures as they stand while it is decided.

Several desks act on them, each with a page of its own: they share one docket a batch, so that what one
accepts the next sees. What is in the database only stands still under locks: decisions under theirs, what
is in force on a party under those of the party's accounts.
"""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

from ledger.chart import AccountRef
from ledger.kernel.books import Books
from ledger.kernel.entries import Bar
from moderation.cases.records import Case, Decision, Placed, measures_in_force
from moderation.measures.standing import Measure, bars
from moderation.takings.shown import Preview


class Docket:
    """What the pages of one batch know, and tell each other."""

    def __init__(self) -> None:
        self.cases: dict[str, Case] = {}
        self.decisions: dict[UUID, Decision] = {}
        self.appealed: set[UUID] = set()
        #: Previews of which answers to appeals left less.
        self.lessened: dict[UUID, Preview] = {}
        self._in_force: dict[str, dict[UUID, Measure]] = {}

    def know_cases(self, locked: Mapping[str, Case]) -> None:
        """Cases, as read under their locks."""
        for name, case in locked.items():
            self.cases.setdefault(name, case)

    def know_decisions(self, locked: Mapping[UUID, Decision], appealed: Iterable[UUID] = ()) -> None:
        """Decisions, as read under their locks; ``appealed`` are those with an open appeal."""
        for id, decision in locked.items():
            self.decisions.setdefault(id, decision)
        self.appealed.update(appealed)

    def know_parties(self, connection: Connection, parties: Iterable[str]) -> None:
        """Read what is in force on parties whose accounts are locked."""
        unread = [party for party in dict.fromkeys(parties) if party not in self._in_force]
        self._in_force |= measures_in_force(connection, unread)

    def in_force(self, party: str) -> Collection[Measure]:
        """What is imposed on a party that is known, and was not ended."""
        return self._in_force[party].values()

    def bars(
        self,
        parties: Iterable[str],
        books: Books,
        *,
        imposed: Iterable[Measure] = (),
        ended: Collection[UUID] = (),
        opening: Collection[AccountRef] = (),
    ) -> tuple[Bar, ...]:
        """What has to change on these parties' account rows, with these imposed and those ended.

        A measure that is both ends sooner. ``opening`` are accounts that the same entry opens first.
        """
        new = list(imposed)
        acts: list[Bar] = []
        for party in dict.fromkeys(parties):
            left = [measure for measure in self.in_force(party) if measure.measure not in ended]
            acts += bars(party, [*left, *(one for one in new if one.party == party)], books, opening)
        return tuple(acts)

    def impose(self, measures: Iterable[Measure]) -> None:
        """Measures that were accepted."""
        for measure in measures:
            self._in_force.setdefault(measure.party, {})[measure.measure] = measure

    def hold(self, measure: Measure, placed: Placed) -> None:
        """A hold that a measure in force placed later than its decision."""
        if measure.decision in self.decisions:
            self.decisions[measure.decision].holds += (placed,)

    def shorten(self, measures: Iterable[Measure]) -> None:
        """Measures, as they are once their sooner end was accepted."""
        for measure in measures:
            self._in_force.get(measure.party, {})[measure.measure] = measure
            decision = self.decisions[measure.decision]
            decision.measures = tuple(
                measure if one.measure == measure.measure else one for one in decision.measures
            )

    def end(self, measures: Iterable[Measure]) -> None:
        """Measures whose end was accepted."""
        for measure in measures:
            self._in_force.get(measure.party, {}).pop(measure.measure, None)
            if measure.decision in self.decisions:
                self.decisions[measure.decision].ended.add(measure.measure)


_dockets: WeakKeyDictionary[Books, Docket] = WeakKeyDictionary()


def docket_of(books: Books) -> Docket:
    """The docket of the batch that these books are of."""
    return _dockets.setdefault(books, Docket())
