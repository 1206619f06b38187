"""Decisions and what they bar, hold and take, as plain values: what should be so. Shares no code."""

from dataclasses import dataclass, field

SERVICE = ("stream", "receive", "tip", "top_up")
KEEPS_FROM = {
    "pause": ("stream",),
    "suspend_service": SERVICE,
    "terminate_service": SERVICE,
    "close_account": (*SERVICE, "comment"),
    "recover_account": (*SERVICE, "comment", "withdraw"),
    "legal_hold": ("withdraw",),
}
#: Which account, and which side of it, each feature is.
SIDES = {
    "tip": ("wallet", "outgoing"),
    "top_up": ("wallet", "incoming"),
    "receive": ("gifts", "incoming"),
    "stream": ("accruals", "incoming"),
    "withdraw": ("earnings", "outgoing"),
}
COINS = ("wallet", "gifts")
#: Of these what is decided is set aside; debts and compensation are only written down when they are due.
HELD = ("wallet", "gifts", "accruals", "earnings")
#: Fen that a moderator may take of a person alone, in thirty days.
BOUND = 50_000
#: The year 2999: what has no end.
FOREVER = 32_503_593_600_000_000

Account = tuple[str, str]
Amounts = dict[Account, int]


@dataclass
class PlainDecision:
    """A decision on a party, by number of its measures.

    ``takes`` is what each takes (or gives) still, of which account; ``freezes`` what each holds besides;
    ``first`` what each was decided to take, in fen.
    """

    party: str
    day: int
    takes: dict[int, list[tuple[Account, int]]] = field(default_factory=dict)
    freezes: dict[int, Amounts] = field(default_factory=dict)
    is_at_once: bool = False
    needs_second: bool = False
    is_approved: bool = False
    is_refused: bool = False
    is_executed: bool = False
    is_overturned: bool = False
    appeal: str | None = None
    first: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.first = {n: worth(takes) for n, takes in self.takes.items()}

    @property
    def stands(self) -> bool:
        return not self.is_refused and not self.is_overturned

    @property
    def is_appealed(self) -> bool:
        return self.appeal == "open"

    @property
    def waits(self) -> bool:
        """Whether it waits for a second person."""
        return self.needs_second and self.stands and not self.is_approved

    @property
    def moves(self) -> Amounts:
        """What is moved on its party's accounts when it is executed."""
        found: Amounts = {}
        for takes in self.takes.values():
            for account, amount in takes:
                is_credited = account[0] in ("debt", "refunds_payable")
                found[account] = found.get(account, 0) + (amount if is_credited else -amount)
        return found

    def is_due(self, day: int) -> bool:
        """Agreed to, its seven days over, nobody asking for another look, and something to take."""
        agreed = self.is_approved or not self.needs_second
        in_time = self.is_at_once or day >= self.day + 8
        return bool(agreed and in_time and self.takes and self.stands) and not (
            self.is_executed or self.is_appealed
        )

    def end(self, n: int) -> None:
        """A measure is none any more."""
        for of_measure in (self.takes, self.freezes, self.first):
            of_measure.pop(n, None)

    def lower(self, n: int, fen: int) -> bool:
        """A measure takes at most so much, of what it takes first; whether that is less, and something."""
        if not 0 < fen < worth(self.takes.get(n, [])):
            return False
        kept = []
        for account, amount in self.takes[n]:
            unit = 10 if account[0] in COINS else 1
            stays = min(amount, fen // unit)
            fen -= stays * unit
            if stays:
                kept.append((account, stays))
        if kept:
            self.takes[n] = kept
        return bool(kept)


@dataclass
class PlainDecisions:
    """All decisions, by id."""

    decisions: dict[str, PlainDecision] = field(default_factory=dict)
    #: What else one person alone took of a party: on which day, in fen.
    alone: list[tuple[str, int, int]] = field(default_factory=list)

    def taken_alone(self, party: str, day: int) -> int:
        """What one person alone took of a party in the last thirty days, in fen, this decision's part too."""
        alone = [
            (one.party, one.day, sum(one.first.values()))
            for one in self.decisions.values()
            if one.stands and not one.needs_second
        ]
        return sum(fen for who, when, fen in alone + self.alone if who == party and when > day - 30)

    def given(self, party: str) -> int:
        """What was given to a party as compensation, or is to be, in fen."""
        return sum(
            amount
            for one in self.decisions.values()
            if one.stands
            for takes in one.takes.values()
            for account, amount in takes
            if account == ("refunds_payable", party)
        )

    def held(self) -> Amounts:
        """What stands held: of money until it is taken or let go, and what was frozen."""
        found: Amounts = {}
        for one in self.decisions.values():
            if not one.stands:
                continue
            takes = [taking for takes in one.takes.values() for taking in takes if taking[0][0] in HELD]
            frozen = [taking for freezes in one.freezes.values() for taking in freezes.items()]
            for account, amount in (*(() if one.is_executed else takes), *frozen):
                found[account] = found.get(account, 0) + amount
        return found


def bars(measures: list[tuple[str, str, str | None, int | None]], now: int) -> dict[tuple[Account, str], int]:
    """Until when each side of each account is barred by measures: party, kind, feature, end (an instant)."""
    found: dict[tuple[Account, str], int] = {}
    for party, kind, feature, until in measures:
        end = FOREVER if until is None else until
        for kept in (feature,) if feature else KEEPS_FROM.get(kind, ()):
            if kept in SIDES and end > now:
                account, side = SIDES[kept]
                key = (account, party), side
                found[key] = max(found.get(key, 0), end)
    return found


def worth(takes: list[tuple[Account, int]]) -> int:
    """What is taken, in fen."""
    return sum(10 * n if account[0] in COINS else n for account, n in takes)


def value_of(amounts: Amounts, party: str) -> int:
    """What a party has, in fen: coins at ten fen, and less what is owed."""
    worth = {"wallet": 10, "gifts": 10, "accruals": 1, "earnings": 1, "refunds_payable": 1, "debt": -1}
    return sum(worth[kind] * n for (kind, owner), n in amounts.items() if owner == party and kind in worth)
