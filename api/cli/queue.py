"""`zhibo queue`: the reports that wait for a moderator, in the order in which they should be looked at."""

import sys

from api.cli.moments import written
from api.cli.showing import console_on, table
from api.wiring import open_house
from ledger.instants import instant_of
from moderation.measures.kinds import Severity
from moderation.reports.reading import QueuedReport, queue

_HARM = [severity.value for severity in Severity]


def show_queue(state: str, *, flagged: bool | None, limit: int) -> None:
    """Print the queue. It names nobody who reported, and says nothing of what was reported."""
    with open_house() as house, house.database.app.connect() as connection:
        found = queue(connection, state=state, flagged=flagged, limit=limit)
    columns = ("report", "harm", "category", "about", "filed", "claimed by", "")
    title = f"Reports, {state.replace('_', ' ')}: {len(found)}"
    console_on(sys.stdout).print(table(title, *columns, rows=map(_row, found)))


def _row(report: QueuedReport) -> tuple[str, ...]:
    marks = [
        *(["flagged"] if report.flagged else []),
        *(["without proof"] if report.needs_proof and not report.has_proof else []),
        *([f"{report.files} files"] if report.files else []),
    ]
    return (
        str(report.report),
        _HARM[report.harm],
        report.category,
        report.target,
        written(instant_of(report.filed_at)),
        report.claimed_by or "",
        ", ".join(marks),
    )
