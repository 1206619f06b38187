"""What is refused about evidence."""

from ledger.kernel.refusals import Refusal

EVIDENCE_REFUSALS: tuple[type[Refusal], ...] = ()
