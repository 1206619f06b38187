"""The rows of what a batch did about reports, gathered and then written at once."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects.postgresql import insert as upsert

from ledger.instants import datetime_of
from ledger.sealing import Personal
from moderation.access.records import Access, record_all
from moderation.cases.writing import CaseRows
from moderation.evidence.tables import evidence
from moderation.notices.writing import Notice, insert_notices
from moderation.reports.commands import FileReport, HandInMaterials
from moderation.reports.states import File, Report
from moderation.reports.tables import report_events, report_files, report_states, reports
from moderation.sealing.tables import sealed_values
from moderation.sealing.values import sealed_row

#: What is kept of a report under seal.
SEALED_FIELDS = ("text", "name", "number", "contact", "statement")


class ReportRows:
    """Rows on their way into the tables of reports, and of what follows from them."""

    def __init__(self) -> None:
        self.cases = CaseRows()
        self._rows: dict[Table, list[dict[str, Any]]] = defaultdict(list)
        self._states: dict[UUID, Report] = {}
        self._notices: list[tuple[int, int, Notice]] = []
        self._accesses: list[Access] = []

    def filed(self, command: FileReport, report: Report, *, rule_version: str) -> None:
        """A report."""
        self._rows[reports].append(
            {
                "report": report.report,
                "entry": report.entry,
                "reporter": report.reporter,
                "channel": command.channel,
                "target": report.target,
                "session": report.session,
                "moment": None if command.moment is None else datetime_of(command.moment),
                "category": report.category,
                "rule_version": rule_version,
                "harm": report.harm,
                "needs_proof": report.needs_proof,
                "flagged": report.flagged,
                "filed_at": datetime_of(command.occurred_at),
            }
        )

    def happened(
        self,
        report: Report,
        event: str,
        *,
        entry: int,
        actor: str,
        at: int,
        reason: str | None = None,
        bad_faith: bool = False,
    ) -> None:
        """Something that befell a report, which stands as it does from now on."""
        report.events += 1
        due = report.materials_due if event == "awaiting_materials" else None
        self._rows[report_events].append(
            {
                "report": report.report,
                "number": report.events,
                "entry": entry,
                "event": event,
                "actor": actor,
                "case": report.case,
                "bad_faith": bad_faith,
                "reason": reason,
                "materials_due": None if due is None else datetime_of(due),
                "occurred_at": datetime_of(at),
            }
        )
        self._states[report.report] = report

    def sealed(self, command: FileReport | HandInMaterials, report: UUID, *, entry: int) -> None:
        """What is personal in a command, sealed."""
        for field, personal in _personal_values(command):
            self._rows[sealed_values].append(
                sealed_row(personal, field, party=command.reporter, subject=report, entry=entry)
            )

    def handed_in(self, report: UUID, file: File, *, entry: int, at: int) -> None:
        """A file of a report."""
        self._rows[report_files].append(
            {
                "report": report,
                "sha256": file.sha256,
                "entry": entry,
                "media_type": file.media_type,
                "bytes": file.size_bytes,
                "added_at": datetime_of(at),
            }
        )

    def shows(self, case: str, file: File, *, report: UUID, entry: int, at: int) -> None:
        """A file of a report that is evidence of a case from now on; whose report, the case does not say."""
        self._rows[evidence].append(
            {
                "case": case,
                "sha256": file.sha256,
                "entry": entry,
                "media_type": file.media_type,
                "bytes": file.size_bytes,
                "added_by": f"report:{report}",
                "added_at": datetime_of(at),
            }
        )

    def told(self, notice: Notice, *, entry: int, at: int) -> None:
        """What a reporter is told."""
        self._notices.append((entry, at, notice))

    def recorded(self, access: Access) -> None:
        """An act of a moderator."""
        self._accesses.append(access)

    def write(self, connection: Connection) -> None:
        """Write them, and how the reports stand."""
        for table, rows in self._rows.items():
            connection.execute(insert(table), rows)
        if self._states:
            stated = upsert(report_states)
            columns = [column.name for column in report_states.c if column.name != "report"]
            # Whoever is let go of comes first: nobody may look at two even for a moment.
            rows = sorted(map(_state_row, self._states.values()), key=lambda row: bool(row["claimed_by"]))
            connection.execute(
                stated.on_conflict_do_update(
                    index_elements=[report_states.c.report],
                    set_={name: stated.excluded[name] for name in columns},
                ),
                rows,
            )
        self.cases.write(connection)
        for entry, at, notice in self._notices:
            insert_notices(connection, entry, at, [notice])
        record_all(connection, self._accesses)


def _state_row(report: Report) -> dict[str, Any]:
    due = report.materials_due
    return {
        "report": report.report,
        "entry": report.entry,
        "harm": report.harm,
        "flagged": report.flagged,
        "state": report.state,
        "events": report.events,
        "has_proof": report.has_proof,
        "claimed_by": report.claimed_by,
        "materials_due": None if due is None else datetime_of(due),
        "case": report.case,
    }


def _personal_values(command: FileReport | HandInMaterials) -> Iterator[tuple[str, Personal]]:
    for field in SEALED_FIELDS:
        value = getattr(command, field, None)
        if isinstance(value, Personal):
            yield field, value
