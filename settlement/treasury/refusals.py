"""What is said no to about tax that is handed over, and debts that are paid in."""

from ledger.kernel.refusals import Refusal
from ledger.money import written


class RemittanceNotFound(Refusal, frozen=True):
    """No proposal has that id."""

    code = "remittance_not_found"
    remittance: str

    def __str__(self) -> str:
        return f"no tax remittance {self.remittance} was proposed"


class RemittanceClosed(Refusal, frozen=True):
    """The proposal was approved or withdrawn before."""

    code = "remittance_closed"
    remittance: str
    state: str

    def __str__(self) -> str:
        return f"tax remittance {self.remittance} was {self.state} already"


class ExceedsWithheld(Refusal, frozen=True):
    """More than is left of what was withheld: of payouts sent in the month that were paid, and of all."""

    code = "exceeds_withheld"
    month: str
    currency: str
    left_minor: int
    asked_minor: int

    def __str__(self) -> str:
        left, asked = (written(minor, self.currency) for minor in (self.left_minor, self.asked_minor))
        return f"{left} is left of the tax withheld in {self.month}; {asked} was asked"


class ExceedsDebt(Refusal, frozen=True):
    """More was paid in than is owed: the rest belongs to somebody, and is no payment of this debt."""

    code = "exceeds_debt"
    party: str
    currency: str
    owed_minor: int
    asked_minor: int

    def __str__(self) -> str:
        owed, asked = (written(minor, self.currency) for minor in (self.owed_minor, self.asked_minor))
        return f"{self.party!r} owes {owed}; {asked} was to be paid in"


class DebtPaymentAlreadyRecorded(Refusal, frozen=True):
    """The bank's number was recorded before."""

    code = "debt_payment_already_recorded"
    reference: str

    def __str__(self) -> str:
        return f"payment {self.reference!r} was already recorded"


TREASURY_REFUSALS: tuple[type[Refusal], ...] = (
    RemittanceNotFound,
    RemittanceClosed,
    ExceedsWithheld,
    ExceedsDebt,
    DebtPaymentAlreadyRecorded,
)
