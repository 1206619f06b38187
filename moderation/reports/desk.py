"""The report desk: what may be done about a report, by whom, and what it comes to. It moves nothing."""

from collections.abc import Iterable, Sequence
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection

from ledger.chart import AccountRef
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from moderation.access.records import Access
from moderation.cases.affairs import Involved, affair_in
from moderation.cases.closed import OpenAccounts, why_closed
from moderation.cases.concerning import involved
from moderation.cases.docket import docket_of
from moderation.cases.records import Case, read_cases
from moderation.cases.refusals import CaseNotFound
from moderation.evidence.reading import held_already
from moderation.persons import subject_of
from moderation.registers.refusals import OwnAffair
from moderation.reports import telling
from moderation.reports.commands import (
    AcceptReport,
    AddReportFile,
    AskForMaterials,
    ByReporter,
    ClaimReport,
    CloseReport,
    FileReport,
    HandInMaterials,
    LetGoOfReport,
    OnReport,
    RejectReport,
    ReportCommand,
)
from moderation.reports.judging import (
    MOST_FILES,
    MOST_OPEN_REPORTS,
    is_flagged,
    materials_due,
    weight_of,
)
from moderation.reports.refusals import (
    AnotherReportClaimed,
    CaseIsAboutAnother,
    MaterialsMissing,
    ReportCategoryUnknown,
    ReportClaimed,
    ReportClosed,
    ReportFileAlreadyHandedIn,
    ReportNotClaimed,
    ReportNotFound,
    ReportTargetNotFound,
    TooManyOpenReports,
    TooManyReportFiles,
)
from moderation.reports.rows import ReportRows
from moderation.reports.states import (
    File,
    Report,
    bad_faith_of,
    claims_of,
    known_parties,
    lock_reports,
    open_reports_of,
)
from moderation.rules.switches import switched_off
from moderation.rules.versions import Version, in_force, rule_books
from moderation.takings.returning import Plans


class ReportDesk:
    """Plans every command about reports."""

    commands: tuple[type[Command], ...] = (
        FileReport,
        HandInMaterials,
        AddReportFile,
        ClaimReport,
        LetGoOfReport,
        AskForMaterials,
        AcceptReport,
        RejectReport,
        CloseReport,
    )

    def __init__(self, plans: Plans) -> None:
        self._plans = plans

    def open(self, connection: Connection, commands: Sequence[Command]) -> "ReportPage":
        """The reports, locked, and what is known of who files and who claims."""
        page = ReportPage()
        theirs = [command for command in commands if isinstance(command, ReportCommand)]
        page.read(connection, self._plans, theirs)
        return page


