"""What is asked about payees: who they are, where they are paid, which invoices they hand in.

Personal values come hashed and sealed (:class:`ledger.sealing.Personal`); no command, and so
nothing that is made of one, holds them in the clear.
"""

from typing import ClassVar

from ledger.journal.commands import Command
from ledger.sealing import Personal
from settlement.payees.reading import PayeeKind, PayoutChannel


class Verify(Command, frozen=True, gc=False):
    """The identity behind a party was verified elsewhere, and is handed in. Rules: JD-KYC-1, JD-KYC-2.

    ``number`` is a person's ID, or an organisation's licence; ``representative`` is who may act for an
    organisation.
    """

    party: str
    payee_kind: PayeeKind
    name: Personal
    number: Personal | None
    birth_date: Personal | None = None
    representative: Personal | None = None

    kind: ClassVar[str] = "verification"


class SetPayeeAccount(Command, frozen=True, gc=False):
    """A payee is paid into this account from now on. Its holder has the verified name. Rule: JD-KYC-1."""

    party: str
    channel: PayoutChannel
    account: Personal
    holder: Personal

    kind: ClassVar[str] = "payee_account"


class HandInInvoice(Command, frozen=True, gc=False):
    """An organisation's invoice, in fen, for what it is to be paid. Rules: LIVE-ROLE-1, JD-KYC-2."""

    party: str
    number: str
    amount_minor: int

    kind: ClassVar[str] = "invoice"
