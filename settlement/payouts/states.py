"""The life of a payout: which state follows which, and who may bring it there. Pure.

    requested ─▶ approved ─▶ sent ─▶ paid ─▶ returned
        └─ refused, cancelled   └▶ failed
                                └▶ unknown ─▶ paid, failed

Within the policy's bound the policy itself approves, in the entry of the request. The money stands held
from the request until the payout is refused, cancelled, paid or failed.
"""

from enum import StrEnum
from uuid import UUID

import msgspec

from ledger.kernel.refusals import Refusal
from settlement.payouts.refusals import (
    PayoutAlreadyAnswered,
    PayoutAlreadyApproved,
    PayoutAlreadySent,
    PayoutClosed,
    PayoutNotApproved,
    PayoutNotFound,
    PayoutNotPaid,
    PayoutNotSent,
    SamePerson,
)


class State(StrEnum):
    """How far a payout is."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    SENT = "sent"
    UNKNOWN = "unknown"
    PAID = "paid"
    FAILED = "failed"
    RETURNED = "returned"


#: Not answered yet: the money stands held.
OPEN = frozenset({State.REQUESTED, State.APPROVED, State.SENT, State.UNKNOWN})
#: These count in a cycle, and in a month's cap on debts; of the others nothing was paid in the end.
STANDING = OPEN | {State.PAID}
_WAITING = frozenset({State.REQUESTED, State.APPROVED})
_ENDED_UNSENT = frozenset({State.REFUSED, State.CANCELLED})
#: Sent, and no final answer yet.
UNANSWERED = frozenset({State.SENT, State.UNKNOWN})


class Payout(msgspec.Struct, frozen=True, gc=False):
    """A payout as it stands. Amounts in fen: ``requested`` = ``offset`` (to debts) + ``amount`` (held).

    What was decided at its sending (channel, account, tax, and the month the income counts in) is None
    before it. ``events`` counts the states it has been in.
    """

    payout: UUID
    payee: str
    requested_by: str
    requested_at: int
    requested_minor: int
    offset_minor: int
    amount_minor: int
    policy: str
    state: State
    events: int
    approved_by: str | None = None
    channel: str | None = None
    batch: UUID | None = None
    account: int | None = None
    tax_minor: int | None = None

    @property
    def net_minor(self) -> int:
        """What the payee's bank gets, once it is sent."""
        assert self.tax_minor is not None, "tax is computed at sending"
        return self.amount_minor - self.tax_minor


def person_of(actor: str) -> str:
    """Who acts, whatever the role: ``finance:f1`` is f1."""
    return actor.partition(":")[2]


def why_not_approve(payout: Payout, actor: str) -> Refusal | None:
    """Refuses ``same_person``, and a payout that waits for no approval."""
    if person_of(actor) in (person_of(payout.requested_by), payout.payee):
        return SamePerson(person_of(actor))
    if payout.state is State.APPROVED:
        assert payout.approved_by is not None
        return PayoutAlreadyApproved(str(payout.payout), payout.approved_by)
    return _why_not_waiting(payout)


def why_not_refuse(payout: Payout) -> Refusal | None:
    """Until it is sent, finance may refuse it."""
    return _why_not_waiting(payout)


def why_not_cancel(payout: Payout, actor: str) -> Refusal | None:
    """Until it is sent, its payee may cancel it, and finance; to anybody else it is not there."""
    if actor.startswith("streamer:") and person_of(actor) != payout.payee:
        return PayoutNotFound(str(payout.payout))
    return _why_not_waiting(payout)


def why_not_send(payout: Payout, actor: str, maker: str | None) -> Refusal | None:
    """It is sent once, when it is approved: not by its payee, nor by who put its batch together."""
    if person_of(actor) in (payout.payee, person_of(maker or "")):
        return SamePerson(person_of(actor))
    refusal = _why_not_waiting(payout)
    if refusal is None and payout.state is not State.APPROVED:
        return PayoutNotApproved(str(payout.payout))
    return refusal


def why_no_answer(payout: Payout, state: State) -> Refusal | None:
    """An answer is taken for what was sent and not answered; "unknown" only once."""
    if payout.state not in UNANSWERED:
        is_answered = payout.state not in _WAITING | _ENDED_UNSENT
        refusal = PayoutAlreadyAnswered if is_answered else PayoutNotSent
        return refusal(str(payout.payout), payout.state)
    if payout.state is state:
        return PayoutAlreadyAnswered(str(payout.payout), payout.state)
    return None


def why_not_return(payout: Payout, actor: str) -> Refusal | None:
    """Only what was paid comes back, and once; not by the word of its payee, nor of who asked for it.

    It can be paid again then, so whoever said so alone could be paid twice.
    """
    if person_of(actor) in (person_of(payout.requested_by), payout.payee):
        return SamePerson(person_of(actor))
    if payout.state is State.PAID:
        return None
    return PayoutNotPaid(str(payout.payout), payout.state)


def _why_not_waiting(payout: Payout) -> Refusal | None:
    if payout.state in _WAITING:
        return None
    refusal = PayoutClosed if payout.state in _ENDED_UNSENT else PayoutAlreadySent
    return refusal(str(payout.payout), payout.state)
