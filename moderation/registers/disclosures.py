"""What was handed to an authority about a party, under a legal hold (移交司法机关). LIVE-MOD-9."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from ledger.instants import datetime_of, instant_of
from ledger.journal.commands import Command
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from moderation.cases.records import Decision, decisions_of_measures, lock_decisions, measures_in_force
from moderation.measures.kinds import MeasureKind
from moderation.measures.standing import Measure
from moderation.persons import is_about_oneself
from moderation.registers.commands import RecordDisclosure
from moderation.registers.page import RegisterPage
from moderation.registers.refusals import LegalHoldNotFound, OwnAffair
from moderation.registers.tables import disclosures


class Disclosure(NamedTuple):
    """What was handed over: named, not shown. ``occurred_at`` is an instant."""

    disclosure: UUID
    entry: int
    party: str
    measure: UUID
    authority: str
    document: str
    disclosed: tuple[str, ...]
    disclosed_by: str
    occurred_at: int


class DisclosureDesk:
    """Plans ``disclosure``."""

    commands: tuple[type[Command], ...] = (RecordDisclosure,)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "DisclosurePage":
        """The holds named; nobody lifts them until this is decided."""
        named = [command.measure for command in commands if isinstance(command, RecordDisclosure)]
        decisions = lock_decisions(connection, decisions_of_measures(connection, named).values())
        return DisclosurePage(decisions)


class DisclosurePage(RegisterPage):
    """The legal holds of a batch."""

    def __init__(self, decisions: Mapping[UUID, Decision]) -> None:
        super().__init__()
        self._holds = {
            measure.measure: measure
            for decision in decisions.values()
            for measure in decision.in_force
            if measure.kind is MeasureKind.LEGAL_HOLD
        }

    def plan(self, command: RecordDisclosure, books: Books) -> Entry | Refusal:
        """Refuses ``legal_hold_not_found`` and ``own_affair``."""
        hold = self._holds.get(command.measure)
        if hold is None or hold.end <= books.now:
            return LegalHoldNotFound(str(command.measure))
        if is_about_oneself(command.actor, hold.party):
            return OwnAffair(hold.party)
        return Entry("disclosure", f"case:{hold.case} measure:{command.measure}", ())

    def accepted(self, command: RecordDisclosure, posted: Posted) -> None:
        """A line of the log."""
        hold = self._holds[command.measure]
        self.acted(command, f"case:{hold.case}")
        self.add(
            disclosures,
            disclosure=command.id,
            entry=posted.seq,
            party=hold.party,
            measure=command.measure,
            authority=command.authority,
            document=command.document,
            disclosed=list(command.disclosed),
            disclosed_by=command.actor,
            occurred_at=datetime_of(command.occurred_at),
        )


def legal_holds(connection: Connection, parties: Sequence[str], at: int) -> dict[str, Measure]:
    """The legal hold on each of these parties that has one at an instant.

    Whoever is about to delete, close or pay out leaves them out, and says the case as the reason.
    """
    found: dict[str, Measure] = {}
    for party, measures in measures_in_force(connection, parties, at).items():
        for measure in measures.values():
            if measure.kind is MeasureKind.LEGAL_HOLD:
                found.setdefault(party, measure)
    return found


def disclosures_about(connection: Connection, party: str, *, before: int, limit: int) -> list[Disclosure]:
    """What was handed over about a party, the newest first, among those before a cursor."""
    rows = connection.execute(
        select(disclosures)
        .where(disclosures.c.party == party, disclosures.c.entry < before)
        .order_by(disclosures.c.entry.desc())
        .limit(limit)
    )
    return [
        Disclosure(
            row.disclosure,
            row.entry,
            row.party,
            row.measure,
            row.authority,
            row.document,
            tuple(row.disclosed),
            row.disclosed_by,
            instant_of(row.occurred_at),
        )
        for row in rows
    ]
