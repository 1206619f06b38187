"""Reading reports: the queue of moderators, a report with what is sealed of it, and a reporter's own."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, func, select

from ledger.sealing import SealedValue
from moderation.reports.states import Report, read_reports
from moderation.reports.tables import report_events, report_files, report_states, reports
from moderation.sealing.values import sealed_of


class QueuedReport(NamedTuple):
    """A report as the queue shows it: nothing of what is sealed, and not who filed it."""

    report: UUID
    target: str
    channel: str
    session: UUID | None
    moment: datetime | None
    category: str
    harm: int
    flagged: bool
    state: str
    needs_proof: bool
    has_proof: bool
    claimed_by: str | None
    files: int
    filed_at: datetime


class ReportEvent(NamedTuple):
    """Something that befell a report."""

    event: str
    actor: str
    case: str | None
    bad_faith: bool
    reason: str | None
    materials_due: datetime | None
    occurred_at: datetime


class OwnReport(NamedTuple):
    """A report as its reporter sees it. ``number`` is its place among reports."""

    number: int
    report: UUID
    target: str
    channel: str
    session: UUID | None
    moment: datetime | None
    category: str
    state: str
    materials_due: datetime | None
    files: int
    filed_at: datetime


class OwnReportsPage(NamedTuple):
    """Some reports of a reporter, newest first, and the cursor of the page behind."""

    reports: list[OwnReport]
    next_cursor: int | None


class ReportSheet(NamedTuple):
    """A report with all there is of it. ``sealed`` is to be opened only by whoever may look at it."""

    report: Report
    channel: str
    moment: datetime | None
    filed_at: datetime
    events: list[ReportEvent]
    sealed: list[SealedValue]


_FILES = (
    select(func.count()).where(report_files.c.report == reports.c.report).scalar_subquery().label("files")
)
_BOTH = report_states.c.report == reports.c.report


def queue(
    connection: Connection,
    *,
    state: str = "received",
    flagged: bool | None = None,
    unless_about: str | None = None,
    limit: int,
) -> list[QueuedReport]:
    """Reports in a state, the most harmful first; among equals unflagged ones first, then the oldest.

    Not those about ``unless_about``, who looks: who has reported oneself is nobody's to know.
    """
    asked = (
        select(
            reports.c.report,
            reports.c.target,
            reports.c.channel,
            reports.c.session,
            reports.c.moment,
            reports.c.category,
            reports.c.harm,
            reports.c.flagged,
            report_states.c.state,
            reports.c.needs_proof,
            report_states.c.has_proof,
            report_states.c.claimed_by,
            _FILES,
            reports.c.filed_at,
        )
        .join(report_states, _BOTH)
        .where(report_states.c.state == state)
        .order_by(report_states.c.harm.desc(), report_states.c.flagged, report_states.c.entry)
        .limit(limit)
    )
    if flagged is not None:
        asked = asked.where(report_states.c.flagged == flagged)
    if unless_about is not None:
        asked = asked.where(reports.c.target != unless_about)
    return [QueuedReport(*tuple(row)) for row in connection.execute(asked)]


_OWN = select(
    reports.c.entry,
    reports.c.report,
    reports.c.target,
    reports.c.channel,
    reports.c.session,
    reports.c.moment,
    reports.c.category,
    report_states.c.state,
    report_states.c.materials_due,
    _FILES,
    reports.c.filed_at,
).join(report_states, _BOTH)


def own_reports(connection: Connection, reporter: str, *, before: int | None, limit: int) -> OwnReportsPage:
    """What a reporter filed, newest first."""
    asked = _OWN.where(reports.c.reporter == reporter).order_by(reports.c.entry.desc()).limit(limit + 1)
    if before is not None:
        asked = asked.where(reports.c.entry < before)
    found = [OwnReport(*row) for row in connection.execute(asked)]
    return OwnReportsPage(found[:limit], found[limit - 1].number if len(found) > limit else None)


def own_report(connection: Connection, reporter: str, report: UUID) -> OwnReport | None:
    """A report of that reporter's, None if it is none, or somebody else's."""
    asked = _OWN.where(reports.c.reporter == reporter, reports.c.report == report)
    row = connection.execute(asked).first()
    return None if row is None else OwnReport(*row)


def sheet(connection: Connection, report: UUID) -> ReportSheet | None:
    """A report with all there is of it, or None. Record the access in the same transaction."""
    found = read_reports(connection, [report]).get(report)
    if found is None:
        return None
    row = connection.execute(
        select(reports.c.channel, reports.c.moment, reports.c.filed_at).where(reports.c.report == report)
    ).one()
    return ReportSheet(
        found,
        row.channel,
        row.moment,
        row.filed_at,
        _events_of(connection, report),
        sealed_of(connection, [report])[report],
    )


def _events_of(connection: Connection, report: UUID) -> list[ReportEvent]:
    rows = connection.execute(
        select(
            report_events.c.event,
            report_events.c.actor,
            report_events.c.case,
            report_events.c.bad_faith,
            report_events.c.reason,
            report_events.c.materials_due,
            report_events.c.occurred_at,
        )
        .where(report_events.c.report == report)
        .order_by(report_events.c.number)
    )
    return [ReportEvent(*row) for row in rows]
