"""What is refused about reports."""

from ledger.kernel.refusals import Refusal

REPORTS_REFUSALS: tuple[type[Refusal], ...] = ()
