"""What is refused about the registers."""

from ledger.kernel.refusals import Refusal

REGISTERS_REFUSALS: tuple[type[Refusal], ...] = ()
