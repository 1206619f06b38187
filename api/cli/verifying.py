"""`zhibo verify`: every promise of the books, kept or broken."""

import sys
from collections.abc import Sequence

from rich.table import Table

from api.audits import all_audits
from api.cli.showing import console_on, progress, table
from api.evidence import evidence_folder
from api.sealing import sealing_keys
from api.settings import Settings
from ledger.audits.verify import Audit, Breach, verify
from ledger.database import Database
from moderation.evidence.reading import files_named
from settlement.statements.proving import how_many, proofs


def verify_and_show(database: Database, statements: int | None) -> bool:
    """Run all checks and print what they found; whether all promises hold.

    ``statements`` is how many statements are made again, chosen at random; None for all of them.
    """
    audits = all_audits()
    with progress("verify", len(audits), lambda done: f"{done:.0f} of {len(audits)} checks") as advance:
        breaches = verify(database.app, audits, lambda _audit, _done, _of: advance(1))
    made_again, broken = _made_again(database, statements)
    opened, lost = _opened_again(database)
    console = console_on(sys.stdout)
    console.print(report(audits, breaches))
    console.print(made_again)
    console.print(opened)
    for breach in (*map(str, breaches), *broken, *lost):
        console.print(breach)
    return not (breaches or broken or lost)


def _made_again(database: Database, statements: int | None) -> tuple[str, list[str]]:
    with database.app.connect() as connection:
        there = how_many(connection)
        asked = there if statements is None else min(statements, there)
        with progress("statements", asked, lambda done: f"{done:.0f} of {asked} made again") as advance:
            broken = []
            for proof in proofs(connection, statements):
                advance(1)
                if not proof.is_same:
                    broken.append(f"I7 statement {proof.statement} of {proof.streamer!r} comes out otherwise")
    return f"Statements made again from the journal, byte for byte: {asked:,} of {there:,}", broken


def _opened_again(database: Database) -> tuple[str, list[str]]:
    """Whether every file of evidence is there, opens, and is what its name says; where the keys are."""
    settings = Settings.from_environment()
    with database.app.connect() as connection:
        files = list(files_named(connection))
    keys = sealing_keys(settings) if files else None
    if files and keys is None:
        return f"Files of evidence: {len(files):,}, not looked at: there are no sealing keys here", []
    folder, lost = evidence_folder(settings), []
    with progress("evidence", len(files), lambda done: f"{done:.0f} of {len(files)} opened") as advance:
        for digest, size_bytes in files:
            assert keys is not None
            fault = folder.fault(keys, digest, size_bytes)
            if fault:
                lost.append(f"I9 {fault}")
            advance(1)
    return (
        f"Files of evidence opened, each what its name says: {len(files) - len(lost):,} of {len(files):,}",
        lost,
    )


def report(audits: Sequence[Audit], breaches: Sequence[Breach]) -> Table:
    """A row for each promise."""
    broken = {breach.audit.name for breach in breaches}
    rows = [
        (audit.invariant, audit.promise, "BROKEN" if audit.name in broken else "holds") for audit in audits
    ]
    verdict = (
        f"{len(broken)} of {len(audits)} promises are broken"
        if broken
        else f"all {len(audits)} promises hold"
    )
    return table(f"Verified: {verdict}", "", "promise", "", rows=rows)
