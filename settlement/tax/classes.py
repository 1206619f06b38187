"""Which class of income a payout is of: reckoned through everything a payee was credited. Pure.

A payee's earnings are a pool with a part for each class. What is credited goes into the part of its class;
a payout takes from all parts in proportion, by largest remainder, so its parts sum to it and none is
overdrawn: whoever is paid out everything is paid exactly what was credited of each class. What leaves the
earnings otherwise was taken back: out of its own class where it names one, else out of all in proportion.
What was taken back since the payout before counts as the returns of the next one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from settlement.kinds import EarningKind


class IncomeClass(StrEnum):
    """What a person earned by; an organisation's income is business income, undivided."""

    TIPS = "tips"
    COMMISSION = "commission"
    LABOUR = "labour"
    OTHER = "other"
    BUSINESS = "business"


PERSONAL_CLASSES = (IncomeClass.TIPS, IncomeClass.COMMISSION, IncomeClass.LABOUR, IncomeClass.OTHER)

#: 打赏收入, 佣金, 劳务 (what was done for the platform), and the rest.
CLASS_OF_KIND: dict[EarningKind, IncomeClass] = {
    EarningKind.GIFT: IncomeClass.TIPS,
    EarningKind.COMMERCE: IncomeClass.COMMISSION,
    EarningKind.TASK: IncomeClass.LABOUR,
    EarningKind.ACTIVITY_AWARD: IncomeClass.LABOUR,
    EarningKind.INTERACTION_PROMO: IncomeClass.LABOUR,
    EarningKind.IP_PROCEEDS: IncomeClass.OTHER,
    EarningKind.ADJUSTMENT: IncomeClass.OTHER,
}


class Moved(NamedTuple):
    """Fen that came into the earnings, or left them below zero. Without a class it is of all of them."""

    income_class: IncomeClass | None
    amount_minor: int


class Sent(NamedTuple):
    """A payout left the earnings; of ``amount_minor`` fen ``tax_minor`` were withheld."""

    payout: UUID
    amount_minor: int
    tax_minor: int


class Failed(NamedTuple):
    """A payout never was."""

    payout: UUID


class CameBack(NamedTuple):
    """A payout was paid, and is earnings again."""

    payout: UUID


Event = Moved | Sent | Failed | CameBack


class Part(NamedTuple):
    """Of one class in one payout, fen. ``net`` was paid, before tax: ``gross`` less ``returns``."""

    gross_minor: int
    returns_minor: int
    net_minor: int
    tax_minor: int


def split(amount_minor: int, weights: Mapping[IncomeClass, int]) -> dict[IncomeClass, int]:
    """An amount in proportion to weights, by largest remainder, ties in the order of the classes.

    The parts sum to it, and none exceeds its weight where the amount does not exceed their sum. Without any
    weight all of it is other income.
    """
    positive = {name: weight for name, weight in weights.items() if weight > 0}
    total = sum(positive.values())
    if not total:
        return {IncomeClass.OTHER: amount_minor} if amount_minor else {}
    parts = {name: amount_minor * weight // total for name, weight in positive.items()}
    remainders = {name: amount_minor * weight % total for name, weight in positive.items()}
    order = sorted(positive, key=lambda name: (-remainders[name], PERSONAL_CLASSES.index(name)))
    for name in order[: amount_minor - sum(parts.values())]:
        parts[name] += 1
    return {name: part for name, part in parts.items() if part}


@dataclass
class _Paid:
    parts: dict[IncomeClass, int]
    returns: dict[IncomeClass, int]
    taxes: dict[IncomeClass, int]
    came_back: bool = False


@dataclass
class _Pool:
    """A payee's earnings by class, and what was taken back since the last payout."""

    parts: dict[IncomeClass, int] = field(default_factory=lambda: dict.fromkeys(PERSONAL_CLASSES, 0))
    returns: dict[IncomeClass, int] = field(default_factory=dict)

    def credit(self, parts: Mapping[IncomeClass, int]) -> None:
        for name, part in parts.items():
            self.parts[name] += part

    def take_back(self, income_class: IncomeClass | None, amount_minor: int) -> None:
        own = 0
        if income_class is not None:
            own = min(amount_minor, max(0, self.parts[income_class]))
            self._take({income_class: own})
        self._take(split(amount_minor - own, self.parts))

    def _take(self, parts: Mapping[IncomeClass, int]) -> None:
        for name, part in parts.items():
            self.parts[name] -= part
            self.returns[name] = self.returns.get(name, 0) + part

    def pay(self, sent: Sent) -> _Paid:
        parts = split(sent.amount_minor, self.parts)
        for name, part in parts.items():
            self.parts[name] -= part
        returns, self.returns = self.returns, {}
        return _Paid(parts, returns, split(sent.tax_minor, parts))

    def undo(self, paid: _Paid) -> None:
        self.credit(paid.parts)
        for name, part in paid.returns.items():
            self.returns[name] = self.returns.get(name, 0) + part


def classed(events: Iterable[Event]) -> dict[UUID, dict[IncomeClass, Part]]:
    """The classes of a payee's payouts, of those that did not fail, from all that befell its earnings."""
    pool, payouts = _Pool(), dict[UUID, _Paid]()
    for event in events:
        match event:
            case Moved(income_class, amount) if amount >= 0:
                pool.credit({income_class or IncomeClass.OTHER: amount})
            case Moved(income_class, amount):
                pool.take_back(income_class, -amount)
            case Sent():
                payouts[event.payout] = pool.pay(event)
            case Failed(payout):
                pool.undo(payouts.pop(payout))
            case CameBack(payout):
                payouts[payout].came_back = True
                pool.credit(payouts[payout].parts)
    return {payout: _parts(paid) for payout, paid in payouts.items()}


def _parts(paid: _Paid) -> dict[IncomeClass, Part]:
    found = {}
    for name in PERSONAL_CLASSES:
        part, taken_back = paid.parts.get(name, 0), paid.returns.get(name, 0)
        if not part and not taken_back:
            continue
        net, tax = (0, 0) if paid.came_back else (part, paid.taxes.get(name, 0))
        found[name] = Part(part + taken_back, part + taken_back - net, net, tax)
    return found
