"""Reports as they stand, read by those who act on them, under the lock that orders what befalls each."""

from collections.abc import Collection, Iterable
from typing import Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy import Connection, select, text, tuple_

from ledger.chart import ACCOUNTS_OF_ROLE
from ledger.instants import instant_of
from ledger.journal.tables import accounts
from moderation.reports.tables import report_files, report_states, reports

#: received ⇄ awaiting_materials, and from either: accepted, rejected; closed when proof did not come.
State = Literal["received", "awaiting_materials", "accepted", "rejected", "closed"]
STATES: tuple[State, ...] = ("received", "awaiting_materials", "accepted", "rejected", "closed")
OPEN: tuple[State, ...] = ("received", "awaiting_materials")


class File(msgspec.Struct, frozen=True):
    """A file that was handed in, by the hash of its content."""

    sha256: bytes
    media_type: str
    size_bytes: int


class Report(msgspec.Struct):
    """A report, and how it stands. ``claimed_by`` is role:subject; ``moment`` is when it happened, as its
    reporter says, and ``materials_due`` likewise an instant.
    """

    report: UUID
    entry: int
    reporter: str
    target: str
    session: UUID | None
    moment: int | None
    category: str
    harm: int
    flagged: bool
    needs_proof: bool
    state: State
    events: int
    has_proof: bool
    claimed_by: str | None
    materials_due: int | None
    case: str | None
    files: list[File] = msgspec.field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether anything can still become of it."""
        return self.state in OPEN


_REPORTS = select(
    reports.c.reporter,
    reports.c.target,
    reports.c.session,
    reports.c.moment,
    reports.c.category,
    reports.c.needs_proof,
    report_states,
).join(report_states, report_states.c.report == reports.c.report)

_BAD_FAITH = text("""
SELECT r.reporter, e.occurred_at
FROM moderation.reports AS r JOIN moderation.report_events AS e ON e.report = r.report AND e.bad_faith
WHERE r.reporter = ANY (:reporters)
""")

_OPEN = text("""
SELECT r.reporter, count(*) AS reports
FROM moderation.reports AS r JOIN moderation.report_states AS s ON s.report = r.report
WHERE r.reporter = ANY (:reporters) AND s.state IN ('received', 'awaiting_materials')
GROUP BY r.reporter
""")


def lock_reports(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, Report]:
    """The reports of these ids, nobody else taking a step with them until this transaction ends."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    connection.execute(
        select(report_states.c.report)
        .where(report_states.c.report.in_(wanted))
        .order_by(report_states.c.report)
        .with_for_update()
    )
    # A statement of its own: it sees what was committed while this one waited.
    return read_reports(connection, wanted)


def read_reports(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Report]:
    """The reports of these ids, those that are there."""
    found = {
        row.report: report_of(row)
        for row in connection.execute(_REPORTS.where(report_states.c.report.in_(ids)))
    }
    for row in connection.execute(
        select(report_files)
        .where(report_files.c.report.in_(ids))
        .order_by(report_files.c.entry, report_files.c.sha256)
    ):
        found[row.report].files.append(File(bytes(row.sha256), row.media_type, row.bytes))
    return found


def report_of(row: Any) -> Report:
    """A report, from a row of both tables."""
    return Report(
        row.report,
        row.entry,
        row.reporter,
        row.target,
        row.session,
        instant_of(row.moment) if row.moment else None,
        row.category,
        row.harm,
        row.flagged,
        row.needs_proof,
        row.state,
        row.events,
        row.has_proof,
        row.claimed_by,
        instant_of(row.materials_due) if row.materials_due else None,
        row.case,
    )


def claims_of(connection: Connection, moderators: Collection[str]) -> dict[str, UUID]:
    """Which report each of these moderators looks at."""
    rows = connection.execute(
        select(report_states.c.claimed_by, report_states.c.report).where(
            report_states.c.claimed_by.in_(moderators)
        )
    )
    return {row.claimed_by: row.report for row in rows}


def bad_faith_of(connection: Connection, reporters: Collection[str]) -> dict[str, list[int]]:
    """When each of these reporters was found in bad faith: instants."""
    found: dict[str, list[int]] = {reporter: [] for reporter in reporters}
    for row in connection.execute(_BAD_FAITH, {"reporters": sorted(reporters)}):
        found[row.reporter].append(instant_of(row.occurred_at))
    return found


def open_reports_of(connection: Connection, reporters: Collection[str]) -> dict[str, int]:
    """How many reports of each of these reporters wait to be answered."""
    found = dict.fromkeys(reporters, 0)
    found.update(
        (row.reporter, row.reports) for row in connection.execute(_OPEN, {"reporters": sorted(reporters)})
    )
    return found


def known_parties(connection: Connection, parties: Collection[str]) -> set[str]:
    """Which of these have an account of any kind that people have."""
    kinds = sorted({kind for kinds in ACCOUNTS_OF_ROLE.values() for kind in kinds})
    pairs = [(kind, party) for party in parties for kind in kinds]
    key = tuple_(accounts.c.kind, accounts.c.owner)
    return set(connection.scalars(select(accounts.c.owner).distinct().where(key.in_(pairs))))
