"""What is refused about returns."""

from ledger.kernel.refusals import Refusal

RETURN_REFUSALS: tuple[type[Refusal], ...] = ()
