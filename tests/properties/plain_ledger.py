"""The whole journal as plain dictionaries: what every command must come to, told without database or kernel.

A second reading of design.md §3 and §4 and of what the commands promise. Of the ledger it imports the classes
of its commands, no rule. Amounts are minor units; accounts are (kind, owner).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, NamedTuple
from uuid import UUID

from ledger.coins.top_ups import TopUp
from ledger.gifts.commands import PriceGift, SetLimits, Tip
from ledger.journal.commands import Command
from ledger.journal.reversals import Reverse
from ledger.parties import Register
from moderation.commands import Forfeit, Freeze, Lift
from settlement.commands import Reward, Settle, SettleStreamer
from tests.properties.bars import BarAccount

CHINA = timezone(timedelta(hours=8))
OPENED_BY = {"viewer": ("wallet", "refunds_payable"), "streamer": ("gifts", "accruals", "earnings", "debt")}
COINS = ("wallet", "gifts", "coins_issued", "coins_redeemed", "coins_forfeited")
DEBIT_SIDE = (
    "coins_issued",
    "channel_clearing",
    "bank",
    "debt",
    "promotion_expense",
    "reward_expense",
    "award_expense",
    "commission_expense",
    "enforcement_cost",
    "adjustments",
)
MAY_BE_NEGATIVE = (
    *set(DEBIT_SIDE) - {"debt"},
    "gift_revenue",
    "penalty_income",
    "ip_income",
    "damages_income",
    "tax_withheld",
)
PLATFORM_KINDS = (
    "coins_issued",
    "coins_redeemed",
    "coins_forfeited",
    "coin_liability",
    "gift_revenue",
    "penalty_income",
    "reward_expense",
    "promotion_expense",
    "bank",
    "tax_withheld",
    "ip_income",
    "damages_income",
    "award_expense",
    "commission_expense",
    "enforcement_cost",
    "adjustments",
)
ENDED = {
    "captured": "hold_already_captured",
    "released": "hold_already_released",
    "expired": "hold_expired",
}

Account = tuple[str, str]
Move = tuple[Account, Account, int]
"""Debit, credit, amount."""


class Reply(NamedTuple):
    """An answer: a refusal's code or None, and of each transfer the amount and both balances after."""

    code: str | None = None
    moved: tuple[tuple[int, int, int], ...] = ()
    replayed: bool = False
    decided: bool = True


class Balance(NamedTuple):
    """An account as anybody can see it."""

    posted: int
    held: int
    available: int
    frozen: bool


class _First(NamedTuple):
    """How an id was first decided: for whom, about what, how."""

    actor: str
    content: tuple[object, ...]
    reply: Reply


class Refused(Exception):
    """Leaves a rule with the code of the refusal."""


def platform(kind: str) -> Account:
    """The platform's account of a kind."""
    return kind, "platform"


