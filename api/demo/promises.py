"""The verify report in nine lines."""

from collections import Counter
from collections.abc import Sequence

from rich.table import Table

from api.cli.showing import table
from ledger.audits.verify import Audit, Breach

_MEANINGS = {
    "I1": "Every debit has its credit.",
    "I2": "Nobody spends what is not there.",
    "I3": "What is asked twice is done once.",
    "I4": "What was written stays written.",
    "I5": "Balances are what their lines add up to.",
    "I6": "Every coin is backed by money.",
    "I7": "Every statement can be computed again.",
    "I8": "What is frozen is still there.",
    "I9": "Every entry names who and why.",
}


def promises_table(audits: Sequence[Audit], breaches: Sequence[Breach]) -> Table:
    """One row an invariant (design.md §3): how many checks there are, and whether all passed."""
    checks = Counter(audit.invariant for audit in audits)
    broken = Counter(breach.audit.invariant for breach in breaches)
    rows = [
        (
            invariant,
            _MEANINGS[invariant],
            f"{checks[invariant]} checks",
            "BROKEN" if broken[invariant] else "holds",
        )
        for invariant in sorted(checks)
    ]
    return table("Verified over all rows", "", "promise", "", "", rows=rows)
