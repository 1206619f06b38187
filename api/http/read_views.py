"""What reads are answered with."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from typing_extensions import TypedDict

from api.http.money import Money, coins, fen, money, next_page, timestamp
from ledger.chart import CHART
from ledger.journal.history import Balance, HistoryPage, Line, Standing, TrialLine
from moderation.reading import FreezeInForce
from settlement.reading import NotSettled, RunState, Statement, StatementPage


class BalanceView(TypedDict):
    """What an account holds. `held` is part of `posted`, `available` the rest: frozen, it cannot be spent."""

    posted: Money
    held: Money
    available: Money
    frozen: bool


class FreezeInForceView(TypedDict):
    """A freeze in force; `amount` null is the whole account."""

    freeze: UUID
    account: str
    amount: Money | None
    since: str
    case: str
    rule: str
    expires_at: str | None


class WalletView(TypedDict):
    """A viewer's wallet."""

    party: str
    posted: Money
    held: Money
    available: Money
    frozen: bool
    freezes: list[FreezeInForceView]


class StatementView(TypedDict):
    """What a settlement run made of a streamer's gifts and accruals. `held` is part of `earned`."""

    id: UUID
    run: UUID
    period: str
    through: str
    share_bps: int | None
    gifts: Money
    gift_share: Money
    platform_share: Money
    guild_share: Money
    rewards: Money
    earned: Money
    held: Money


class EarningsView(TypedDict):
    """A streamer's accounts; `next` is the cursor of older statements."""

    party: str
    gifts: BalanceView
    accruals: BalanceView
    earnings: BalanceView
    freezes: list[FreezeInForceView]
    statements: list[StatementView]
    next: str | None


class LineView(TypedDict):
    """A transfer as the account's owner sees it: `amount` is above zero when the balance rose."""

    entry: UUID
    kind: str
    cause: str
    account: str
    counter: str
    amount: Money
    balance: Money
    occurred_at: str
    posted_at: str


class EntriesView(TypedDict):
    """Some lines, newest first; `next` is the cursor of older ones."""

    lines: list[LineView]
    next: str | None


class NotSettledView(TypedDict):
    """What a run left of the gifts or accruals of some streamers, and why."""

    account: str
    reason: str
    streamers: int
    amount: Money


class RunStateView(TypedDict):
    """A settlement run: `running` or `finished`, and what it settled so far.

    `not_settled` is null until it is finished. Who had nothing at all has no statement.
    """

    id: UUID
    state: str
    period: str
    through: str
    share_bps: int | None
    occurred_at: str
    finished_at: str | None
    streamers: int
    streamers_done: int
    statements: int
    gifts: Money
    gift_share: Money
    platform_share: Money
    guild_share: Money
    rewards: Money
    held: Money
    not_settled: list[NotSettledView] | None


class TrialLineView(TypedDict):
    """All accounts of a kind together; `balance` is on the kind's normal side."""

    kind: str
    normal: str
    debits: Money
    credits: Money
    balance: Money


class TrialTotalView(TypedDict):
    """All debits and all credits of a currency: they are equal."""

    currency: str
    debits: Money
    credits: Money


class TrialBalanceView(TypedDict):
    """Every kind of account that value touched, in the order of the chart."""

    lines: list[TrialLineView]
    totals: list[TrialTotalView]


def wallet_view(party: str, standing: Standing, freezes: Sequence[FreezeInForce]) -> WalletView:
    """A wallet and its freezes."""
    return {
        "party": party,
        **_balance_view(standing),
        "freezes": [_freeze_view(freeze) for freeze in freezes],
    }


def earnings_view(
    party: str,
    standings: Mapping[str, Standing],
    freezes: Sequence[FreezeInForce],
    page: StatementPage,
) -> EarningsView:
    """A streamer's accounts, freezes and statements."""
    return {
        "party": party,
        "gifts": _balance_view(standings["gifts"]),
        "accruals": _balance_view(standings["accruals"]),
        "earnings": _balance_view(standings["earnings"]),
        "freezes": [_freeze_view(freeze) for freeze in freezes],
        "statements": [_statement_view(statement) for statement in page.statements],
        "next": next_page(page.next_cursor),
    }