def day_in_china(instant: int) -> date:
    """The calendar day of an instant in microseconds."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)).astimezone(CHINA).date()


class PlainLedger:
    """Everything the books know, in dictionaries."""

    def __init__(self) -> None:
        self.now = 0
        self.posted: dict[Account, int] = {platform(kind): 0 for kind in PLATFORM_KINDS}
        self.posted |= {("channel_clearing", channel): 0 for channel in ("alipay", "wechat")}
        self.prices: dict[str, int] = {}
        self.limits: dict[str, int | None] = {}
        self.tips: dict[str, list[tuple[date, int]]] = defaultdict(list)
        self.credited: dict[tuple[str, str], UUID] = {}
        self.holds: dict[UUID, dict[str, Any]] = {}
        self.bars: dict[tuple[str, Account], int] = {}
        self.came_in: dict[Account, list[tuple[date, int, UUID]]] = defaultdict(list)
        self.went_out: dict[Account, int] = defaultdict(int)
        self.moves: dict[UUID, list[Move]] = {}
        self.reversed: dict[UUID, UUID] = {}
        self.settlements: set[UUID] = set()
        self.runs: dict[UUID, Settle] = {}
        self.finished: set[UUID] = set()
        self.first: dict[UUID, _First] = {}
        self._known_entries: set[UUID] = set()
        self._rules: dict[type[Command], Callable[[Any], list[Move]]] = {
            Register: self._register,
            PriceGift: self._price,
            SetLimits: self._limit,
            TopUp: self._top_up,
            Tip: self._tip,
            Reward: self._reward,
            Freeze: self._freeze,
            Lift: self._lift,
            Forfeit: self._forfeit,
            Reverse: self._reverse,
            BarAccount: self._bar,
            Settle: self._settle,
        }

    def decide(self, commands: Sequence[Command], now: int) -> list[Reply]:
        """What must be answered to a batch at that instant."""
        self.now = now
        # What is to be reversed is looked up once a batch: an entry made in the same batch is not there yet.
        self._known_entries = set(self.moves)
        return [self._answer(command) for command in commands]

    def expire(self, now: int) -> int:
        """End the holds whose time is over; how many there were."""
        overdue = [hold for hold in self.holds.values() if not hold["ended"] and _is_over(hold, now)]
        for hold in overdue:
            hold["ended"] = "expired"
        return len(overdue)

    def carry_out(self, run: UUID, part_id: Callable[[str], UUID], now: int) -> None:
        """Settle every streamer that the run has not settled yet; a run that was carried out is over."""
        if run in self.finished:
            return
        self.finished.add(run)
        self.now = now
        settle = self.runs[run]
        for streamer in self.streamers():
            id, at = part_id(streamer), settle.occurred_at
            self._answer(
                SettleStreamer(id, settle.actor, at, at, run, streamer, settle.through, settle.share_bps)
            )

    def streamers(self) -> list[str]:
        """Who has gifts, in the order of their names' bytes."""
        return sorted((owner for kind, owner in self.posted if kind == "gifts"), key=str.encode)

    def balances(self) -> dict[Account, Balance]:
        """Every account there is."""
        return {account: self.balance(account) for account in self.posted}

    def balance(self, account: Account) -> Balance:
        """What an account shows."""
        posted, held = self.posted[account], sum(h["amount"] or 0 for h in self._open_holds(account))
        return Balance(posted, held, posted - held, self._is_frozen(account))

    def _answer(self, command: Command) -> Reply:
        content = _content(command)
        first = self.first.get(command.id)
        if first is not None:
            may_hear = command.actor == first.actor or command.actor.startswith(("gateway:", "replay:"))
            if content != first.content or not may_hear:
                return Reply("id_conflict")
            return first.reply._replace(replayed=True)
        if isinstance(command, SettleStreamer):
            moves = self._settlement(command)
            if not moves:
                return Reply(decided=False)
            reply = self._carry(command, moves)
        else:
            try:
                reply = self._carry(command, self._rules[type(command)](command))
            except Refused as refused:
                reply = Reply(str(refused))
        self.first[command.id] = _First(command.actor, content, reply)
        return reply

    def _carry(self, command: Command, moves: list[Move]) -> Reply:
        moved = []
        for debit, credit, amount in moves:
            self.posted[debit] += amount if debit[0] in DEBIT_SIDE else -amount
            self.posted[credit] += -amount if credit[0] in DEBIT_SIDE else amount
            moved.append((amount, self.posted[debit], self.posted[credit]))
            if not isinstance(command, Reverse):
                self.went_out[debit] += amount
            self.came_in[credit].append((day_in_china(command.occurred_at), amount, command.id))
        if moves:
            self.moves[command.id] = moves
        return Reply(moved=tuple(moved))

    # What each kind of command does, and refuses in the documented order.

    def _register(self, command: Register) -> list[Move]:
        for role in command.roles:
            for kind in OPENED_BY[role]:
                self.posted.setdefault((kind, command.party), 0)
        return []

    def _price(self, command: PriceGift) -> list[Move]:
        self.prices[command.gift] = command.coins
        return []

    def _limit(self, command: SetLimits) -> list[Move]:
        names = ("per_tip", "per_day", "per_month", "tips_per_day", "tips_per_month")
        self.limits = {name: getattr(command, name) for name in names}
        return []

    def _top_up(self, command: TopUp) -> list[Move]:
        wallet, payment = ("wallet", command.viewer), (command.channel, command.channel_txn)
        self._must_exist(wallet)
        if payment in self.credited:
            raise Refused("payment_already_credited")
        self._must_not_be_barred("incoming", wallet)
        self.credited[payment] = command.id
        moves = [
            (platform("coins_issued"), wallet, command.coins),
            (("channel_clearing", command.channel), platform("coin_liability"), command.paid_minor),
            (
                platform("promotion_expense"),
                platform("coin_liability"),
                10 * command.coins - command.paid_minor,
            ),
        ]
        return [move for move in moves if move[2]]

    def _tip(self, command: Tip) -> list[Move]:
        wallet, gifts = ("wallet", command.viewer), ("gifts", command.streamer)
        if command.gift not in self.prices:
            raise Refused("gift_not_on_sale")
        price = self.prices[command.gift]
        if command.price not in (None, price):
            raise Refused("price_changed")
        self._must_exist(wallet, gifts)
        self._must_not_be_barred("outgoing", wallet)
        self._must_not_be_barred("incoming", gifts)
        if self._is_frozen(wallet):
            raise Refused("account_frozen")
        coins, day = price * command.quantity, day_in_china(command.occurred_at)
        if self._passes_a_limit(command.viewer, day, coins):
            raise Refused("limit_exceeded")
        if coins > self.balance(wallet).available:
            raise Refused("insufficient_funds")
        self.tips[command.viewer].append((day, coins))
        return [(wallet, gifts, coins)]

    def _passes_a_limit(self, viewer: str, day: date, coins: int) -> bool:
        that_day = [minor for at, minor in self.tips[viewer] if at == day]
        that_month = [
            minor for at, minor in self.tips[viewer] if (at.year, at.month) == (day.year, day.month)
        ]
        used = {
            "per_tip": coins,
            "per_day": sum(that_day) + coins,
            "per_month": sum(that_month) + coins,
            "tips_per_day": len(that_day) + 1,
            "tips_per_month": len(that_month) + 1,
        }
        return any(limit is not None and used[name] > limit for name, limit in self.limits.items())

    def _reward(self, command: Reward) -> list[Move]:
        accruals = ("accruals", command.streamer)
        self._must_exist(accruals)
        return [(platform("reward_expense"), accruals, command.amount_minor)]

    def _freeze(self, command: Freeze) -> list[Move]:
        account = (command.account, command.party)
        self._must_exist(account)
        if command.amount_minor is not None and command.amount_minor > self.balance(account).available:
            raise Refused("insufficient_funds")
        self.holds[command.id] = {
            "account": account,
            "amount": command.amount_minor,
            "expires_at": command.expires_at,
            "ended": None,
        }
        return []

    def _lift(self, command: Lift) -> list[Move]:
        self._open_hold(command.freeze)["ended"] = "released"
        return []

    def _forfeit(self, command: Forfeit) -> list[Move]:
        hold = self._open_hold(command.freeze)
        account = hold["account"]
        if command.currency not in (None, "ZLB" if account[0] in COINS else "CNY"):
            raise Refused("currency_mismatch")
        covered = self.balance(account).available if hold["amount"] is None else hold["amount"]
        taken = covered if command.amount_minor is None else command.amount_minor
        if hold["amount"] is not None and taken > covered:
            raise Refused("exceeds_hold")
        if taken > covered or taken <= 0:
            raise Refused("insufficient_funds")
        hold["ended"] = "captured"
        if account[0] not in COINS:
            return [(account, platform("penalty_income"), taken)]
        return [
            (account, platform("coins_forfeited"), taken),
            (platform("coin_liability"), platform("penalty_income"), 10 * taken),
        ]

    def _reverse(self, command: Reverse) -> list[Move]:
        if command.entry not in self._known_entries:
            raise Refused("entry_not_found")
        if command.entry in self.reversed:
            raise Refused("already_reversed")
        if command.entry in self.settlements:
            raise Refused("not_reversible")
        back = [(credit, debit, amount) for debit, credit, amount in reversed(self.moves[command.entry])]
        left = {account: self.balance(account).available for move in back for account in move[:2]}
        for debit, credit, amount in back:
            for account, change in ((debit, -amount), (credit, amount)):
                left[account] += -change if account[0] in DEBIT_SIDE else change
                if left[account] < 0 and account[0] not in MAY_BE_NEGATIVE:
                    raise Refused("insufficient_funds")
        self.reversed[command.entry] = command.id
        return back

    def _bar(self, command: BarAccount) -> list[Move]:
        account = (command.account, command.owner)
        self._must_exist(account)
        self.bars[command.direction, account] = command.until
        return []

    def _settle(self, command: Settle) -> list[Move]:
        self.runs[command.id] = command
        return []

    def _settlement(self, command: SettleStreamer) -> list[Move]:
        self.settlements.add(command.id)
        gifts, accruals = ("gifts", command.streamer), ("accruals", command.streamer)
        earnings = ("earnings", command.streamer)
        coins, fen = self._ready(gifts, command.through), self._ready(accruals, command.through)
        assert command.share_bps is not None
        # Half a fen goes up: twice the share and one, halved.
        share = (2 * 10 * coins * command.share_bps // 10_000 + 1) // 2
        moves = [
            (gifts, platform("coins_redeemed"), coins),
            (platform("coin_liability"), earnings, share),
            (platform("coin_liability"), platform("gift_revenue"), 10 * coins - share),
            (accruals, earnings, fen),
        ]
        return [move for move in moves if move[2]]

    def _ready(self, account: Account, through: date) -> int:
        if self._is_frozen(account) or self._is_barred("outgoing", account):
            return 0
        # What was undone is as if it had never come, nor gone again.
        in_time = sum(
            amount
            for day, amount, entry in self.came_in[account]
            if day <= through and entry not in self.reversed
        )
        return max(0, in_time - self.went_out[account] - self.balance(account).held)

    # What the rules ask.

    def _must_exist(self, *accounts: Account) -> None:
        if any(account not in self.posted for account in accounts):
            raise Refused("account_not_found")

    def _is_barred(self, direction: str, account: Account) -> bool:
        return self.bars.get((direction, account), 0) > self.now

    def _must_not_be_barred(self, direction: str, account: Account) -> None:
        if self._is_barred(direction, account):
            raise Refused("not_permitted")

    def _open_holds(self, account: Account) -> Iterator[dict[str, Any]]:
        return (hold for hold in self.holds.values() if hold["account"] == account and not hold["ended"])

    def _is_frozen(self, account: Account) -> bool:
        return any(hold["amount"] is None for hold in self._open_holds(account))

    def _open_hold(self, freeze: UUID) -> dict[str, Any]:
        hold = self.holds.get(freeze)
        if hold is None:
            raise Refused("freeze_not_found")
        if hold["ended"]:
            raise Refused(ENDED[hold["ended"]])
        if _is_over(hold, self.now):
            raise Refused("hold_expired")
        return hold


def _is_over(hold: dict[str, Any], now: int) -> bool:
    return hold["expires_at"] is not None and hold["expires_at"] <= now


def _content(command: Command) -> tuple[object, ...]:
    """What the sender said: all but the id, who asks, and the time the server supplied."""
    own = [getattr(command, name) for name in command.__struct_fields__[4:]]
    while own and own[-1] is None:
        own.pop()
    return command.kind, command.said_at, *own
