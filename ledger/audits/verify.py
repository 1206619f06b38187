"""Verifying the books: every invariant checked over a real database, in one snapshot.

A check is a ``.sql`` file. Its name begins with the invariant it belongs to (design.md §3), its first line
is the sentence it proves, and it returns the rows that break it, described. Nothing here, nor there, is
shared with what wrote the rows. A package keeps the checks of its own tables in its own ``audits`` folder.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine

#: The checks of the ledger's own tables.
LEDGER_AUDITS = Path(__file__).parent

# Every check reads whole tables. Where the planner knows little of them, as after a large replay, it takes
# nested loops for cheap, and a check of a second would last for hours.
_SESSION = "SET LOCAL work_mem = '64MB'; SET LOCAL enable_nestloop = off; SET LOCAL statement_timeout = 0"


class Audit(NamedTuple):
    """One check: ``name`` is its file's, ``promise`` what it proves."""

    name: str
    promise: str
    statement: str

    @property
    def invariant(self) -> str:
        """The id of the invariant in design.md §3, such as ``I5``."""
        return self.name.partition("_")[0].upper()


class Breach(NamedTuple):
    """A row that breaks an invariant; ``row`` names it and says how."""

    audit: Audit
    row: str

    def __str__(self) -> str:
        return f"{self.audit.invariant} {self.audit.name}: {self.row}"


#: Told after each check: which it was, how many are done, how many there are.
Progress = Callable[[Audit, int, int], None]


def audits_in(*folders: Path) -> list[Audit]:
    """The checks of these folders, ordered by invariant."""
    files = [file for folder in folders for file in folder.glob("*.sql")]
    return [_audit(file) for file in sorted(files, key=lambda file: file.name)]


def verify(engine: Engine, audits: Sequence[Audit], progress: Progress | None = None) -> list[Breach]:
    """Run checks over one snapshot of a database, reading only; what they find, the first rows of each.

    Nobody is kept waiting by it, and what is posted meanwhile is not looked at.
    """
    snapshot = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with snapshot.connect() as connection:
        return breaches(connection, audits, progress)


def breaches(
    connection: Connection, audits: Sequence[Audit], progress: Progress | None = None
) -> list[Breach]:
    """The same as a transaction that is open already sees the books."""
    connection.exec_driver_sql(_SESSION)
    found: list[Breach] = []
    for done, audit in enumerate(audits, start=1):
        # Without parameters, so that a % in a file is a %.
        rows = connection.exec_driver_sql(audit.statement, execution_options={"no_parameters": True})
        found += (Breach(audit, row) for row in rows.scalars())
        if progress is not None:
            progress(audit, done, len(audits))
    return found


def _audit(file: Path) -> Audit:
    statement = file.read_text(encoding="utf-8")
    promise = statement.partition("\n")[0].removeprefix("--").strip()
    return Audit(file.stem, promise, statement)
