"""What is asked about payouts: to be paid, to approve, to send, and what the channel answered."""

from typing import ClassVar
from uuid import UUID

from ledger.journal.commands import Command


class RequestPayout(Command, frozen=True, gc=False):
    """A payee asks for ``amount_minor`` fen of the earnings that are available, None for all of them.

    Its id is the payout's, and that of the hold on the money.
    """

    payee: str
    amount_minor: int | None = None

    kind: ClassVar[str] = "payout_request"


class ApprovePayout(Command, frozen=True, gc=False):
    """A second person finds a payout in order."""

    payout: UUID

    kind: ClassVar[str] = "payout_approval"


class RefusePayout(Command, frozen=True, gc=False):
    """Finance does not pay, for a reason; the money is the payee's again."""

    payout: UUID
    reason: str

    kind: ClassVar[str] = "payout_refusal"


class CancelPayout(Command, frozen=True, gc=False):
    """A payout is taken back before it is sent: by its payee, or by finance."""

    payout: UUID

    kind: ClassVar[str] = "payout_cancellation"


class MakeBatch(Command, frozen=True, gc=False):
    """Payouts are put together, in this order, to be sent by somebody else than who puts them together.

    Without ``payouts``: all that are approved, go into an account this channel reaches, and wait in no other
    batch; oldest first.
    """

    channel: str
    payouts: tuple[UUID, ...] | None = None

    kind: ClassVar[str] = "payout_batch"


class CancelBatch(Command, frozen=True, gc=False):
    """A batch of which nothing was sent is taken back; its payouts stay as they are."""

    batch: UUID
    reason: str

    kind: ClassVar[str] = "payout_batch_cancellation"


class SendPayout(Command, frozen=True, gc=False):
    """A payout goes to a channel, alone or in a batch: from now on only the channel's answer decides."""

    payout: UUID
    channel: str
    batch: UUID | None = None

    kind: ClassVar[str] = "payout_sending"


class PayoutPaid(Command, frozen=True, gc=False):
    """The channel paid; ``reference`` is its own number of the payment."""

    payout: UUID
    reference: str

    kind: ClassVar[str] = "payout_paid"


class PayoutFailed(Command, frozen=True, gc=False):
    """The channel did not pay, and will not."""

    payout: UUID
    reason: str

    kind: ClassVar[str] = "payout_failed"


class PayoutUnknown(Command, frozen=True, gc=False):
    """No answer that says whether it was paid: to be asked about, under the same number."""

    payout: UUID
    reason: str

    kind: ClassVar[str] = "payout_unknown"


class PayoutReturned(Command, frozen=True, gc=False):
    """The money came back from the bank after it had been paid."""

    payout: UUID
    reason: str

    kind: ClassVar[str] = "payout_returned"


#: Those that name a payout that is there already.
OnPayout = (
    ApprovePayout
    | RefusePayout
    | CancelPayout
    | SendPayout
    | PayoutPaid
    | PayoutFailed
    | PayoutUnknown
    | PayoutReturned
)