class ReportPage(Page):
    """The reports of a batch, moving on with it."""

    def __init__(self) -> None:
        self._reports: dict[UUID, Report] = {}
        self._rows = ReportRows()
        self._books: list[Version] = []
        self._off: frozenset[str] = frozenset()
        self._known: set[str] = set()
        self._bad_faith: dict[str, list[int]] = {}
        self._waiting: dict[str, int] = {}
        self._claims: dict[str, UUID] = {}
        self._cases: dict[str, Case] = {}
        self._involved: Involved = ()
        self._evidence: set[tuple[str, bytes]] = set()
        self._of_batch: dict[str, Case] = {}
        self._filing = OpenAccounts(())

    def read(self, connection: Connection, plans: Plans, commands: Sequence[ReportCommand]) -> None:
        """Everything these commands refer to, in a few statements."""
        steps = [command for command in commands if isinstance(command, OnReport)]
        filed = [command for command in commands if isinstance(command, FileReport)]
        self._reports = lock_reports(
            connection, [*(step.report for step in steps), *(command.id for command in filed)]
        )
        if filed or any(isinstance(step, AskForMaterials) for step in steps):
            self._books = rule_books(connection)
        if filed:
            self._off = switched_off(connection)
            reporters = {command.reporter for command in filed}
            self._filing = OpenAccounts(reporters)
            self._known = known_parties(connection, {command.target for command in filed})
            self._waiting = open_reports_of(connection, reporters)
            self._bad_faith = bad_faith_of(connection, reporters)
        claimed = {step.actor for step in steps if isinstance(step, ClaimReport)}
        if claimed:
            self._claims = claims_of(connection, claimed)
        accepted = [step for step in steps if isinstance(step, AcceptReport)]
        if accepted:
            self._cases = read_cases(connection, [step.case for step in accepted if step.case])
            self._involved = involved(connection, plans, self._cases, (step.actor for step in accepted))
            pairs = [
                (step.into, file.sha256)
                for step in accepted
                if step.report in self._reports
                for file in self._reports[step.report].files
            ]
            self._evidence = held_already(connection, pairs) if pairs else set()

    def accounts(self) -> Iterable[AccountRef]:
        """Those of whoever files: nothing is moved, but whose account is closed files nothing."""
        return self._filing.accounts()

    def after_locks(self, connection: Connection, books: Books) -> None:
        """How they stand."""
        self._filing.after_locks(connection, books)

    def is_behind(self, command: ReportCommand, books: Books) -> bool:
        """A report that was filed elsewhere was not there to be locked."""
        return isinstance(command, FileReport) and command.id not in self._reports

    def plan(self, command: ReportCommand, books: Books) -> Entry | Refusal | None:
        """Refuses as each kind of command says, in the order of REPORTS_REFUSALS."""
        if isinstance(command, FileReport):
            return why_closed(command.reporter, books) or self._plan_filing(command)
        report = self._reports.get(command.report)
        if isinstance(command, CloseReport):
            if report is None:
                return None
            is_due = report.state == "awaiting_materials" and (report.materials_due or 0) <= books.now
            return _entry(command) if is_due else None
        person = subject_of(command.actor)
        # Who is reported is not told that there is a report, not even as a moderator.
        if report is None or (
            command.reporter != report.reporter
            if isinstance(command, ByReporter)
            else person == report.target
        ):
            return ReportNotFound(str(command.report))
        if not report.is_open:
            return ReportClosed(str(report.report), report.state)
        match command:
            case HandInMaterials():
                return _entry(command)
            case AddReportFile():
                return _plan_file(command, report)
        if person == report.reporter:
            return OwnAffair(person)
        if isinstance(command, LetGoOfReport):
            return _entry(command) if report.claimed_by else ReportNotClaimed(str(report.report))
        if isinstance(command, ClaimReport):
            return self._plan_claim(command, report)
        if report.claimed_by != command.actor:
            return ReportNotClaimed(str(report.report))
        if isinstance(command, AcceptReport):
            self._of_batch = docket_of(books).cases
            return self._plan_acceptance(command, report)
        return _entry(command)

    def _plan_filing(self, command: FileReport) -> Entry | Refusal:
        if command.target not in self._known:
            return ReportTargetNotFound(command.target)
        if weight_of(in_force(self._books, command.occurred_at).book, command.category) is None:
            return ReportCategoryUnknown(command.category)
        if self._waiting[command.reporter] >= MOST_OPEN_REPORTS:
            return TooManyOpenReports(MOST_OPEN_REPORTS)
        return Entry(command.kind, f"category:{command.category}", ())

    def _plan_claim(self, command: ClaimReport, report: Report) -> Entry | Refusal:
        if report.claimed_by and report.claimed_by != command.actor:
            return ReportClaimed(str(report.report), report.claimed_by)
        if command.actor in self._claims:
            return AnotherReportClaimed(str(self._claims[command.actor]))
        return _entry(command)

    def _plan_acceptance(self, command: AcceptReport, report: Report) -> Entry | Refusal:
        if report.needs_proof and not report.has_proof:
            return MaterialsMissing(str(report.report))
        if command.case is not None:
            case = self._cases.get(command.case) or self._of_batch.get(command.case)
            if case is None:
                return CaseNotFound(command.case)
            affair = affair_in(command.actor, case.case, self._involved)
            if affair:
                return affair
            if case.party != report.target:
                return CaseIsAboutAnother(case.case, str(report.report))
        return Entry(command.kind, f"report:{report.report} case:{command.into}", ())

    def accepted(self, command: ReportCommand, posted: Posted) -> None:
        """Later commands of the batch see what befell the report."""
        if isinstance(command, FileReport):
            self._filed(command, posted.seq)
            return
        report = self._reports[command.report]
        self._befell(command, report, posted.seq)
        if not isinstance(command, ByReporter):
            self._rows.recorded(Access(command.actor, command.kind, f"report:{report.report}"))

    def _filed(self, command: FileReport, entry: int) -> None:
        version = in_force(self._books, command.occurred_at)
        weight = weight_of(version.book, command.category, self._off)
        assert weight is not None, "a category that is unknown is refused"
        at, has_proof = command.occurred_at, command.name is not None and command.number is not None
        report = Report(
            command.id,
            entry,
            command.reporter,
            command.target,
            command.session,
            command.moment,
            command.category,
            weight.harm,
            is_flagged(version.book, self._bad_faith[command.reporter], at, self._off),
            weight.needs_proof,
            "received",
            0,
            has_proof=False,
            claimed_by=None,
            materials_due=None,
            case=None,
        )
        self._reports[command.id] = report
        self._waiting[command.reporter] += 1
        self._rows.filed(command, report, rule_version=version.version)
        self._rows.sealed(command, command.id, entry=entry)
        self._rows.happened(report, "received", entry=entry, actor=command.actor, at=at)
        if has_proof:
            report.has_proof = True
            self._rows.happened(report, "handed_in", entry=entry, actor=command.actor, at=at)
        elif weight.needs_proof:
            self._await_materials(report, command, entry)

    def _await_materials(self, report: Report, command: FileReport | AskForMaterials, entry: int) -> None:
        at = command.occurred_at
        due = materials_due(in_force(self._books, at).book, at)
        report.state, report.has_proof, report.materials_due = "awaiting_materials", False, due
        self._let_go(report)
        reason = command.reason if isinstance(command, AskForMaterials) else None
        self._rows.happened(
            report, "awaiting_materials", entry=entry, actor=command.actor, at=at, reason=reason
        )
        notice = (
            telling.proof_needed(report.reporter, report.report, due)
            if reason is None
            else telling.more_needed(report.reporter, report.report, due, reason)
        )
        self._rows.told(notice, entry=entry, at=at)

    def _befell(self, command: OnReport, report: Report, entry: int) -> None:
        actor, at, id = command.actor, command.occurred_at, report.report
        event, reason, bad_faith = "", None, False
        match command:
            case AddReportFile():
                file = File(bytes.fromhex(command.sha256), command.media_type, command.size_bytes)
                report.files.append(file)
                self._rows.handed_in(id, file, entry=entry, at=at)
                return
            case AskForMaterials():
                self._await_materials(report, command, entry)
                return
            case HandInMaterials():
                event, report.state = "handed_in", "received"
                report.has_proof, report.materials_due = True, None
                self._rows.sealed(command, id, entry=entry)
            case ClaimReport():
                event, report.claimed_by = "claimed", actor
                self._claims[actor] = id
            case LetGoOfReport():
                event = "let_go"
                self._let_go(report)
            case AcceptReport():
                event = "accepted"
                self._end(report, "accepted")
                self._join(command, report, entry)
                self._rows.told(telling.accepted(report.reporter, id), entry=entry, at=at)
            case RejectReport():
                event, reason, bad_faith = "rejected", command.reason, command.bad_faith
                self._end(report, "rejected")
                if bad_faith and report.reporter in self._bad_faith:
                    self._bad_faith[report.reporter].append(at)
                notice = telling.rejected(report.reporter, id, bad_faith=bad_faith)
                self._rows.told(notice, entry=entry, at=at)
            case CloseReport():
                event = "closed"
                self._end(report, "closed")
                self._rows.told(telling.closed(report.reporter, id), entry=entry, at=at)
        self._rows.happened(
            report, event, entry=entry, actor=actor, at=at, reason=reason, bad_faith=bad_faith
        )

    def _end(self, report: Report, state: Literal["accepted", "rejected", "closed"]) -> None:
        report.state, report.materials_due = state, None
        if report.reporter in self._waiting:
            self._waiting[report.reporter] -= 1
        self._let_go(report)

    def _let_go(self, report: Report) -> None:
        if report.claimed_by:
            self._claims.pop(report.claimed_by, None)
            report.claimed_by = None

    def _join(self, command: AcceptReport, report: Report, entry: int) -> None:
        """The report is part of its case, and so are its files."""
        at, case = command.occurred_at, command.into
        report.case = case
        if command.case is None:
            self._of_batch[case] = self._rows.cases.opened(
                case,
                entry=entry,
                source="report",
                party=report.target,
                session=report.session,
                summary=f"举报（{report.category}）",
                actor=command.actor,
                at=at,
                happened_at=None if report.moment is None else min(report.moment, at),
            )
        else:
            self._rows.cases.noted(case, f"并入举报（{report.category}）", entry=entry, actor=command.actor)
        for file in report.files:
            if (case, file.sha256) not in self._evidence:
                self._evidence.add((case, file.sha256))
                self._rows.shows(case, file, report=report.report, entry=entry, at=at)

    def write(self, connection: Connection) -> None:
        """What was filed, what befell it, and what follows."""
        self._rows.write(connection)


def _plan_file(command: AddReportFile, report: Report) -> Entry | Refusal:
    """Refuses ``too_many_report_files``, ``report_file_already_handed_in``."""
    if len(report.files) >= MOST_FILES:
        return TooManyReportFiles(str(report.report), MOST_FILES)
    if any(file.sha256 == bytes.fromhex(command.sha256) for file in report.files):
        return ReportFileAlreadyHandedIn(str(report.report), command.sha256)
    return _entry(command)


def _entry(command: OnReport) -> Entry:
    return Entry(command.kind, f"report:{command.report}", ())
