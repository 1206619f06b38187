"""Tips, penalties, appeals, returns, forfeits and runs at random, against a model coin by coin."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ledger.database import Database
from ledger.journal.reversals import Reverse
from ledger.money import BPS, round_half_up
from settlement.returns.selections import ListedTips, StreamerTips
from tests.moderation.lately import head
from tests.settlement.received_again.tipping import Going, Room
from tests.settlement.returns.playing import ALWAYS, assert_sound, carried_out, planned, returned


@dataclass(eq=False)
class Given:
    """A tip: when it was given, its coins, how many of them are settled, and whether it was undone."""

    id: UUID
    who: str
    day: int
    at: int
    coins: int
    settled: int = 0
    is_undone: bool = False


@dataclass
class Receipt:
    """Coins that came into the gifts as of a time: whose each is, of those that are left."""

    day: int
    at: int
    coins: list[Given]
    is_first: bool = False


@dataclass
class Taken:
    """A coin that a measure took, and the first receipt of its day that the measure took of."""

    of: Given
    like: Receipt


@dataclass
class Model:
    """The same, coin by coin."""

    tips: list[Given] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    gone: dict[UUID, list[tuple[Given, int, int]]] = field(default_factory=dict)
    redeemed: int = 0
    fined: int = 0

    @property
    def gifts(self) -> int:
        """What is not settled."""
        return sum(len(receipt.coins) for receipt in self.receipts)

    def received(self, tip: Given) -> None:
        """A tip comes."""
        self.tips.append(tip)
        self.receipts.append(Receipt(tip.day, tip.at, [tip] * tip.coins, True))

    def take(self, amount: int) -> list[Taken]:
        """Take the oldest that are left."""
        taken: list[Taken] = []
        oldest = sorted(self.receipts, key=lambda receipt: (receipt.day, receipt.at))
        for _, of_day in groupby(oldest, lambda receipt: receipt.day):
            like: Receipt | None = None
            for receipt in of_day:
                part, receipt.coins = receipt.coins[:amount], receipt.coins[amount:]
                amount -= len(part)
                like = like or (receipt if part else None)
                taken += [Taken(coin, like) for coin in part if like]
        assert not amount, "more was taken than was there"
        return taken

    def give_back(self, taken: list[Taken], amount: int) -> None:
        """The last of what was taken is received again: what is of one day together, and tip by tip."""
        back = taken[len(taken) - amount :]
        del taken[len(taken) - amount :]
        for _, alike in groupby(back, lambda coin: id(coin.like)):
            coins = list(alike)
            of_tips = Counter(one.of for one in coins)
            self.receipts.append(Receipt(coins[0].like.day, coins[0].like.at, list(of_tips.elements())))

    def there(self, tip: Given) -> int:
        """How many of a tip's coins are not settled and not taken."""
        return sum(receipt.coins.count(tip) for receipt in self.receipts)

    def can_go(self, tip: Given) -> bool:
        """Whether nothing of it is missing."""
        return not tip.is_undone and self.there(tip) + tip.settled == tip.coins

    def go(self, plan: UUID, tip: Given, bps: int = BPS) -> None:
        """A tip, or a part, goes back: what it has not given elsewhere out of what was received again."""
        there = self.there(tip)
        unsettled = round_half_up(there * bps, BPS)
        settled = round_half_up(tip.coins * bps, BPS) - unsettled
        tip.is_undone = True
        self.redeemed -= settled
        self.gone.setdefault(plan, []).append((tip, unsettled, settled))
        for receipt in sorted(self.receipts, key=lambda receipt: not receipt.is_first):
            while unsettled and tip in receipt.coins:
                del receipt.coins[len(receipt.coins) - 1 - receipt.coins[::-1].index(tip)]
                unsettled -= 1

    def stand_again(self, plan: UUID) -> None:
        """What went back is received as of when it was given, and is nobody's who can have it back."""
        for tip, unsettled, settled in self.gone.pop(plan, []):
            self.receipts.append(Receipt(tip.day, tip.at, [tip] * unsettled))
            self.redeemed += settled

    def reverse(self, tip: Given) -> None:
        """What is left of the very receipt is gone, and for the rest the oldest others."""
        tip.is_undone = True
        (own,) = [one for one in self.receipts if one.is_first and (one.day, one.at) == (tip.day, tip.at)]
        self.receipts.remove(own)
        self.take(tip.coins - len(own.coins))

    def settle(self, amount: int) -> None:
        """A run takes so many."""
        self.redeemed += amount
        for coin in self.take(amount):
            coin.of.settled += 1


_OFTEN = ["wrong", "wrong", "punish", "overturn", "back"]
_RARELY = ["tip", "settle", "settle in part", "forfeit", "reverse", "plan", "carry out", "restore", "part"]
_TIPS = st.lists(st.tuples(st.just("tip"), st.integers(1, 60), st.integers(0, 3)), min_size=3, max_size=7)
_Deeds = list[tuple[str, int, int]]
_DEEDS = st.lists(
    st.tuples(st.sampled_from([*_OFTEN * 4, *_RARELY]), st.integers(1, 60), st.integers(0, 3)),
    min_size=8,
    max_size=20,
)


@pytest.fixture(scope="module")
def blank(_migrated: str) -> str:
    """Books in which nothing happened, to be copied."""
    return _migrated


