"""The refusals: every reason for which the books say no, as one closed set in one order.

A command that could be refused for several reasons is refused for the first of :data:`REFUSALS`. The
sentence (``str``) is for people, ``code`` for programs, and the fields are the facts; a refusal is kept
with its facts, so that a retry gets the same answer.
"""

from typing import ClassVar

import msgspec

from ledger.instants import datetime_of
from ledger.money import written


class Refusal(msgspec.Struct, frozen=True):
    """A command was understood, judged, and said no to. It moved nothing."""

    code: ClassVar[str]


class IdConflict(Refusal, frozen=True):
    """This id was decided before, for other content."""

    code = "id_conflict"

    def __str__(self) -> str:
        return "this id was already decided with other content"


class GiftNotOnSale(Refusal, frozen=True):
    """No price was ever set for that gift."""

    code = "gift_not_on_sale"
    gift: str

    def __str__(self) -> str:
        return f"no gift {self.gift!r} is on sale"


class PriceChanged(Refusal, frozen=True):
    """The gift no longer costs what the viewer was shown."""

    code = "price_changed"
    gift: str
    seen_coins: int
    coins: int

    def __str__(self) -> str:
        return f"gift {self.gift!r} costs {self.coins} coins now, not {self.seen_coins}"


class AccountNotFound(Refusal, frozen=True):
    """The party is unknown, or has no account of that kind."""

    code = "account_not_found"
    kind: str
    owner: str

    def __str__(self) -> str:
        return f"{self.owner!r} has no {self.kind} account"


class EntryNotFound(Refusal, frozen=True):
    """No accepted command of that id moved value."""

    code = "entry_not_found"
    entry: str

    def __str__(self) -> str:
        return f"no entry {self.entry} that moved value is in the books"


class AlreadyReversed(Refusal, frozen=True):
    """That entry was reversed before."""

    code = "already_reversed"
    entry: str

    def __str__(self) -> str:
        return f"entry {self.entry} was already reversed"


class NotReversible(Refusal, frozen=True):
    """An entry of that kind is not undone by a reversal: what it belongs to has a way back of its own."""

    code = "not_reversible"
    entry: str
    entry_kind: str

    def __str__(self) -> str:
        return f"entry {self.entry} is a {self.entry_kind}, which is not undone by a reversal"


class FreezeNotFound(Refusal, frozen=True):
    """No accepted freeze has that id."""

    code = "freeze_not_found"
    freeze: str

    def __str__(self) -> str:
        return f"no freeze {self.freeze} is in the books"


class HoldAlreadyReleased(Refusal, frozen=True):
    """The hold was released; nothing is held by it any more."""

    code = "hold_already_released"
    hold: str

    def __str__(self) -> str:
        return f"hold {self.hold} was already released"


class HoldAlreadyCaptured(Refusal, frozen=True):
    """The hold was captured; nothing is held by it any more."""

    code = "hold_already_captured"
    hold: str

    def __str__(self) -> str:
        return f"hold {self.hold} was already captured"


class HoldExpired(Refusal, frozen=True):
    """The hold's time is over, whether or not its expiry has been posted yet."""

    code = "hold_expired"
    hold: str

    def __str__(self) -> str:
        return f"hold {self.hold} has expired"


class PaymentAlreadyCredited(Refusal, frozen=True):
    """That payment of that channel was credited by another top-up."""

    code = "payment_already_credited"
    channel: str
    channel_txn: str

    def __str__(self) -> str:
        return f"payment {self.channel_txn!r} of {self.channel} was already credited"


class CurrencyMismatch(Refusal, frozen=True):
    """The amount is of another currency than the account."""

    code = "currency_mismatch"
    currency: str
    asked_currency: str

    def __str__(self) -> str:
        return f"the account holds {self.currency}, not {self.asked_currency}"


class NotPermitted(Refusal, frozen=True):
    """The account may not pay out, or take in, until an instant (microseconds since 1970)."""

    code = "not_permitted"
    kind: str
    owner: str
    until: int

    def __str__(self) -> str:
        return f"{self.kind} of {self.owner!r} is restricted until {datetime_of(self.until).isoformat()}"


class AccountFrozen(Refusal, frozen=True):
    """A freeze of the whole account is in force; its owner cannot spend from it."""

    code = "account_frozen"
    kind: str
    owner: str

    def __str__(self) -> str:
        return f"{self.kind} of {self.owner!r} is frozen"


class ExceedsHold(Refusal, frozen=True):
    """More was to be captured than is held."""

    code = "exceeds_hold"
    currency: str
    held_minor: int
    asked_minor: int

    def __str__(self) -> str:
        held, asked = (written(minor, self.currency) for minor in (self.held_minor, self.asked_minor))
        return f"{held} is held; {asked} was asked"


class LimitExceeded(Refusal, frozen=True):
    """A tipping limit would be passed. Rule: LIVE-TIP-5."""

    code = "limit_exceeded"
    limit: str
    cap: int
    used: int
    asked: int

    def __str__(self) -> str:
        return f"limit {self.limit} is {self.cap}; {self.used} used, {self.asked} more asked"


class InsufficientFunds(Refusal, frozen=True):
    """The account has less available, once open holds are set aside, than was asked."""

    code = "insufficient_funds"
    kind: str
    owner: str
    currency: str
    available_minor: int
    asked_minor: int

    def __str__(self) -> str:
        available, asked = (written(m, self.currency) for m in (self.available_minor, self.asked_minor))
        return f"{self.kind} of {self.owner!r} has {available} available; {asked} was asked"


#: In the order in which they are tried; packages complete it with those about their own records.
REFUSALS: dict[str, type[Refusal]] = {
    refusal.code: refusal
    for refusal in (
        IdConflict,
        GiftNotOnSale,
        PriceChanged,
        AccountNotFound,
        EntryNotFound,
        NotReversible,
        AlreadyReversed,
        FreezeNotFound,
        HoldAlreadyReleased,
        HoldAlreadyCaptured,
        HoldExpired,
        PaymentAlreadyCredited,
        CurrencyMismatch,
        NotPermitted,
        AccountFrozen,
        ExceedsHold,
        LimitExceeded,
        InsufficientFunds,
    )
}


def complete_refusals(*refusals: type[Refusal]) -> None:
    """Add a package's own refusals, for its own records, behind those of the books."""
    for refusal in refusals:
        assert REFUSALS.setdefault(refusal.code, refusal) is refusal, (
            f"two refusals are called {refusal.code}"
        )


def facts_of(refusal: Refusal) -> bytes:
    """A refusal's facts as JSON, to be kept with its code."""
    return msgspec.json.encode(refusal)


def refusal_of(code: str, facts: object) -> Refusal:
    """The refusal that was kept under ``code`` with these facts (as parsed from JSON)."""
    return msgspec.convert(facts, REFUSALS[code])
