"""Journal entries: what can happen to accounts, as plain frozen values.

An entry is an ordered list of acts that happen together or not at all. There are seven acts, and
nothing else ever changes an account.
"""

from typing import Literal
from uuid import UUID

import msgspec

from ledger.chart import AccountRef

Direction = Literal["outgoing", "incoming"]


class Transfer(msgspec.Struct, frozen=True, gc=False):
    """A positive amount of minor units moves from a debit account to a credit account."""

    debit: AccountRef
    credit: AccountRef
    amount_minor: int


class Hold(msgspec.Struct, frozen=True):
    """An amount is set aside on an account, or the whole account is (``amount_minor`` None).

    A hold of the whole account covers what is there and what still arrives; such holds stack, and
    while one is open the account is *frozen*. A hold without ``expires_at`` stays until it is ended.
    """

    hold: UUID
    account: AccountRef
    amount_minor: int | None
    expires_at: int | None = None


class Capture(msgspec.Struct, frozen=True):
    """A hold ends by moving what is named here to other accounts; the rest of it is free again."""

    hold: UUID
    to: tuple[tuple[AccountRef, int], ...]


class Release(msgspec.Struct, frozen=True):
    """A hold ends, moving nothing."""

    hold: UUID


class Expire(msgspec.Struct, frozen=True):
    """A hold whose time is over ends, moving nothing."""

    hold: UUID


class Open(msgspec.Struct, frozen=True):
    """An account comes into being, empty."""

    account: AccountRef


class Bar(msgspec.Struct, frozen=True):
    """Until an instant, an account's owner may not spend from it, or nothing may be paid into it.

    On a wallet these are the bars on tipping and on topping up; on gifts, on receiving; on earnings,
    on withdrawing. A later bar replaces an earlier one of the same direction; one in the past lifts it.
    """

    account: AccountRef
    direction: Direction
    until: int


Act = Transfer | Hold | Capture | Release | Expire | Open | Bar


class Limits(msgspec.Struct, frozen=True, gc=False):
    """How much, and how often, each viewer may tip; None where there is no limit. Rule: LIVE-TIP-5.

    Amounts are coins; days and months are those of China (+08:00). Exactly at a limit passes.
    """

    per_tip: int | None = None
    per_day: int | None = None
    per_month: int | None = None
    tips_per_day: int | None = None
    tips_per_month: int | None = None


class Spending(msgspec.Struct, frozen=True, gc=False):
    """What an entry counts against the tipping limits of the account that pays it."""

    account: AccountRef
    amount_minor: int
    day: int
    limits: Limits


class Entry(msgspec.Struct, frozen=True):
    """Acts that happen together or not at all, and what caused them (invariant I9)."""

    kind: str
    cause: str
    acts: tuple[Act, ...]
    spending: Spending | None = None


#: The kinds of entry that a freeze of an account, or a bar on its outgoing side, stops from lowering it.
#: All others go on: what moderation does, what the world already did, and what undoes a mistake.
STOPPED_OUTGOING = frozenset({"tip", "settlement", "payout_request"})
#: Of these, the kinds whose holds are their owner's wish. Settlement holds what it has only just credited.
STOPPED_HOLDS = frozenset({"payout_request"})
#: The kinds that a bar on an account's incoming side stops from raising it. A freeze lets everything in.
STOPPED_INCOMING = frozenset({"tip", "topup"})
#: The kinds whose transfers bear the time of what they bring back, since its terms are theirs. They happened
#: when they were posted: until then, what they bring back was there, or was gone.
DATED_BACK = frozenset({"tip_restoration", "received_again"})
#: The kinds whose records know their own way back (a payout is cancelled, fails or is returned; a statement
#: is corrected by an adjustment; what a measure took, or sent back, an appeal restores). Undoing the money
#: alone would leave a record that says otherwise.
OWN_WAY_BACK = frozenset(
    {
        "payout_request",
        "payout_paid",
        "payout_returned",
        "settlement",
        "decision_executed",
        "appeal_decided",
        "received_again",
        "tip_return",
        "tip_restoration",
    }
)
