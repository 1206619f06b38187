"""What is refused about the rule book."""

from ledger.kernel.refusals import Refusal

RULES_REFUSALS: tuple[type[Refusal], ...] = ()
