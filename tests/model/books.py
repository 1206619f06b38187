"""The books as plain dictionaries: what every event of a file must do, told without a database.

A second, slower reading of the event file format, which shares no code with the ledger it is compared to.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import TextIO

from tests.model.events import (
    Event,
    Forfeit,
    Freeze,
    Gift,
    Lift,
    Limit,
    Register,
    Reward,
    Settle,
    Tip,
    TopUp,
)
from tests.model.lines import COIN_ACCOUNTS, FACE_VALUE_FEN, Malformed, currency_of, events_of

CHINA = timezone(timedelta(hours=8))
OPENED_BY = {"viewer": ("wallet",), "streamer": ("gifts", "accruals", "earnings")}
DEBIT_SIDE = ("channel_clearing", "promotion_expense", "reward_expense", "coins_issued")
COIN_KINDS = (*COIN_ACCOUNTS, "coins_issued", "coins_redeemed", "coins_forfeited")
PLATFORM = "platform"

Account = tuple[str, str]
"""Kind and owner."""


@dataclass
class _Frozen:
    """A freeze in force or ended; `minor` is None where it froze the whole account."""

    account: Account
    minor: int | None
    ended: str | None = None


class PlainBooks:
    """All the state that events can make, in dictionaries; amounts in minor units on the normal side."""

    def __init__(self) -> None:
        self.prices: dict[str, int] = {}
        self.per_tip: int | None = None
        self.per_day: int | None = None
        self.accounts: set[Account] = set()
        self._freezes: dict[str, _Frozen] = {}
        self._in_force: defaultdict[Account, set[str]] = defaultdict(set)
        self._posted: defaultdict[Account, int] = defaultdict(int)
        self._touched: set[Account] = set()
        self._received: defaultdict[Account, defaultdict[date, int]] = defaultdict(lambda: defaultdict(int))
        self._left: defaultdict[Account, int] = defaultdict(int)
        self._tipped: defaultdict[tuple[str, date], int] = defaultdict(int)
        self._credited: set[tuple[str, str]] = set()
        self._decided: dict[str, tuple[Event, str | None]] = {}

    def posted(self, kind: str, owner: str = PLATFORM) -> int:
        """The balance on the account's normal side; zero where nothing ever happened."""
        return self._posted.get((kind, owner), 0)

    def held(self, kind: str, owner: str = PLATFORM) -> int:
        """What the open freezes of an amount set aside there."""
        return sum(self._freezes[id].minor or 0 for id in self.in_force(kind, owner))

    def available(self, kind: str, owner: str = PLATFORM) -> int:
        """Posted less held."""
        return self.posted(kind, owner) - self.held(kind, owner)

    def is_frozen(self, kind: str, owner: str) -> bool:
        """Whether a freeze of the whole account is in force."""
        return any(self._freezes[id].minor is None for id in self.in_force(kind, owner))

    def in_force(self, kind: str, owner: str) -> frozenset[str]:
        """The ids of the freezes in force on that account, of an amount or whole."""
        return frozenset(self._in_force.get((kind, owner), ()))

    def freeze(self, id: str) -> tuple[Account, int | None, str | None] | None:
        """An accepted freeze: its account, the amount it held (None: the whole account), the code that
        asking for it again would get now that it has ended (None: in force)."""
        found = self._freezes.get(id)
        return None if found is None else (found.account, found.minor, found.ended)

    def is_open(self, kind: str, owner: str) -> bool:
        """Whether a register opened that account for that party."""
        return (kind, owner) in self.accounts

    def tipped(self, viewer: str, day: date) -> int:
        """The coins of that viewer's accepted tips of one day in China."""
        return self._tipped.get((viewer, day), 0)

    def decision(self, id: str) -> tuple[Event, str | None] | None:
        """What was first asked under that id, and the code it was refused with; None if the id is free."""
        return self._decided.get(id)

    def play(self, event: Event) -> str | None:
        """Decide the event once, and do it: None if accepted, the code if refused."""
        if event.id in self._decided:
            first, code = self._decided[event.id]
            return code if event == first else "id_conflict"
        code = self._decide(event)
        self._decided[event.id] = event, code
        return code

    def balances(self) -> list[dict[str, str | int]]:
        """Every account ever touched, by kind and owner in the order of their UTF-8 bytes."""
        return [
            {
                "kind": kind,
                "owner": owner,
                "currency": "ZLB" if kind in COIN_KINDS else "CNY",
                "posted": self.posted(kind, owner),
                "held": self.held(kind, owner),
            }
            for kind, owner in sorted(self._touched, key=lambda key: (key[0].encode(), key[1].encode()))
        ]

    def _decide(self, event: Event) -> str | None:
        match event:
            case Register():
                for role in event.roles:
                    self.accounts.update((kind, event.party) for kind in OPENED_BY[role])
                return None
            case Gift():
                self.prices[event.gift] = event.coins
                return None
            case Limit():
                self.per_tip, self.per_day = event.per_tip, event.per_day
                return None
            case TopUp():
                return self._top_up(event)
            case Tip():
                return self._tip(event)
            case Reward():
                return self._reward(event)
            case Freeze():
                return self._freeze(event)
            case Lift():
                return self._lift(event)
            case Forfeit():
                return self._forfeit(event)
            case Settle():
                self._settle(event)
                return None
        raise AssertionError(f"no such event: {event}")

    def _top_up(self, event: TopUp) -> str | None:
        wallet = ("wallet", event.viewer)
        if wallet not in self.accounts:
            return "account_not_found"
        if (event.channel, event.channel_txn) in self._credited:
            return "payment_already_credited"
        self._credited.add((event.channel, event.channel_txn))
        face = event.coins * FACE_VALUE_FEN
        self._move(("coins_issued", PLATFORM), wallet, event.coins)
        self._move(("channel_clearing", event.channel), ("coin_liability", PLATFORM), event.paid.minor)
        self._move(("promotion_expense", PLATFORM), ("coin_liability", PLATFORM), face - event.paid.minor)
        return None

    def _tip(self, event: Tip) -> str | None:
        wallet, gifts, day = ("wallet", event.viewer), ("gifts", event.streamer), day_of(event.at)
        if event.gift not in self.prices:
            return "gift_not_on_sale"
        if wallet not in self.accounts or gifts not in self.accounts:
            return "account_not_found"
        if self.is_frozen(*wallet):
            return "account_frozen"
        coins = self.prices[event.gift] * event.quantity
        if self.per_tip is not None and coins > self.per_tip:
            return "limit_exceeded"
        if self.per_day is not None and self.tipped(event.viewer, day) + coins > self.per_day:
            return "limit_exceeded"
        if coins > self.available(*wallet):
            return "insufficient_funds"
        self._tipped[event.viewer, day] += coins
        self._received[gifts][day] += coins
        self._move(wallet, gifts, coins)
        return None

    def _reward(self, event: Reward) -> str | None:
        accruals = ("accruals", event.streamer)
        if accruals not in self.accounts:
            return "account_not_found"
        self._received[accruals][day_of(event.at)] += event.amount.minor
        self._move(("reward_expense", PLATFORM), accruals, event.amount.minor)
        return None

    def _freeze(self, event: Freeze) -> str | None:
        account = (event.account, event.party)
        if account not in self.accounts:
            return "account_not_found"
        if event.amount is not None:
            if event.amount.minor > self.available(*account):
                return "insufficient_funds"
            self._touched.add(account)
        self._freezes[event.id] = _Frozen(account, None if event.amount is None else event.amount.minor)
        self._in_force[account].add(event.id)
        return None

    def _lift(self, event: Lift) -> str | None:
        freeze = self._freezes.get(event.freeze)
        if freeze is None:
            return "freeze_not_found"
        if freeze.ended is not None:
            return freeze.ended
        self._end(event.freeze, "hold_already_released")
        return None

    def _forfeit(self, event: Forfeit) -> str | None:
        freeze = self._freezes.get(event.freeze)
        if freeze is None:
            return "freeze_not_found"
        if freeze.ended is not None:
            return freeze.ended
        kind, owner = freeze.account
        currency = currency_of(kind)
        if event.amount is not None and event.amount.currency != currency:
            return "currency_mismatch"
        there = self.available(kind, owner) if freeze.minor is None else freeze.minor
        taken = there if event.amount is None else event.amount.minor
        if taken > there:
            return "insufficient_funds" if freeze.minor is None else "exceeds_hold"
        if taken == 0:
            return "insufficient_funds"
        self._end(event.freeze, "hold_already_captured")
        self._left[freeze.account] += taken
        if currency == "ZLB":
            self._move(freeze.account, ("coins_forfeited", PLATFORM), taken)
            self._move(("coin_liability", PLATFORM), ("penalty_income", PLATFORM), taken * FACE_VALUE_FEN)
        else:
            self._move(freeze.account, ("penalty_income", PLATFORM), taken)
        return None

    def _end(self, id: str, code_from_now_on: str) -> None:
        self._freezes[id].ended = code_from_now_on
        self._in_force[self._freezes[id].account].remove(id)

    def _settle(self, event: Settle) -> None:
        for kind, owner in sorted(self.accounts):
            if kind not in ("gifts", "accruals") or self.is_frozen(kind, owner):
                continue
            account = (kind, owner)
            received = sum(minor for day, minor in self._received[account].items() if day <= event.through)
            free = received - self._left[account] - self.held(kind, owner)
            if free <= 0:
                continue
            self._left[account] += free
            if kind == "accruals":
                self._move(account, ("earnings", owner), free)
                continue
            face = free * FACE_VALUE_FEN
            share = (face * event.share_bps * 2 + 10_000) // 20_000
            self._move(account, ("coins_redeemed", PLATFORM), free)
            self._move(("coin_liability", PLATFORM), ("earnings", owner), share)
            self._move(("coin_liability", PLATFORM), ("gift_revenue", PLATFORM), face - share)

    def _move(self, debit: Account, credit: Account, minor: int) -> None:
        if minor == 0:
            return
        self._posted[debit] += minor if debit[0] in DEBIT_SIDE else -minor
        self._posted[credit] += -minor if credit[0] in DEBIT_SIDE else minor
        self._touched.update((debit, credit))


def day_of(at: datetime) -> date:
    """The calendar day in China."""
    return at.astimezone(CHINA).date()


def replay(file: Iterable[bytes], books: PlainBooks, refusals: TextIO) -> list[tuple[int, Malformed]]:
    """Play a file of event lines into the books; refusals are written, malformed lines returned by number."""
    malformed = []
    for line, event in events_of(file):
        if isinstance(event, Malformed):
            malformed.append((line, event))
        elif (code := books.play(event)) is not None:
            write_jsonl(refusals, {"line": line, "id": event.id, "code": code})
    return malformed


def write_jsonl(file: TextIO, value: dict[str, str | int]) -> None:
    """One line as the platform's files have it: `, ` and `: ` between, and no needless escapes."""
    file.write(json.dumps(value, ensure_ascii=False) + "\n")
