"""What commands are answered with: built only from what is kept, so that a retry gets the same answer."""

from typing import Any, NotRequired
from uuid import UUID

from sqlalchemy import Connection
from typing_extensions import TypedDict

from api.http.money import Money, coins, fen, money, timestamp
from ledger.chart import CHART
from ledger.coins.top_ups import TopUp
from ledger.gifts.commands import PriceGift, SetLimits, Tip
from ledger.journal.commands import Outcome
from ledger.journal.reversals import Reverse
from ledger.parties import Register
from moderation.commands import Forfeit, Freeze, Lift
from settlement.cadence import warnings
from settlement.commands import Reward, Settle, SettlePeriod
from settlement.periods import period


class TipView(TypedDict):
    """A tip that was given. `balance` is the viewer's wallet after it; `price` was that of one."""

    id: UUID
    viewer: str
    streamer: str
    room: str
    gift: str
    quantity: int
    price: Money
    amount: Money
    balance: Money
    occurred_at: str


class PartyView(TypedDict):
    """A party that took on roles."""

    id: UUID
    party: str
    roles: list[str]
    occurred_at: str


class PriceView(TypedDict):
    """A gift on sale."""

    id: UUID
    gift: str
    price: Money
    occurred_at: str


class LimitsView(TypedDict):
    """The limits on each viewer's tips; null is no limit."""

    id: UUID
    per_tip: Money | None
    per_day: Money | None
    per_month: Money | None
    tips_per_day: int | None
    tips_per_month: int | None
    occurred_at: str


class TopUpView(TypedDict):
    """A top-up that was credited. `balance` is the wallet after it."""

    id: UUID
    viewer: str
    coins: Money
    paid: Money
    channel: str
    channel_txn: str
    balance: Money
    occurred_at: str


class RewardView(TypedDict):
    """A task reward. `balance` is the streamer's accruals after it; null while tasks pay nothing."""

    id: UUID
    streamer: str
    task: str
    amount: Money
    balance: Money | None
    occurred_at: str


class FreezeView(TypedDict):
    """A freeze; `amount` null is the whole account."""

    id: UUID
    party: str
    account: str
    amount: Money | None
    case: str
    rule: str
    expires_at: str | None
    occurred_at: str


class LiftView(TypedDict):
    """A freeze that ended, moving nothing."""

    id: UUID
    freeze: UUID
    case: str
    occurred_at: str


class ForfeitView(TypedDict):
    """A freeze that ended by taking `amount`."""

    id: UUID
    freeze: UUID
    amount: Money
    case: str
    rule: str
    occurred_at: str


class ReversalView(TypedDict):
    """An entry that was undone."""

    id: UUID
    entry: UUID
    reason: str
    occurred_at: str


class RunView(TypedDict):
    """A settlement run that was accepted; follow it at its Location.

    `warnings` say which months cannot be settled whole any more.
    """

    id: UUID
    period: str
    through: str
    share_bps: int | None
    occurred_at: str
    warnings: list[str]


class TipOutcome(TypedDict):
    """What became of one tip of a batch: `accepted` with the tip, or else the problem.

    `refused` was decided and stays so; `malformed` and `undecided` were not, and leave the id free.
    """

    id: NotRequired[UUID | str]
    status: str
    replayed: bool
    tip: NotRequired[TipView]
    problem: NotRequired[dict[str, Any]]


class BatchView(TypedDict):
    """An outcome for each tip of a batch, in its order."""

    outcomes: list[TipOutcome]


