"""What a gateway tells the books, as plain values: two events are the same content when they are equal.

Ids are lower case, times are instants in UTC, CNY amounts are whole fen.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

Currency = Literal["ZLB", "CNY"]


class Money(NamedTuple):
    """An amount in minor units (coins, fen) that says which currency it is in."""

    currency: Currency
    minor: int


@dataclass(frozen=True)
class Event:
    """One thing that happened, under the id by which it is decided once."""

    id: str
    at: datetime


@dataclass(frozen=True)
class Register(Event):
    party: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Gift(Event):
    gift: str
    coins: int


@dataclass(frozen=True)
class Limit(Event):
    per_tip: int | None
    per_day: int | None


@dataclass(frozen=True)
class TopUp(Event):
    viewer: str
    coins: int
    paid: Money
    channel: str
    channel_txn: str


@dataclass(frozen=True)
class Tip(Event):
    viewer: str
    streamer: str
    room: str
    gift: str
    quantity: int


@dataclass(frozen=True)
class Reward(Event):
    streamer: str
    task: str
    amount: Money


@dataclass(frozen=True)
class Freeze(Event):
    party: str
    account: str
    amount: Money | None
    case: str
    rule: str


@dataclass(frozen=True)
class Lift(Event):
    freeze: str
    case: str


@dataclass(frozen=True)
class Forfeit(Event):
    freeze: str
    amount: Money | None
    case: str
    rule: str


@dataclass(frozen=True)
class Settle(Event):
    through: date
    share_bps: int
