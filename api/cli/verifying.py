"""`zhibo verify`: every promise of the books, kept or broken."""

import sys
from collections.abc import Sequence

from rich.table import Table

from api.audits import all_audits
from api.cli.showing import console_on, progress, table
from ledger.audits.verify import Audit, Breach, verify
from ledger.database import Database


def verify_and_show(database: Database) -> bool:
    """Run all checks in one snapshot and print what they found; whether all promises hold."""
    audits = all_audits()
    with progress("verify", len(audits), lambda done: f"{done:.0f} of {len(audits)} checks") as advance:
        breaches = verify(database.app, audits, lambda _audit, _done, _of: advance(1))
    console = console_on(sys.stdout)
    console.print(report(audits, breaches))
    for breach in breaches:
        console.print(str(breach))
    return not breaches


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
