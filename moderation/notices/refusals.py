"""What is refused about notices."""

from ledger.kernel.refusals import Refusal

NOTICES_REFUSALS: tuple[type[Refusal], ...] = ()
