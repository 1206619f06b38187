"""Reading which files belong to a case. What is in them, :mod:`moderation.evidence.files` tells."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select, tuple_, union

from moderation.evidence.tables import evidence
from moderation.reports.tables import report_files


class Exhibit(NamedTuple):
    """A file of a case. ``sha256`` is the hash of its content, in hex; ``bytes`` how long that is."""

    case: str
    sha256: str
    media_type: str
    bytes: int
    added_by: str
    added_at: datetime


def evidence_of(connection: Connection, case: str) -> list[Exhibit]:
    """The files of a case, oldest first. A finding names them by ``sha256``."""
    rows = connection.execute(
        select(evidence).where(evidence.c.case == case).order_by(evidence.c.entry, evidence.c.sha256)
    )
    return [
        Exhibit(row.case, row.sha256.hex(), row.media_type, row.bytes, row.added_by, row.added_at)
        for row in rows
    ]


def evidence_of_cases(connection: Connection, cases: Collection[str]) -> frozenset[tuple[str, str]]:
    """The same for several, as pairs of case and hash: what a finding may name."""
    rows = connection.execute(select(evidence.c.case, evidence.c.sha256).where(evidence.c.case.in_(cases)))
    return frozenset((row.case, row.sha256.hex()) for row in rows)


def files_named(connection: Connection) -> Iterator[tuple[bytes, int]]:
    """Every file that a case or a report names: the hash of its content, and how many bytes that has."""
    named = union(
        select(evidence.c.sha256, evidence.c.bytes), select(report_files.c.sha256, report_files.c.bytes)
    ).subquery()
    for row in connection.execute(select(named).order_by(named.c.sha256)):
        yield bytes(row.sha256), row.bytes


def held_already(connection: Connection, pairs: Collection[tuple[str, bytes]]) -> set[tuple[str, bytes]]:
    """Which of these pairs of case and hash are evidence already."""
    key = tuple_(evidence.c.case, evidence.c.sha256)
    rows = connection.execute(select(evidence.c.case, evidence.c.sha256).where(key.in_(pairs)))
    return {(row.case, bytes(row.sha256)) for row in rows}
