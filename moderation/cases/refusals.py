"""What is refused about cases and decisions."""

from ledger.kernel.refusals import Refusal

CASES_REFUSALS: tuple[type[Refusal], ...] = ()
