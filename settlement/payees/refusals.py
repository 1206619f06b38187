"""What settlement says no to about payees, in the order in which it is tried."""

from ledger.kernel.refusals import Refusal
from ledger.money import written


class LicenceRequired(Refusal, frozen=True):
    """An organisation is verified by its licence, and none was given. Rule: JD-KYC-2."""

    code = "licence_required"
    party: str

    def __str__(self) -> str:
        return f"{self.party!r} is an organisation, and no licence number was given"


class PayeeNotVerified(Refusal, frozen=True):
    """Nobody was verified for this party: it cannot be paid. Rule: JD-KYC-1."""

    code = "payee_not_verified"
    party: str

    def __str__(self) -> str:
        return f"the identity of {self.party!r} has not been verified"


class BankAccountRequired(Refusal, frozen=True):
    """An organisation is paid into its corporate bank account only. Rule: JD-KYC-2."""

    code = "bank_account_required"
    party: str
    channel: str

    def __str__(self) -> str:
        return (
            f"{self.party!r} is an organisation: it is paid into its bank account, not through {self.channel}"
        )


class PayeeAccountRequired(Refusal, frozen=True):
    """The payee has not said into which account it is to be paid. Rule: JD-KYC-1."""

    code = "payee_account_required"
    party: str

    def __str__(self) -> str:
        return f"{self.party!r} has set no account to be paid into"


class PayeeNameMismatch(Refusal, frozen=True):
    """The account is in another name than the verified one. Rule: JD-KYC-1."""

    code = "payee_name_mismatch"
    party: str

    def __str__(self) -> str:
        return f"the account of {self.party!r} is not in the verified name"


class InvoiceNotNeeded(Refusal, frozen=True):
    """A person is settled by withholding; only organisations hand in invoices. Rule: LIVE-ROLE-1."""

    code = "invoice_not_needed"
    party: str

    def __str__(self) -> str:
        return f"{self.party!r} is a person: tax is withheld, and no invoice is needed"


class InvoiceAlreadyHandedIn(Refusal, frozen=True):
    """That invoice was handed in before, and counts once."""

    code = "invoice_already_handed_in"
    party: str
    number: str

    def __str__(self) -> str:
        return f"invoice {self.number!r} of {self.party!r} was already handed in"


class InvoiceRequired(Refusal, frozen=True):
    """An organisation's invoices do not cover what it asks to be paid. Rules: LIVE-ROLE-1, JD-KYC-2."""

    code = "invoice_required"
    party: str
    currency: str
    invoiced_minor: int
    needed_minor: int

    def __str__(self) -> str:
        invoiced, needed = (
            written(minor, self.currency) for minor in (self.invoiced_minor, self.needed_minor)
        )
        return f"{self.party!r} has handed in invoices over {invoiced}; {needed} is needed"


#: In the order in which they are tried.
PAYEE_REFUSALS: tuple[type[Refusal], ...] = (
    LicenceRequired,
    PayeeNotVerified,
    BankAccountRequired,
    PayeeAccountRequired,
    PayeeNameMismatch,
    InvoiceNotNeeded,
    InvoiceAlreadyHandedIn,
    InvoiceRequired,
)
