"""The stage: books with viewers who have coins, streamers, a catalogue and limits, all in force."""

import random
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from api.wiring import House
from ledger.coins.top_ups import TopUp
from ledger.gifts.commands import PriceGift, SetLimits, Tip
from ledger.journal.commands import Command
from ledger.parties import Register

BATCH = 1_000
VIEWERS = 10_000
STREAMERS = 100
REFUSED = 0.05
REPEATED = 0.01
#: 2026-10-01T20:00+08:00: what is played here happened on one evening.
EVENING = 1_790_856_000_000_000
_ACTOR = "gateway:bench"
_COINS = 10_000_000
_ROOMS = 20


class Stage:
    """Who takes part, and a seeded source of tips among them."""

    def __init__(self, house: House, data: Path, seed: int = 1) -> None:
        self.house = house
        self.data = data
        self.random = random.Random(seed)  # noqa: S311 - a seeded game, no secret
        self.viewers = [f"v{number:05d}" for number in range(VIEWERS)]
        self.streamers = [f"s{number:04d}" for number in range(STREAMERS)]
        self._rooms = [f"room-{number:02d}" for number in range(_ROOMS)]

    def new_id(self) -> UUID:
        """An id as any sender makes it: UUID version 4."""
        return UUID(int=self.random.getrandbits(128) & ~(0xF << 76 | 0x3 << 62) | 4 << 76 | 2 << 62)

    def set(self) -> None:
        """Register everyone, fill the wallets, price the gifts and put every kind of limit in force."""
        opening: list[Command] = [
            *(Register(*self._common(), viewer, ("viewer",)) for viewer in self.viewers),
            *(Register(*self._common(), streamer, ("streamer",)) for streamer in self.streamers),
            PriceGift(*self._common(), "rose", 5),
            PriceGift(*self._common(), "castle", 3_000),
            SetLimits(*self._common(), 2_000, _COINS, _COINS, 1_000_000, 1_000_000),
        ]
        for viewer in self.viewers:
            payment = str(self.new_id())
            opening.append(TopUp(*self._common(), viewer, _COINS, 10 * _COINS, "wechat", payment))
        for start in range(0, len(opening), BATCH):
            self.house.journal.decide(opening[start : start + BATCH])

    def batches(self, count: int, streamers: Sequence[str]) -> list[list[Tip]]:
        """Batches of tips: of a hundred, five refused (a castle passes the limit per tip), one a repeat."""
        return [self._batch(streamers) for _ in range(count)]

    def tip(self, streamers: Sequence[str]) -> Tip:
        """A tip of a random viewer to one of the streamers."""
        gift = "castle" if self.random.random() < REFUSED else "rose"
        pick = self.random.choice
        return Tip(*self._common(), pick(self.viewers), pick(streamers), pick(self._rooms), gift, 1)

    def play(self, batches: Sequence[Sequence[Tip]]) -> int:
        """Have the journal decide them, a commit a batch; returns how many tips that were."""
        for batch in batches:
            self.house.journal.decide(batch)
        return sum(map(len, batches))

    def _batch(self, streamers: Sequence[str]) -> list[Tip]:
        batch: list[Tip] = []
        while len(batch) < BATCH:
            repeat = batch and self.random.random() < REPEATED
            batch.append(self.random.choice(batch) if repeat else self.tip(streamers))
        return batch

    def _common(self) -> tuple[UUID, str, int, int]:
        return self.new_id(), _ACTOR, EVENING, EVENING