def tip_view(tip: Tip, outcome: Outcome) -> TipView:
    """A tip, from the command and its one transfer."""
    moved = outcome.moved[0]
    return {
        "id": tip.id,
        "viewer": tip.viewer,
        "streamer": tip.streamer,
        "room": tip.room,
        "gift": tip.gift,
        "quantity": tip.quantity,
        "price": coins(moved.amount_minor // tip.quantity),
        "amount": coins(moved.amount_minor),
        "balance": coins(moved.debit_balance_minor),
        "occurred_at": timestamp(outcome.occurred_at),
    }


def party_view(register: Register, outcome: Outcome) -> PartyView:
    """A party registered."""
    return {
        "id": register.id,
        "party": register.party,
        "roles": list(register.roles),
        "occurred_at": timestamp(outcome.occurred_at),
    }


def price_view(gift: PriceGift, outcome: Outcome) -> PriceView:
    """A gift priced."""
    return {
        "id": gift.id,
        "gift": gift.gift,
        "price": coins(gift.coins),
        "occurred_at": timestamp(outcome.occurred_at),
    }


def limits_view(limits: SetLimits, outcome: Outcome) -> LimitsView:
    """Limits set."""
    return {
        "id": limits.id,
        "per_tip": _coins_or_none(limits.per_tip),
        "per_day": _coins_or_none(limits.per_day),
        "per_month": _coins_or_none(limits.per_month),
        "tips_per_day": limits.tips_per_day,
        "tips_per_month": limits.tips_per_month,
        "occurred_at": timestamp(outcome.occurred_at),
    }


def top_up_view(top_up: TopUp, outcome: Outcome) -> TopUpView:
    """A top-up; its first transfer is the one into the wallet."""
    return {
        "id": top_up.id,
        "viewer": top_up.viewer,
        "coins": coins(top_up.coins),
        "paid": fen(top_up.paid_minor),
        "channel": top_up.channel,
        "channel_txn": top_up.channel_txn,
        "balance": coins(outcome.moved[0].credit_balance_minor),
        "occurred_at": timestamp(outcome.occurred_at),
    }


def reward_view(reward: Reward, outcome: Outcome) -> RewardView:
    """A reward; its one transfer, if the policy pays tasks, is the one into the accruals."""
    moved = outcome.moved[0] if outcome.moved else None
    return {
        "id": reward.id,
        "streamer": reward.streamer,
        "task": reward.task,
        "amount": fen(moved.amount_minor if moved else 0),
        "balance": fen(moved.credit_balance_minor) if moved else None,
        "occurred_at": timestamp(outcome.occurred_at),
    }


def freeze_view(freeze: Freeze, outcome: Outcome) -> FreezeView:
    """A freeze placed."""
    currency = CHART[freeze.account].currency
    return {
        "id": freeze.id,
        "party": freeze.party,
        "account": freeze.account,
        "amount": None if freeze.amount_minor is None else money(freeze.amount_minor, currency),
        "case": freeze.case,
        "rule": freeze.rule,
        "expires_at": None if freeze.expires_at is None else timestamp(freeze.expires_at),
        "occurred_at": timestamp(outcome.occurred_at),
    }


def lift_view(lift: Lift, outcome: Outcome) -> LiftView:
    """A freeze lifted."""
    return {
        "id": lift.id,
        "freeze": lift.freeze,
        "case": lift.case,
        "occurred_at": timestamp(outcome.occurred_at),
    }


def forfeit_view(forfeit: Forfeit, outcome: Outcome) -> ForfeitView:
    """What was taken. Forfeited coins move their face value in a second transfer; forfeited CNY is one."""
    taken = outcome.moved[0].amount_minor
    return {
        "id": forfeit.id,
        "freeze": forfeit.freeze,
        "amount": coins(taken) if len(outcome.moved) > 1 else fen(taken),
        "case": forfeit.case,
        "rule": forfeit.rule,
        "occurred_at": timestamp(outcome.occurred_at),
    }


def reversal_view(reverse: Reverse, outcome: Outcome) -> ReversalView:
    """An entry undone."""
    return {
        "id": reverse.id,
        "entry": reverse.entry,
        "reason": reverse.reason,
        "occurred_at": timestamp(outcome.occurred_at),
    }


def run_view(settle: Settle | SettlePeriod, outcome: Outcome) -> RunView:
    """A run accepted."""
    if isinstance(settle, SettlePeriod):
        name, through, share_bps = settle.period, period(settle.period).through, None
    else:
        name, through, share_bps = f"through {settle.through}", settle.through, settle.share_bps
    return {
        "id": settle.id,
        "period": name,
        "through": through.isoformat(),
        "share_bps": share_bps,
        "occurred_at": timestamp(outcome.occurred_at),
        "warnings": [],
    }


def ruled_out(connection: Connection, settle: Settle | SettlePeriod, outcome: Outcome) -> dict[str, Any]:
    """What settling a period rules out."""
    if isinstance(settle, Settle):
        return {}
    return {"warnings": warnings(connection, period(settle.period), before_entry=outcome.seq)}


def _coins_or_none(amount: int | None) -> Money | None:
    return None if amount is None else coins(amount)