class Play:
    """The books of one example beside its model."""

    def __init__(self, room: Room, *, flat: bool) -> None:
        self.room = room
        self.flat = flat
        self.model = Model()
        self.penalties: list[tuple[UUID, list[Taken]]] = []
        self.waiting: list[UUID] = []
        if not flat:
            room.under_a_policy()

    def do(self, deed: str, amount: int, number: int) -> None:
        """One deed, where there is something to do it with; the balances are the model's."""
        model, room = self.model, self.room
        there = model.gifts
        mine = [tip for tip in model.tips if tip.who == "kim"]
        match deed:
            case "tip":
                # The days go back and forth, but no two are of one moment. Who was punished often is barred.
                count, who = len(model.tips), "kim" if amount % 3 else "ana"
                if id := room.maybe_tipped(who, amount, day=number, later=count):
                    model.received(Given(id, who, number, count, amount))
            case "punish" if there:
                self.punish(min(amount + 10 * number, there))
            case "overturn" if self.penalties:
                self.overturn(number, amount)
            case "wrong" if there:
                self.punish(min(amount + 20 * number, there))
                self.overturn(-1, 0)
            case "settle":
                room.settled(flat=self.flat)
                model.settle(there)
            case "settle in part" if there:
                freeze = room.held(min(amount, there))
                room.settled(flat=self.flat)
                room.free(freeze)
                model.settle(max(0, there - amount))
            case "forfeit" if there:
                room.forfeited(min(amount, there))
                model.take(min(amount, there))
            case "reverse" if model.tips:
                tip = model.tips[amount % len(model.tips)]
                asked = Reverse(*head("finance:f1", day=13), tip.id, "by mistake")
                if room.court.refusal(asked) is None:
                    model.reverse(tip)
            case "back" if mine:
                tips = mine if number == 3 else [mine[amount % len(mine)]]
                self.went(self.plan(tips), tips)
            case "part" if mine:
                tip = mine[amount % len(mine)]
                can_go = model.can_go(tip)
                plan = returned(room.court.journal, ListedTips("kim", (tip.id,)), "minor", 5_000)
                if can_go:
                    model.go(plan, tip, 5_000)
            case "plan" if mine:
                self.waiting.append(self.plan(mine))
            case "carry out" if self.waiting:
                plan = self.waiting.pop(number % len(self.waiting))
                posted = {row.tip for row in self.room.rows_of(plan)}
                self.went(plan, [tip for tip in mine if room.entry_of(tip.id) in posted])
            case "restore" if model.gone:
                plan = list(model.gone)[number % len(model.gone)]
                room.restored(plan)
                model.stand_again(plan)
        assert room.coins()[::2] == (model.gifts, model.redeemed)

    def plan(self, tips: list[Given]) -> UUID:
        """A plan shows what of these tips, all of kim's or some, the model says can go back."""
        model = self.model
        plan = self.room.planned(ListedTips("kim", tuple(tip.id for tip in tips)))
        going = [Going(tip.coins, model.there(tip)) for tip in tips if model.can_go(tip)]
        assert self.room.going(plan) == going
        undone = sum(tip.is_undone for tip in tips)
        assert self.room.left_out(plan) == (undone, len(tips) - undone - len(going), 0)
        return plan

    def went(self, plan: UUID, tips: list[Given]) -> None:
        """It is carried out."""
        carried_out(self.room.court.journal, plan)
        for tip in tips:
            if self.model.can_go(tip):
                self.model.go(plan, tip)

    def punish(self, coins: int) -> None:
        """A penalty takes what is free of the earnings, then gifts."""
        before, earned = self.room.coins().gifts, self.room.earned()
        decision = self.room.punished(coins)
        self.model.fined += earned - self.room.earned()
        self.penalties.append((decision, self.model.take(before - self.room.coins().gifts)))

    def overturn(self, number: int, stays: int) -> None:
        """It is given back, or all but so much."""
        decision, taken = self.penalties.pop(number % len(self.penalties) if number >= 0 else -1)
        before, earned = self.room.coins().gifts, self.room.earned()
        is_lowered = number == 3 and stays < len(taken)
        self.room.overturned(decision, stays=stays if is_lowered else None)
        self.model.fined += earned - self.room.earned()
        self.model.give_back(taken, self.room.coins().gifts - before)

    def end(self) -> None:
        """All is settled, and whatever can goes back: nobody has kept or lost a fen of it."""
        self.do("settle", 1, 0)
        assert_sound(self.room.court.database)
        journal = self.room.court.journal
        plan = planned(journal, StreamerTips("bo", *ALWAYS))
        assert len(self.room.going(plan)) == sum(map(self.model.can_go, self.model.tips))
        self.went(plan, self.model.tips)
        assert self.room.coins()[::2] == (0, self.model.redeemed)
        of_guild = 0 if self.flat else self.room.earned("公会")
        revenue = self.room.court.balance("gift_revenue", "platform")
        kept = self.room.earned() + self.model.fined
        assert kept + of_guild + revenue == 10 * self.model.redeemed
        if not self.model.redeemed:
            assert (kept, of_guild, revenue) == (0, 0, 0)
        assert_sound(self.room.court.database)


@settings(max_examples=15, phases=(Phase.generate,), deadline=None, suppress_health_check=list(HealthCheck))
@given(tips=_TIPS, deeds=_DEEDS, flat=st.booleans())
def test_whatever_was_given_back_goes_back_once_and_out_of_where_it_is(
    server: Database, blank: str, tips: _Deeds, deeds: _Deeds, flat: bool
) -> None:
    with server.scratch(copy_of=blank) as database:
        play = Play(Room(database), flat=flat)
        for deed in (*tips, *deeds):
            play.do(*deed)
        play.end()
