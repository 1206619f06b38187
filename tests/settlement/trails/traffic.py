"""Tips by the thousand, honest or not, in books of a test's own."""

import random
from collections.abc import Iterable
from uuid import UUID

from api.wiring import desks
from ledger.coins.top_ups import TopUp
from ledger.database import Database
from ledger.gifts.commands import PriceGift, SetLimits, Tip
from ledger.journal.commands import Command
from ledger.journal.journal import Journal
from ledger.parties import Register
from settlement.trails.reading import Trail, trails
from tests.settlement.payees.sample import AT, verification

MINUTE = 60_000_000
_ALL = (0, 2**54)
#: What is on sale, in coins.
PRICES = {"heart": 1, "rose": 5, "coffee": 52, "plane": 500, "castle": 990}


class Traffic:
    """A journal, and the people who tip in it. The same seed makes the same traffic."""

    def __init__(self, database: Database, seed: int = 1) -> None:
        self.database = database
        self.journal = Journal(database.app, desks())
        self.random = random.Random(seed)
        self.did(PriceGift(*self.head(), gift, coins) for gift, coins in PRICES.items())
        self.did([SetLimits(*self.head(), per_tip=1_000, per_day=10_000)])

    def head(self, actor: str = "gateway:file", minutes: int = 0) -> tuple[UUID, str, int, int]:
        """What a command begins with, so many minutes into the traffic."""
        at = AT + minutes * MINUTE
        return UUID(int=self.random.getrandbits(128), version=4), actor, at, at

    def did(self, commands: Iterable[Command]) -> None:
        """All of them accepted."""
        for outcome in self.journal.decide(list(commands)):
            assert outcome.refusal is None, outcome.refusal

    def people(self, names: Iterable[str], *roles: str, coins: int = 100_000) -> list[str]:
        """People in these roles; who tips has coins."""
        found = list(names)
        self.did(Register(*self.head(), name, roles) for name in found)
        if "viewer" in roles:
            self.did(TopUp(*self.head(), name, coins, coins * 10, "wechat", f"t-{name}") for name in found)
        return found

    def tip(self, giver: str, receiver: str, gift: str, quantity: int = 1, minutes: int = 0) -> Tip:
        """One tip."""
        return Tip(*self.head(f"viewer:{giver}", minutes), giver, receiver, "room", gift, quantity)

    def spread(self, giver: str, receiver: str, castles: int) -> None:
        """Large tips, well apart from each other, over several days."""
        self.did(self.tip(giver, receiver, "plane", minutes=n * 200) for n in range(castles))

    def honest(self, viewers: list[str], streamers: list[str], tips: int) -> None:
        """An evening or two: everybody gives to whoever they like, streamers among them now and then."""
        popular = [1 / (n + 1) for n in range(len(streamers))]
        commands: list[Command] = []
        for n in range(tips):
            giver = self.random.choice(viewers)
            (receiver,) = self.random.choices(streamers, popular)
            (gift,) = self.random.choices(list(PRICES), (40, 30, 20, 3, 1))
            quantity = self.random.choice((1, 1, 2, 3, 6)) if PRICES[gift] < 500 else 1
            if giver != receiver:
                commands.append(self.tip(giver, receiver, gift, quantity, minutes=n * 3_000 // tips))
        for start in range(0, len(commands), 1_000):
            self.journal.decide(commands[start : start + 1_000])

    def is_one_person(self, first: str, second: str) -> None:
        """Both were verified under one number."""
        self.did([verification(first), verification(second)])

    def trails(self) -> list[Trail]:
        """What is worth a look."""
        with self.database.app.connect() as connection:
            return trails(connection, *_ALL)
