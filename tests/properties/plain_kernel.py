"""The kernel as plain dictionaries: acts happen one after another on a copy, kept if all went well."""

from copy import deepcopy
from typing import Any
from uuid import UUID

from ledger.kernel.entries import Bar, Capture, Entry, Expire, Hold, Open, Release, Transfer

Account = tuple[str, str]

#: design.md §3: what is tried, in this order.
ORDER = (
    "account_not_found",
    "hold_already_released",
    "hold_already_captured",
    "hold_expired",
    "not_permitted",
    "account_frozen",
    "exceeds_hold",
    "limit_exceeded",
    "insufficient_funds",
)
DEBIT_SIDE = (
    "coins_issued",
    "channel_clearing",
    "bank",
    "debt",
    "reward_expense",
    "award_expense",
    "commission_expense",
    "promotion_expense",
    "enforcement_cost",
    "adjustments",
)
UNLIMITED = (
    *set(DEBIT_SIDE) - {"debt"},
    "gift_revenue",
    "penalty_income",
    "ip_income",
    "damages_income",
    "tax_withheld",
)
FREEZE_STOPS = ("tip", "settlement", "payout_request")
#: Of these, what holds for its owner's sake: settlement only keeps back what it brings.
FREEZE_STOPS_HOLDING = ("payout_request",)
INCOMING_STOPPED = ("tip", "topup")
CODE_OF_END = {"released": ORDER[1], "captured": ORDER[2], "expired": ORDER[3]}


class PlainKernel:
    """Balances, holds and bars of a few accounts; ``accounts`` are those open at first."""

    def __init__(self, accounts: list[Account], now: int) -> None:
        self.now = now
        self.posted = dict.fromkeys(accounts, 0)
        self.holds: dict[UUID, dict[str, Any]] = {}
        self.bars: dict[tuple[Account, str], int] = {}

    def held(self, account: Account) -> int:
        """What its open holds set aside."""
        return sum(hold["amount"] or 0 for hold in self._open(account))

    def frozen_by(self, account: Account) -> int:
        """How many open holds cover all of it."""
        return sum(hold["amount"] is None for hold in self._open(account))

    def post(self, entry: Entry) -> str | None:
        """The code of the refusal, or None once all acts happened."""
        codes = set(self._codes(entry))
        if codes:
            return min(codes, key=ORDER.index)
        before = deepcopy((self.posted, self.holds, self.bars))
        for act in entry.acts:
            if not self._happens(act):
                self.posted, self.holds, self.bars = before
                return "insufficient_funds"
        return None

    def _codes(self, entry: Entry) -> list[str]:
        """Every reason to refuse that does not depend on what the acts move."""
        codes: list[str] = []
        known = {*self.posted, *(act.account for act in entry.acts if isinstance(act, Open))}
        holds = deepcopy(self.holds)
        for act in entry.acts:
            if isinstance(act, Transfer):
                codes += self._passing(entry.kind, known, act.debit, act.credit)
            elif isinstance(act, Hold):
                holds[act.hold] = {
                    "account": act.account,
                    "amount": act.amount_minor,
                    "until": act.expires_at,
                    "end": None,
                }
                if entry.kind in FREEZE_STOPS_HOLDING or act.account not in known:
                    codes += self._leaving(entry.kind, known, act.account)
            elif isinstance(act, Bar):
                codes += [] if act.account in known else ["account_not_found"]
            elif isinstance(act, Capture | Release | Expire):
                hold = holds[act.hold]
                is_over = hold["until"] is not None and hold["until"] <= self.now
                if is_over and not isinstance(act, Expire):
                    hold["end"] = hold["end"] or "expired"
                if hold["end"]:
                    codes.append(CODE_OF_END[hold["end"]])
                if isinstance(act, Capture):
                    for taker, _ in act.to:
                        codes += self._passing(entry.kind, known, hold["account"], taker)
                    if hold["amount"] is not None and sum(minor for _, minor in act.to) > hold["amount"]:
                        codes.append("exceeds_hold")
                hold["end"] = hold["end"] or _end(act)
        return codes

    def _passing(self, kind: str, known: set[Any], debit: Account, credit: Account) -> list[str]:
        falls = (debit if debit[0] not in DEBIT_SIDE else None, credit if credit[0] in DEBIT_SIDE else None)
        codes = []
        for account in (debit, credit):
            codes += self._leaving(kind, known, account) if account in falls else []
            if account not in known:
                codes.append("account_not_found")
            elif account not in falls and kind in INCOMING_STOPPED and self._barred(account, "incoming"):
                codes.append("not_permitted")
        return codes

    def _leaving(self, kind: str, known: set[Any], account: Account) -> list[str]:
        if account not in known:
            return ["account_not_found"]
        if kind not in FREEZE_STOPS:
            return []
        barred, frozen = self._barred(account, "outgoing"), self.frozen_by(account)
        return ["not_permitted"] * barred + ["account_frozen"] * bool(frozen)

    def _barred(self, account: Account, direction: str) -> bool:
        return self.bars.get((account, direction), 0) > self.now

    def _happens(self, act: object) -> bool:
        if isinstance(act, Transfer):
            return self._move(act.debit, act.credit, act.amount_minor)
        if isinstance(act, Open):
            self.posted[act.account] = 0
        elif isinstance(act, Bar):
            self.bars[act.account, act.direction] = act.until
        elif isinstance(act, Hold):
            if act.amount_minor and self.posted[act.account] - self.held(act.account) < act.amount_minor:
                return False
            self.holds[act.hold] = {
                "account": act.account,
                "amount": act.amount_minor,
                "until": act.expires_at,
                "end": None,
            }
        elif isinstance(act, Capture | Release | Expire):
            hold = self.holds[act.hold]
            hold["end"] = _end(act)
            if isinstance(act, Capture):
                return all(self._move(hold["account"], taker, minor) for taker, minor in act.to)
        return True

    def _move(self, debit: Account, credit: Account, minor: int) -> bool:
        for account, change in ((debit, -minor), (credit, minor)):
            self.posted[account] += -change if account[0] in DEBIT_SIDE else change
        return all(
            account[0] in UNLIMITED or self.posted[account] >= self.held(account)
            for account in (debit, credit)
        )

    def _open(self, account: Account) -> list[dict[str, Any]]:
        return [hold for hold in self.holds.values() if hold["account"] == account and not hold["end"]]


def _end(act: Capture | Release | Expire) -> str:
    return {Capture: "captured", Release: "released", Expire: "expired"}[type(act)]
