"""Sales, penalties, appeals, returns of goods, deductions and runs at random, against a model fen by fen."""

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ledger.database import Database
from settlement.accruals.commands import Adjust
from tests.moderation.lately import head
from tests.settlement.received_again.selling import Shop
from tests.settlement.returns.playing import assert_sound


@dataclass
class Lot:
    """A sale: what of its commission lies among the accruals, and what can return."""

    order: str
    at: int
    left: int
    kept: int


@dataclass
class Model:
    """The same, fen by fen."""

    lots: list[Lot] = field(default_factory=list)
    earnings: int = 0
    debt: int = 0

    def oldest(self, amount: int) -> list[tuple[Lot, int]]:
        """Take the oldest that are left."""
        taken = []
        for lot in sorted(self.lots, key=lambda lot: lot.at):
            if part := min(amount, lot.left):
                lot.left -= part
                amount -= part
                taken.append((lot, part))
        assert not amount, "more was taken than was there"
        return taken

    def give_back(self, taken: list[tuple[Lot, int]], amount: int) -> None:
        """The last of what was taken is back where it was."""
        for lot, part in reversed(taken):
            back = min(amount, part)
            lot.left += back
            amount -= back
        assert not amount, "more was given back than was taken"

    def take_back(self, lot: Lot, amount: int) -> None:
        """Out of the accruals what of it is there, then out of the earnings, and the rest is owed."""
        lot.kept -= amount
        part = min(amount, lot.left)
        lot.left -= part
        self.spend(amount - part)

    def spend(self, amount: int) -> None:
        """What the accruals cannot give of an amount."""
        of_earnings = min(amount, self.earnings)
        self.earnings -= of_earnings
        self.debt += amount - of_earnings

    @property
    def accruals(self) -> int:
        """What is not settled."""
        return sum(lot.left for lot in self.lots)


_OFTEN = ["sale", "return", "punish", "overturn"]
_DEEDS = st.lists(
    st.tuples(
        st.sampled_from([*_OFTEN * 3, "return", "deduct", "settle"]),
        st.integers(1, 600),
        st.integers(0, 3),
    ),
    min_size=8,
    max_size=16,
)


@pytest.fixture(scope="module")
def blank(_migrated: str) -> str:
    """Books in which nothing happened, to be copied."""
    return _migrated


class Play:
    """The books of one example beside its model."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.model = Model()
        self.penalties: list[tuple[UUID, list[tuple[Lot, int]], int]] = []

    def do(self, deed: str, amount: int, number: int) -> None:
        """One deed, where there is something to do it with; the balances are the model's."""
        model, shop = self.model, self.shop
        match deed:
            case "sale":
                # The days go back and forth, but no two are of one moment.
                count = len(model.lots)
                lot = Lot(f"O-{count}", number * 1_000 + count, amount, amount)
                shop.sold(lot.order, amount, day=number, later=count)
                model.lots.append(lot)
            case "return" if lots := [lot for lot in model.lots if lot.kept]:
                lot = lots[number % len(lots)]
                part = min(amount, lot.kept)
                shop.came_back(lot.order, part)
                model.take_back(lot, part)
            case "punish" if model.accruals:
                there = model.accruals + model.earnings
                decision = shop.punished(min(amount, there))
                self.penalties.append((decision, *self._lost()))
            case "overturn" if self.penalties:
                decision, taken, of_earnings = self.penalties.pop(number % len(self.penalties))
                before = shop.minors()
                whole = sum(part for _, part in taken) + of_earnings
                shop.overturned(decision, stays=amount if amount < whole and number % 2 else None)
                after = shop.minors()
                model.give_back(taken, after.accruals - before.accruals)
                model.earnings = after.earnings
            case "deduct":
                shop.court.done(Adjust(*head("finance:f1", day=20), "bo", -amount, "counted twice"))
                part = min(amount, model.accruals)
                model.oldest(part)
                model.spend(amount - part)
            case "settle":
                self.settle()
        assert shop.minors()[:3] == (model.accruals, model.earnings, model.debt)

    def settle(self) -> None:
        """A run takes of each order what the model has of it."""
        expected = {lot.order: lot.left for lot in self.model.lots if lot.left}
        found = {order: taken for order, taken in self.shop.settled().items() if taken}
        assert found == expected
        for lot in self.model.lots:
            self.model.earnings += lot.left
            lot.left = 0

    def _lost(self) -> tuple[list[tuple[Lot, int]], int]:
        """What a penalty took of the accruals, the oldest, and of the earnings."""
        accruals, earnings, _, _ = self.shop.minors()
        of_earnings, self.model.earnings = self.model.earnings - earnings, earnings
        return self.model.oldest(self.model.accruals - accruals), of_earnings


@settings(max_examples=12, phases=(Phase.generate,), deadline=None, suppress_health_check=list(HealthCheck))
@given(deeds=_DEEDS)
def test_whatever_was_given_back_what_returns_is_taken_where_it_is(
    server: Database, blank: str, deeds: list[tuple[str, int, int]]
) -> None:
    with server.scratch(copy_of=blank) as database:
        play = Play(Shop(database))
        for deed in deeds:
            play.do(*deed)
        play.settle()
        assert play.shop.minors().accruals == 0
        assert_sound(database)
