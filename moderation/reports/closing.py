"""Closing reports whose proof did not come in time. Rule: LIVE-REPORT-2."""

from sqlalchemy import Connection, select

from ledger.instants import datetime_of, instant_of
from ledger.journal.commands import derived_id
from ledger.journal.journal import Journal
from moderation.reports.commands import CloseReport
from moderation.reports.tables import report_states

BATCH = 500
ACTOR = "system:reports"


def close_due(journal: Journal, at: int) -> int:
    """Close what was to be proved by an instant and was not; returns how many reports those were."""
    closed = 0
    while True:
        with journal.engine.connect() as connection:
            commands = _due(connection, at)
        outcomes = journal.decide(commands) if commands else []
        done = sum(1 for outcome in outcomes if outcome.decided and not outcome.replayed)
        closed += done
        if not done:
            return closed


def _due(connection: Connection, at: int) -> list[CloseReport]:
    rows = connection.execute(
        select(report_states.c.report, report_states.c.materials_due)
        .where(
            report_states.c.state == "awaiting_materials", report_states.c.materials_due <= datetime_of(at)
        )
        .order_by(report_states.c.materials_due, report_states.c.report)
        .limit(BATCH)
    )
    # A deadline that was put off is another: by each a report is closed once.
    return [
        CloseReport(
            derived_id(row.report, f"closed:{instant_of(row.materials_due)}"), ACTOR, at, None, row.report
        )
        for row in rows
    ]
