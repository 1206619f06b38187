"""What is refused about appeals."""

from ledger.kernel.refusals import Refusal

APPEALS_REFUSALS: tuple[type[Refusal], ...] = ()
