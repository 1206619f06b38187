"""What posting leaves behind: numbered rows, in order, as plain frozen values."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from ledger.kernel.accounts import Account

#: Acts are numbered by the microsecond in which they were posted, this many numbers to each. The number
#: is order, cursor and time in one, and rises strictly within every account.
SEQS_PER_MICROSECOND = 256


class TransferRow(msgspec.Struct, frozen=True, gc=False):
    """A transfer as posted, with both accounts' balances after it on their normal sides."""

    seq: int
    entry: int
    debit: Account
    credit: Account
    amount_minor: int
    debit_balance_minor: int
    credit_balance_minor: int
    occurred_at: int


class HoldRow(msgspec.Struct, frozen=True, gc=False):
    """A hold as placed or ended; ``amount_minor`` is what was set aside, or what was captured."""

    seq: int
    entry: int
    hold: UUID
    account: Account
    act: str
    amount_minor: int | None
    expires_at: int | None


class AccountRow(msgspec.Struct, frozen=True, gc=False):
    """An account as opened or barred."""

    seq: int
    entry: int
    account: Account
    event: str
    until: int | None


class Posted(msgspec.Struct, frozen=True, gc=False):
    """An entry that was accepted: its number, and the transfers it made."""

    seq: int
    transfers: Sequence[TransferRow]


def posted_instant(seq: int) -> int:
    """The instant (microseconds since 1970) at which the act of that number was posted."""
    return seq // SEQS_PER_MICROSECOND


def last_seq_at(instant: int) -> int:
    """The highest number an act posted at or before an instant can have."""
    return (instant + 1) * SEQS_PER_MICROSECOND - 1
