"""The chart of accounts: every kind of account, what it holds, whose it is, and what it may not do.

design.md §4 is the table this module states. A kind is added with the flow that first uses it.
"""

from typing import Literal, NamedTuple

from ledger.money import FEN_PER_COIN

Side = Literal["debit", "credit"]
Owner = Literal["viewer", "streamer", "payee", "platform", "channel"]

PLATFORM = "platform"
CHANNELS = ("alipay", "wechat")


class AccountKind(NamedTuple):
    """One line of the chart.

    ``limited`` accounts never fall below zero on their normal side. ``backing_fen`` says how a unit on
    the account's credit side weighs in invariant I6: a coin that a person holds weighs its face value,
    a fen of contract liability (合同负债) weighs against it, everything else nothing.
    """

    name: str
    currency: str
    owner: Owner
    normal: Side
    limited: bool
    backing_fen: int = 0


class AccountRef(NamedTuple):
    """Which account: its kind, and whose it is."""

    kind: str
    owner: str

    def __str__(self) -> str:
        return f"{self.kind} of {self.owner}"


CHART: dict[str, AccountKind] = {
    kind.name: kind
    for kind in (
        AccountKind("wallet", "ZLB", "viewer", "credit", limited=True, backing_fen=FEN_PER_COIN),
        AccountKind("gifts", "ZLB", "streamer", "credit", limited=True, backing_fen=FEN_PER_COIN),
        AccountKind("coins_issued", "ZLB", "platform", "debit", limited=False),
        AccountKind("coins_redeemed", "ZLB", "platform", "credit", limited=True),
        AccountKind("coins_forfeited", "ZLB", "platform", "credit", limited=True),
        AccountKind("channel_clearing", "CNY", "channel", "debit", limited=False),
        AccountKind("coin_liability", "CNY", "platform", "credit", limited=True, backing_fen=-1),
        AccountKind("refunds_payable", "CNY", "viewer", "credit", limited=True),
        AccountKind("bank", "CNY", "platform", "debit", limited=False),
        AccountKind("accruals", "CNY", "streamer", "credit", limited=True),
        AccountKind("earnings", "CNY", "payee", "credit", limited=True),
        AccountKind("debt", "CNY", "payee", "debit", limited=True),
        AccountKind("tax_withheld", "CNY", "platform", "credit", limited=False),
        AccountKind("gift_revenue", "CNY", "platform", "credit", limited=False),
        AccountKind("penalty_income", "CNY", "platform", "credit", limited=False),
        AccountKind("damages_income", "CNY", "platform", "credit", limited=False),
        AccountKind("ip_income", "CNY", "platform", "credit", limited=False),
        AccountKind("reward_expense", "CNY", "platform", "debit", limited=False),
        AccountKind("award_expense", "CNY", "platform", "debit", limited=False),
        AccountKind("commission_expense", "CNY", "platform", "debit", limited=False),
        AccountKind("promotion_expense", "CNY", "platform", "debit", limited=False),
        AccountKind("enforcement_cost", "CNY", "platform", "debit", limited=False),
        AccountKind("adjustments", "CNY", "platform", "debit", limited=False),
    )
}

#: The accounts that registering a party in a role opens. A streamer or a guild is a payee.
ACCOUNTS_OF_ROLE: dict[str, tuple[str, ...]] = {
    "viewer": ("wallet", "refunds_payable"),
    "streamer": ("gifts", "accruals", "earnings", "debt"),
    "guild": ("earnings", "debt"),
}


def platform_account(kind: str) -> AccountRef:
    """The platform's own account of a kind: there is one."""
    return AccountRef(kind, PLATFORM)
