"""A step of a payout: the entry that a command comes to, and where it leaves the payout. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from ledger.chart import AccountRef, platform_account
from ledger.kernel.accounts import Account
from ledger.kernel.books import Books
from ledger.kernel.entries import Act, Entry
from ledger.kernel.refusals import AccountFrozen, InsufficientFunds, NotPermitted
from settlement.payouts.commands import OnPayout, SendPayout
from settlement.payouts.records import Batch, Cancelled, Income
from settlement.payouts.states import Payout, State

BANK, TAX = platform_account("bank"), platform_account("tax_withheld")


class Step(NamedTuple):
    """What a command comes to: where it leaves the payout, and what there is to tell of it."""

    entry: Entry
    payout: Payout | None = None
    detail: str | None = None
    income: Income | None = None
    batch: Batch | None = None
    cancelled: Cancelled | None = None


def onwards(command: OnPayout, payout: Payout, state: State, *acts: Act, detail: str | None = None) -> Step:
    """A payout comes into a state, by these acts."""
    after = msgspec.structs.replace(payout, state=state, events=payout.events + 1)
    cause = f"payout:{payout.payout}"
    if isinstance(command, SendPayout) and command.batch:
        cause += f" batch:{command.batch}"
    return Step(Entry(command.kind, cause, acts), after, detail)


def parts(payout: Payout) -> Iterable[tuple[AccountRef, int]]:
    """Where the money of a payout goes when it is paid, and comes from when it is returned."""
    yield BANK, payout.net_minor
    if payout.tax_minor:
        yield TAX, payout.tax_minor


def why_stopped(earnings: Account, books: Books) -> NotPermitted | AccountFrozen | None:
    """Whether the payee may not be paid for now."""
    if earnings.outgoing_barred_until > books.now:
        return NotPermitted(*earnings.ref, until=earnings.outgoing_barred_until)
    return AccountFrozen(*earnings.ref) if earnings.is_frozen else None


def why_not_there(earnings: Account, asked_minor: int) -> InsufficientFunds | None:
    """Whether more is asked for than is available."""
    if asked_minor <= earnings.available_minor:
        return None
    return InsufficientFunds(*earnings.ref, earnings.kind.currency, earnings.available_minor, asked_minor)
