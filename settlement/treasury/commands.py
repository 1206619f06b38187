"""What finance asks for at the bank's side of the books."""

from typing import ClassVar
from uuid import UUID

from ledger.journal.commands import Command


class ProposeRemittance(Command, frozen=True, gc=False):
    """Tax that was withheld in a month (China time) is to be handed over to the tax office, in fen.

    ``reference`` is the number of the tax return. It moves nothing: somebody else has to approve it.
    """

    year: int
    month: int
    amount_minor: int
    reference: str

    kind: ClassVar[str] = "tax_remittance_proposal"


class ApproveRemittance(Command, frozen=True, gc=False):
    """A second person finds a proposal in order; the tax leaves the bank."""

    remittance: UUID

    kind: ClassVar[str] = "tax_remittance"


class WithdrawRemittance(Command, frozen=True, gc=False):
    """A proposal that nobody approved is taken back, for a reason."""

    remittance: UUID
    reason: str

    kind: ClassVar[str] = "tax_remittance_withdrawal"


class PayInDebt(Command, frozen=True, gc=False):
    """A payee paid what it owes into our bank, in fen; ``reference`` is the bank's number of it."""

    party: str
    amount_minor: int
    reference: str

    kind: ClassVar[str] = "debt_payment"


OnRemittance = ApproveRemittance | WithdrawRemittance