def entries_view(page: HistoryPage) -> EntriesView:
    """A page of lines."""
    return {"lines": [_line_view(line) for line in page.lines], "next": next_page(page.next_cursor)}


def run_state_view(state: RunState, left: Sequence[NotSettled] | None) -> RunStateView:
    """How far a run came."""
    return {
        "id": state.run,
        "state": "running" if state.finished_at is None else "finished",
        "period": state.period,
        "through": state.through.isoformat(),
        "share_bps": state.share_bps,
        "occurred_at": timestamp(state.occurred_at),
        "finished_at": None if state.finished_at is None else timestamp(state.finished_at),
        "streamers": state.streamers,
        "streamers_done": state.streamers_done,
        "statements": state.statements,
        "gifts": coins(state.coins),
        "gift_share": fen(state.gift_share_minor),
        "platform_share": fen(state.platform_share_minor),
        "guild_share": fen(state.guild_share_minor),
        "rewards": fen(state.accruals_minor),
        "held": fen(state.held_minor),
        "not_settled": None
        if left is None
        else [
            {
                "account": one.account,
                "reason": one.reason,
                "streamers": one.streamers,
                "amount": money(one.minor, CHART[one.account].currency),
            }
            for one in left
        ],
    }


def trial_balance_view(lines: Sequence[TrialLine]) -> TrialBalanceView:
    """The trial balance, and its totals."""
    totals: list[TrialTotalView] = []
    for currency in dict.fromkeys(line.currency for line in lines):
        of_currency = [line for line in lines if line.currency == currency]
        totals.append(
            {
                "currency": currency,
                "debits": money(sum(line.debits_minor for line in of_currency), currency),
                "credits": money(sum(line.credits_minor for line in of_currency), currency),
            }
        )
    return {"lines": [_trial_line_view(line) for line in lines], "totals": totals}


def _balance_view(standing: Standing) -> BalanceView:
    balance: Balance = standing.balance
    return {
        "posted": money(balance.posted_minor, balance.currency),
        "held": money(balance.held_minor, balance.currency),
        "available": money(balance.available_minor, balance.currency),
        "frozen": standing.frozen_by > 0,
    }


def _freeze_view(freeze: FreezeInForce) -> FreezeInForceView:
    currency = CHART[freeze.account].currency
    return {
        "freeze": freeze.freeze,
        "account": freeze.account,
        "amount": None if freeze.amount_minor is None else money(freeze.amount_minor, currency),
        "since": timestamp(freeze.since),
        "case": freeze.case,
        "rule": freeze.rule,
        "expires_at": None if freeze.expires_at is None else timestamp(freeze.expires_at),
    }


def _statement_view(statement: Statement) -> StatementView:
    return {
        "id": statement.statement,
        "run": statement.run,
        "period": statement.period,
        "through": statement.through.isoformat(),
        "share_bps": statement.share_bps,
        "gifts": coins(statement.coins),
        "gift_share": fen(statement.gift_share_minor),
        "platform_share": fen(statement.platform_share_minor),
        "guild_share": fen(statement.guild_share_minor),
        "rewards": fen(statement.accruals_minor),
        "earned": fen(statement.gift_share_minor + statement.accruals_minor),
        "held": fen(statement.held_minor),
    }


def _line_view(line: Line) -> LineView:
    currency = CHART[line.account.kind].currency
    return {
        "entry": line.entry_id,
        "kind": line.entry_kind,
        "cause": line.cause,
        "account": line.account.kind,
        "counter": line.counter.kind,
        "amount": money(line.amount_minor, currency),
        "balance": money(line.balance_minor, currency),
        "occurred_at": timestamp(line.occurred_at),
        "posted_at": timestamp(line.posted_at),
    }


def _trial_line_view(line: TrialLine) -> TrialLineView:
    return {
        "kind": line.kind,
        "normal": line.normal,
        "debits": money(line.debits_minor, line.currency),
        "credits": money(line.credits_minor, line.currency),
        "balance": money(line.balance_minor, line.currency),
    }
