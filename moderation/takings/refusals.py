"""What is refused about what money measures take."""

from ledger.kernel.refusals import Refusal

TAKINGS_REFUSALS: tuple[type[Refusal], ...] = ()
