"""What an entry is refused for before anything moves, as its accounts and holds stand.

Whether there is enough of what it moves shows only as it moves it, act by act.
"""

from collections.abc import Mapping
from uuid import UUID

from ledger.chart import CHART, AccountRef
from ledger.kernel.accounts import Account, HoldEnd, HoldState
from ledger.kernel.entries import (
    STOPPED_HOLDS,
    STOPPED_INCOMING,
    STOPPED_OUTGOING,
    Act,
    Bar,
    Capture,
    Entry,
    Expire,
    Hold,
    Open,
    Release,
    Transfer,
)
from ledger.kernel.refusals import (
    REFUSALS,
    AccountFrozen,
    AccountNotFound,
    ExceedsHold,
    HoldAlreadyCaptured,
    HoldAlreadyReleased,
    HoldExpired,
    NotPermitted,
    Refusal,
)

#: What it means to end a hold again that ended so.
ENDED: dict[HoldEnd, type[HoldAlreadyReleased | HoldAlreadyCaptured | HoldExpired]] = {
    "released": HoldAlreadyReleased,
    "captured": HoldAlreadyCaptured,
    "expired": HoldExpired,
}
_RANK = {code: rank for rank, code in enumerate(REFUSALS)}


def judged(
    entry: Entry, accounts: Mapping[AccountRef, Account], holds: Mapping[UUID, HoldState], now: int
) -> Refusal | None:
    """The first refusal, over all acts, that does not depend on what the acts before it moved."""
    if len(entry.acts) == 1 and isinstance(entry.acts[0], Transfer):
        return _passable(entry.kind, entry.acts[0].debit, entry.acts[0].credit, accounts, now)
    return _Judging(entry.kind, accounts, holds, now).first_refusal(entry.acts)


def end_by(act: Capture | Release | Expire) -> HoldEnd:
    """How an act ends its hold."""
    if isinstance(act, Capture):
        return "captured"
    return "released" if isinstance(act, Release) else "expired"


class _Judging:
    """One entry of several acts: which holds those already looked at place and end."""

    def __init__(
        self, kind: str, accounts: Mapping[AccountRef, Account], holds: Mapping[UUID, HoldState], now: int
    ) -> None:
        self.kind = kind
        self.accounts = accounts
        self.holds = holds
        self.now = now
        self.placed: dict[UUID, Hold] = {}
        self.ended: dict[UUID, HoldEnd] = {}

    def first_refusal(self, acts: tuple[Act, ...]) -> Refusal | None:
        opened: set[AccountRef] = set()
        found: Refusal | None = None
        for act in acts:
            if isinstance(act, Open):
                opened.add(act.account)
                continue
            refusal = self._refusal_of(act)
            if isinstance(refusal, AccountNotFound) and AccountRef(refusal.kind, refusal.owner) in opened:
                continue
            if refusal and (found is None or _RANK[refusal.code] < _RANK[found.code]):
                found = refusal
        return found

    def _refusal_of(self, act: Act) -> Refusal | None:
        if isinstance(act, Transfer):
            return _passable(self.kind, act.debit, act.credit, self.accounts, self.now)
        if isinstance(act, Capture | Release | Expire):
            return self._endable(act)
        if isinstance(act, Hold):
            self.placed[act.hold] = act
            account = self.accounts.get(act.account)
            if account is None:
                return AccountNotFound(*act.account)
            if self.kind not in STOPPED_HOLDS:
                return None
            return _barred(self.kind, account, True, self.now) or _frozen(self.kind, account)
        if isinstance(act, Bar) and act.account not in self.accounts:
            return AccountNotFound(*act.account)
        return None

    def _endable(self, act: Capture | Release | Expire) -> Refusal | None:
        hold = self.placed.get(act.hold) or self.holds[act.hold]
        end = self.ended.get(act.hold) or (hold.ended if isinstance(hold, HoldState) else None)
        overdue = hold.expires_at is not None and hold.expires_at <= self.now
        if end is None and overdue and not isinstance(act, Expire):
            end = "expired"
        found: list[Refusal | None] = [ENDED[end](str(act.hold)) if end else None]
        if isinstance(act, Capture):
            found += (_passable(self.kind, hold.account, ref, self.accounts, self.now) for ref, _ in act.to)
            asked = sum(amount for _, amount in act.to)
            if hold.amount_minor is not None and asked > hold.amount_minor:
                currency = CHART[hold.account.kind].currency
                found.append(ExceedsHold(currency, held_minor=hold.amount_minor, asked_minor=asked))
        self.ended.setdefault(act.hold, end or end_by(act))
        refusals = [refusal for refusal in found if refusal]
        return min(refusals, key=lambda refusal: _RANK[refusal.code], default=None)


def _passable(
    kind: str, debit_ref: AccountRef, credit_ref: AccountRef, accounts: Mapping[AccountRef, Account], now: int
) -> Refusal | None:
    debit, credit = accounts.get(debit_ref), accounts.get(credit_ref)
    if debit is None:
        return AccountNotFound(*debit_ref)
    if credit is None:
        return AccountNotFound(*credit_ref)
    assert debit.kind.currency == credit.kind.currency, "a transfer stays within one currency"
    if not (_is_restricted(debit) or _is_restricted(credit)):
        return None
    # A debit lowers an account whose normal side is credit, and raises the others; a credit the reverse.
    debit_falls, credit_falls = debit.kind.normal == "credit", credit.kind.normal == "debit"
    return (
        _barred(kind, debit, debit_falls, now)
        or _barred(kind, credit, credit_falls, now)
        or (_frozen(kind, debit) if debit_falls else None)
        or (_frozen(kind, credit) if credit_falls else None)
    )


def _is_restricted(account: Account) -> bool:
    return bool(account.frozen_by or account.outgoing_barred_until or account.incoming_barred_until)


def _barred(kind: str, account: Account, falls: bool, now: int) -> NotPermitted | None:
    if falls:
        until, stopped = account.outgoing_barred_until, kind in STOPPED_OUTGOING
    else:
        until, stopped = account.incoming_barred_until, kind in STOPPED_INCOMING
    return NotPermitted(*account.ref, until=until) if stopped and until > now else None


def _frozen(kind: str, account: Account) -> AccountFrozen | None:
    if account.frozen_by and kind in STOPPED_OUTGOING:
        return AccountFrozen(*account.ref)
    return None
