"""What payouts say no to. In the order in which they are tried, behind the refusals of the books."""

from ledger.kernel.refusals import Refusal
from ledger.money import written


class PayoutNotFound(Refusal, frozen=True):
    """No payout has that id, or it is somebody else's."""

    code = "payout_not_found"
    payout: str

    def __str__(self) -> str:
        return f"no payout {self.payout} is in the books"


class BatchNotFound(Refusal, frozen=True):
    """No batch has that id, or the payout is not in it, to be sent through that channel."""

    code = "batch_not_found"
    batch: str
    payout: str | None = None

    def __str__(self) -> str:
        if self.payout is None:
            return f"no batch {self.batch} is in the books"
        return f"payout {self.payout} is not sent so in batch {self.batch}"


class BatchCancelled(Refusal, frozen=True):
    """The batch was taken back: nothing of it is sent any more."""

    code = "batch_cancelled"
    batch: str
    cancelled_by: str

    def __str__(self) -> str:
        return f"batch {self.batch} was cancelled by {self.cancelled_by}"


class BatchAlreadySent(Refusal, frozen=True):
    """Something of the batch has gone to its channel: it cannot be taken back."""

    code = "batch_already_sent"
    batch: str

    def __str__(self) -> str:
        return f"batch {self.batch} was sent already"


class NothingReady(Refusal, frozen=True):
    """No approved payout waits for this channel outside of a batch."""

    code = "nothing_ready"
    channel: str

    def __str__(self) -> str:
        return f"nothing is ready for {self.channel}"


class NoTaxFigures(Refusal, frozen=True):
    """Nothing says how tax was withheld on that day."""

    code = "no_tax_figures"
    day: str

    def __str__(self) -> str:
        return f"no figures for withholding are known for {self.day}"


class WrongChannel(Refusal, frozen=True):
    """The payee's account is not one this channel pays into."""

    code = "wrong_channel"
    payee: str
    account: str
    channel: str

    def __str__(self) -> str:
        return f"{self.payee!r} is paid into a {self.account} account, which {self.channel} does not reach"


class NothingLeftAfterTax(Refusal, frozen=True):
    """All of it would be withheld, so there is nothing to send; together with more there may be."""

    code = "nothing_left_after_tax"
    payout: str

    def __str__(self) -> str:
        return f"all of payout {self.payout} would be withheld: cancel it, and ask for more at once"


class PayoutInFlight(Refusal, frozen=True):
    """The payee has another payout that is not answered yet: one at a time."""

    code = "payout_in_flight"
    payee: str
    payout: str

    def __str__(self) -> str:
        return f"payout {self.payout} of {self.payee!r} is under way: one at a time"


class OutsideCycle(Refusal, frozen=True):
    """The payee was paid in this cycle already."""

    code = "outside_cycle"
    cycle: str
    next_on: str

    def __str__(self) -> str:
        return f"payouts are {self.cycle}: the next can be asked for on {self.next_on}"


class BelowThreshold(Refusal, frozen=True):
    """What would be paid, debts set off, is less than the policy pays out."""

    code = "below_threshold"
    currency: str
    threshold_minor: int
    left_minor: int

    def __str__(self) -> str:
        threshold, left = (written(minor, self.currency) for minor in (self.threshold_minor, self.left_minor))
        return f"{left} would be paid; payouts begin at {threshold}"


class SamePerson(Refusal, frozen=True):
    """Who asked for it, who is paid by it, or who put it together cannot be who lets it pass."""

    code = "same_person"
    person: str

    def __str__(self) -> str:
        return f"{self.person!r} cannot be the second person: somebody else has to look at it"


class PayoutClosed(Refusal, frozen=True):
    """The payout was cancelled or refused; its money is the payee's again."""

    code = "payout_closed"
    payout: str
    state: str

    def __str__(self) -> str:
        return f"payout {self.payout} was {self.state}"


class PayoutAlreadySent(Refusal, frozen=True):
    """The payout has gone to its channel: only the channel's answer decides now."""

    code = "payout_already_sent"
    payout: str
    state: str

    def __str__(self) -> str:
        return f"payout {self.payout} was sent already, and is {self.state}"


class PayoutAlreadyApproved(Refusal, frozen=True):
    """Somebody approved it before."""

    code = "payout_already_approved"
    payout: str
    approved_by: str

    def __str__(self) -> str:
        return f"payout {self.payout} was already approved by {self.approved_by!r}"


class PayoutNotApproved(Refusal, frozen=True):
    """The payout waits for a second person."""

    code = "payout_not_approved"
    payout: str

    def __str__(self) -> str:
        return f"payout {self.payout} is not approved yet"


class BatchRequired(Refusal, frozen=True):
    """This channel takes batches only."""

    code = "batch_required"
    channel: str

    def __str__(self) -> str:
        return f"payouts go to {self.channel} in a batch, which a second person sends"


class PayoutNotSent(Refusal, frozen=True):
    """An answer came for a payout that was never sent."""

    code = "payout_not_sent"
    payout: str
    state: str

    def __str__(self) -> str:
        return f"payout {self.payout} was not sent: it is {self.state}"


class PayoutAlreadyAnswered(Refusal, frozen=True):
    """The channel's answer is in the books, and is final."""

    code = "payout_already_answered"
    payout: str
    state: str

    def __str__(self) -> str:
        return f"payout {self.payout} was answered already: it is {self.state}"


class PayoutNotPaid(Refusal, frozen=True):
    """What was not paid cannot come back."""

    code = "payout_not_paid"
    payout: str
    state: str

    def __str__(self) -> str:
        return f"payout {self.payout} was not paid: it is {self.state}"


#: About payouts that are there.
PAYOUT_REFUSALS: tuple[type[Refusal], ...] = (
    PayoutNotFound,
    BatchNotFound,
    BatchCancelled,
    BatchAlreadySent,
    NothingReady,
    SamePerson,
    PayoutClosed,
    PayoutAlreadySent,
    PayoutAlreadyApproved,
    PayoutNotApproved,
    BatchRequired,
    PayoutNotSent,
    PayoutAlreadyAnswered,
    PayoutNotPaid,
)
#: About the terms of asking and sending; tried behind those about the payee.
PAYOUT_TERMS_REFUSALS: tuple[type[Refusal], ...] = (
    NoTaxFigures,
    WrongChannel,
    NothingLeftAfterTax,
    PayoutInFlight,
    OutsideCycle,
    BelowThreshold,
)
