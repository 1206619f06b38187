"""The evidence desk: which file belongs to which case. The files were put into the folder before."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, insert

from ledger.chart import AccountRef
from ledger.instants import datetime_of
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from moderation.access.records import Access, record_all
from moderation.cases.affairs import Involved, affair_in
from moderation.cases.concerning import involved
from moderation.cases.docket import docket_of
from moderation.cases.records import Case, read_cases
from moderation.cases.refusals import CaseNotFound
from moderation.evidence.commands import AddEvidence
from moderation.evidence.reading import held_already
from moderation.evidence.refusals import EvidenceAlreadyAdded
from moderation.evidence.tables import evidence
from moderation.persons import is_about_oneself
from moderation.registers.refusals import OwnAffair
from moderation.takings.returning import Plans


class EvidenceDesk:
    """Plans ``evidence``."""

    commands: tuple[type[Command], ...] = (AddEvidence,)

    def __init__(self, plans: Plans) -> None:
        self._plans = plans

    def open(self, connection: Connection, commands: Sequence[Command]) -> "EvidencePage":
        """The cases, and what is their evidence already. Two that add one file meet in the table's key."""
        added = [command for command in commands if isinstance(command, AddEvidence)]
        cases = read_cases(connection, {command.case for command in added})
        theirs = involved(connection, self._plans, cases, (command.actor for command in added))
        pairs = {(command.case, bytes.fromhex(command.sha256)) for command in added}
        return EvidencePage(cases, theirs, held_already(connection, pairs))


class EvidencePage(Page):
    """The evidence of a batch's cases, moving on with it."""

    def __init__(self, cases: dict[str, Case], involved: Involved, held: set[tuple[str, bytes]]) -> None:
        self._cases = cases
        self._involved = involved
        self._held = held
        self._rows: list[dict[str, object]] = []
        self._accesses: list[Access] = []

    def accounts(self) -> Iterable[AccountRef]:
        """None: nothing is moved."""
        return ()

    def is_behind(self, command: AddEvidence, books: Books) -> bool:
        """What was added elsewhere since we looked."""
        return (command.case, bytes.fromhex(command.sha256)) not in self._held

    def plan(self, command: AddEvidence, books: Books) -> Entry | Refusal:
        """Refuses ``case_not_found``, ``own_affair`` and ``evidence_already_added``."""
        case = self._cases.get(command.case) or docket_of(books).cases.get(command.case)
        if case is None:
            return CaseNotFound(command.case)
        if is_about_oneself(command.actor, case.party):
            return OwnAffair(case.party)
        affair = affair_in(command.actor, case.case, self._involved)
        if affair:
            return affair
        if (command.case, bytes.fromhex(command.sha256)) in self._held:
            return EvidenceAlreadyAdded(command.case, command.sha256)
        return Entry("evidence", f"case:{command.case} evidence:{command.sha256}", ())

    def accepted(self, command: AddEvidence, posted: Posted) -> None:
        """The case has the file from now on."""
        digest = bytes.fromhex(command.sha256)
        self._held.add((command.case, digest))
        self._rows.append(
            {
                "case": command.case,
                "sha256": digest,
                "entry": posted.seq,
                "media_type": command.media_type,
                "bytes": command.size_bytes,
                "added_by": command.actor,
                "added_at": datetime_of(command.occurred_at),
            }
        )
        self._accesses.append(
            Access(command.actor, command.kind, f"case:{command.case}", f"evidence:{command.sha256}")
        )

    def write(self, connection: Connection) -> None:
        """Which files belong to which case, and who added them."""
        if self._rows:
            connection.execute(insert(evidence), self._rows)
            record_all(connection, self._accesses)
