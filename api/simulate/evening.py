"""A made-up evening of a livestream platform, as an event file: seeded, of any size, in constant memory.

The evening begins at 19:30 (+08:00) and is four hours long, whatever its size. Viewers arrive,
buy coins, tip, run dry and buy again; a few streamers have most of the viewers. The last line settles.

| of 100 lines (from a thousand lines on) | |
| --- | --- |
| 83 | tips, 10 of them refused; 90 in very large evenings, where all 10,000 viewers have come |
| 10 | top-ups; 7 there |
| 5 | registrations; 1 there |
| 2 | task rewards, prices, limits; freezes, and what becomes of them: lifted, forfeited in part or whole |

11.5 of them are meant to be refused (`api.simulate.mistakes` says for what), tips from frozen wallets come on
top; 1 is a repeat of an earlier line, some of them spelled another way. Every type of event occurs.
"""

import heapq
import json
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import accumulate
from random import Random
from typing import Any, NamedTuple

from api.simulate.mistakes import mistaken

Fields = dict[str, Any]

DAY = date(2026, 10, 1)
START = time(19, 30, tzinfo=timezone(timedelta(hours=8)))
LENGTH_SECONDS = 4 * 3600
PRICES = {"heart": 1, "rose": 5, "coffee": 18, "offer": 66, "rocket": 520, "castle": 3000}
GIFT_WEIGHTS = (40, 30, 14, 10, 5, 1)
FIRST_LIMITS = {"per_tip": 30_000, "per_day": 200_000}
LATER_LIMITS = {"per_tip": 20_000, "per_day": 150_000}
ROOMS_IN_CHINESE = ("深夜食堂", "唱歌的小屋", "一起看海", "老张说书")
SHARE_BPS = 5_000

_MOST_VIEWERS, _MOST_STREAMERS = 10_000, 100
_REPEATED, _REFUSED, _OTHER, _TOPPED_UP = 0.01, 0.115, 0.007, 0.045
_REMEMBERED = 1_000


class Planned(NamedTuple):
    """A line that was decided on earlier: made when the evening has come to it."""

    due: int
    number: int
    make: Callable[[], Fields | None]


class Frozen(NamedTuple):
    """A freeze in force: its id, what it covers (None: the whole account), and under which case."""

    id: str
    party: str
    account: str
    amount: int | None
    case: str


class Evening:
    """One evening, told line by line. Two of the same arguments tell the same.

    Evenings of other seeds can be played into the same books, one after the other.
    """

    def __init__(
        self,
        *,
        seed: int,
        events: int,
        viewers: int | None = None,
        streamers: int | None = None,
        day: date = DAY,
    ) -> None:
        self.seed = seed
        self.starts_at = datetime.combine(day, START)
        self.random = Random(seed)  # noqa: S311 (nothing here is secret)
        self.events = events
        self.viewers = viewers or max(2, min(_MOST_VIEWERS, events // 20))
        self.streamers = [
            f"s{n:04}" for n in range(1, 1 + (streamers or max(2, min(_MOST_STREAMERS, events // 200))))
        ]
        # Zipf: the second streamer has half of the first one's viewers, the third a third, …
        self._popularity = list(accumulate(1 / rank for rank in range(1, len(self.streamers) + 1)))
        self.prices = dict(PRICES)
        self.coins: dict[str, int] = {}
        self.received: dict[str, int] = {}
        self.frozen: dict[str, Frozen] = {}
        self.ended: deque[Frozen] = deque(maxlen=100)
        self.stopped: set[str] = set()
        self.payments = 0
        self._said: deque[Fields] = deque(maxlen=_REMEMBERED)
        self._planned: list[Planned] = []
        self._number = 0
        self._cases = 0

    def lines(self) -> Iterator[str]:
        """As many lines as there are events, each with its LF."""
        opening = self._opening()
        refusals = 0
        self._plan_what_must_not_be_missing()
        for number in range(1, self.events):
            self._number = number
            fields = next(opening, None)
            if fields is None and self._planned and self._planned[0].due <= self._number:
                fields = heapq.heappop(self._planned).make()
            if fields is None:
                chance = self.random.random()
                if chance < _REPEATED and self._said:
                    yield self._spelled(self.random.choice(self._said))
                    continue
                # Kept at its share by what was said so far: an evening of any size has it.
                if refusals < _REFUSED * self._number and chance < 0.5:
                    fields = mistaken(self)
                    refusals += 1
                else:
                    fields = self._accepted()
            self._said.append(fields)
            yield self._spelled(fields)
        yield self._spelled(self.stated("settle", through=f"{self.starts_at:%Y-%m-%d}", share_bps=SHARE_BPS))

    def stated(self, kind: str, **own: object) -> Fields:
        """An event of this moment, under a new id."""
        at = self._now()
        return {"id": self._id(at), "at": self._written(at), "type": kind, **own}

    def viewer(self) -> str:
        """One who is here."""
        return f"v{self.random.randint(1, max(1, len(self.coins))):05}"

    def streamer(self) -> str:
        """One of those on air, the popular ones more often."""
        return self.random.choices(self.streamers, cum_weights=self._popularity)[0]

    def earlier(self) -> Fields | None:
        """A line said not long ago."""
        return self.random.choice(self._said) if self._said else None

    def room_of(self, streamer: str) -> str:
        """Where that streamer is on air."""
        number = int(streamer[1:])
        return ROOMS_IN_CHINESE[number % len(ROOMS_IN_CHINESE)] if number % 10 == 7 else f"r-{number}"

    def tip(self, viewer: str, streamer: str, gift: str, quantity: int) -> Fields:
        """That tip."""
        return self.stated(
            "tip", viewer=viewer, streamer=streamer, room=self.room_of(streamer), gift=gift, quantity=quantity
        )

    def new_case(self) -> str:
        """The next case of the moderators."""
        self._cases += 1
        return f"case-{self._cases}"

    def plan(self, lines: int, make: Callable[[], Fields | None]) -> None:
        """Have something said so many lines from now."""
        heapq.heappush(self._planned, Planned(self._number + lines, len(self._planned) + self._number, make))

    def new_id(self) -> str:
        """An id that nobody has used."""
        return self._id(self._now())

    def _opening(self) -> Iterator[Fields]:
        """What there is before the first viewer comes."""
        for gift, coins in PRICES.items():
            yield self.stated("gift", gift=gift, coins=coins)
        yield self.stated("limit", **FIRST_LIMITS)
        for streamer in self.streamers:
            roles = ["streamer", "viewer"] if self.random.random() < 0.2 else ["streamer"]
            yield self.stated("register", party=streamer, roles=roles)
        yield self._arrival()

    def _plan_what_must_not_be_missing(self) -> None:
        self.plan(self.events // 4, self._reward)
        self.plan(self.events // 3, lambda: self._freeze_gifts(fate=self._forfeit))
        self.plan(self.events // 3, lambda: self._freeze_wallet(fate=self._lift))
        self.plan(self.events // 2, lambda: self.stated("limit", **LATER_LIMITS))

    def _accepted(self) -> Fields:
        arrived = len(self.coins)
        # All have come when two thirds of the evening are over.
        if arrived < self.viewers and arrived * self.events * 2 < self._number * self.viewers * 3:
            return self._arrival()
        chance = self.random.random()
        if chance < _OTHER:
            others = (self._reward, self._reward, self._freeze_gifts, self._freeze_wallet, self._reprice)
            return self.random.choice(others)() or self._topup(self.viewer())
        viewer = self.viewer()
        if chance < _OTHER + _TOPPED_UP or viewer in self.stopped:
            return self._topup(viewer)
        (gift,) = self.random.choices(tuple(self.prices), GIFT_WEIGHTS)
        quantity = self.random.choice((1, 1, 1, 2, 3, 6, 10, 66)) if self.prices[gift] < 500 else 1
        cost = self.prices[gift] * quantity
        if self.coins[viewer] < cost:
            gift, quantity, cost = "heart", 1, self.prices["heart"]
        if self.coins[viewer] < cost:
            return self._topup(viewer)
        streamer = self.streamer()
        self.coins[viewer] -= cost
        self.received[streamer] = self.received.get(streamer, 0) + cost
        return self.tip(viewer, streamer, gift, quantity)

    def _arrival(self) -> Fields:
        viewer = f"v{len(self.coins) + 1:05}"
        self.coins[viewer] = 0
        self.plan(1, lambda: self._topup(viewer))
        return self.stated("register", party=viewer, roles=["viewer"])

    def _topup(self, viewer: str) -> Fields:
        # Packs; the large ones come with coins on top, which are the platform's promotion.
        yuan, extra = self.random.choice(((6, 0), (30, 0), (30, 0), (98, 20), (298, 100), (648, 300)))
        coins = yuan * 10 + extra
        self.coins[viewer] += coins
        self.payments += 1
        return self.stated(
            "topup",
            viewer=viewer,
            coins=coins,
            paid=f"{yuan}.00",
            channel=self.random.choice(("wechat", "wechat", "alipay")),
            channel_txn=f"42-{self.seed}-{self.payments:08}",
        )

    def _reward(self) -> Fields:
        amount = f"{self.random.choice((5, 8, 20, 50))}.{self.random.choice(('00', '50', '88'))}"
        task = self.random.choice(("开播满两小时", "weekly-stars", "first-pk"))
        return self.stated("reward", streamer=self.streamer(), task=task, amount=amount)

    def _reprice(self) -> Fields:
        gift = self.random.choice(("rose", "coffee", "offer"))
        self.prices[gift] = max(1, PRICES[gift] + self.random.randint(-4, 4))
        return self.stated("gift", gift=gift, coins=self.prices[gift])

    def _freeze_gifts(self, fate: Callable[[Frozen], Fields | None] | None = None) -> Fields | None:
        """Some of what a streamer was given lately is suspicious."""
        streamer = self.streamer()
        there = self.received.get(streamer, 0) // 2
        if there < 10:
            return None
        return self._freeze(streamer, "gifts", self.random.randint(1, there // 2), fate)

    def _freeze_wallet(self, fate: Callable[[Frozen], Fields | None] | None = None) -> Fields | None:
        """A viewer is stopped altogether, and tries to tip all the same."""
        viewer = self.viewer()
        if viewer in self.stopped:
            return None
        self.stopped.add(viewer)
        for pause in (2, 5, 9):
            self.plan(pause, lambda: self.tip(viewer, self.streamer(), "heart", 1))
        return self._freeze(viewer, "wallet", None, fate)

    def _freeze(
        self, party: str, account: str, amount: int | None, fate: Callable[[Frozen], Fields | None] | None
    ) -> Fields:
        fields = self.stated(
            "freeze", party=party, account=account, amount=amount, case=self.new_case(), rule="LIVE-MOD-4"
        )
        freeze = Frozen(fields["id"], party, account, amount, fields["case"])
        self.frozen[freeze.id] = freeze
        if fate is None:
            # One in ten is still open when the evening ends.
            fate = self.random.choice((self._lift,) * 5 + (self._forfeit,) * 4 + (None,))
        if fate is not None:
            self.plan(self.random.randint(12, max(13, min(self.events // 4, 2_000))), lambda: fate(freeze))
        return fields

    def _lift(self, freeze: Frozen) -> Fields:
        self._end(freeze)
        return self.stated("lift", freeze=freeze.id, case=freeze.case)

    def _forfeit(self, freeze: Frozen) -> Fields:
        self._end(freeze)
        amount = freeze.amount
        if amount is not None:
            amount = self.random.choice((None, max(1, amount // 2)))
            self.received[freeze.party] -= freeze.amount or 0
        elif freeze.party in self.coins:
            self.coins[freeze.party] = 0
        return self.stated("forfeit", freeze=freeze.id, amount=amount, case=freeze.case, rule="LIVE-MOD-7")

    def _end(self, freeze: Frozen) -> None:
        del self.frozen[freeze.id]
        self.ended.append(freeze)
        self.stopped.discard(freeze.party)

    def _now(self) -> datetime:
        """Time goes on with the lines; what is said of it may be some seconds out of order."""
        seconds = LENGTH_SECONDS * self._number / self.events
        return self.starts_at + timedelta(seconds=seconds, milliseconds=self.random.randint(0, 3_000))

    def _written(self, at: datetime) -> str:
        if self.random.random() < 0.1:
            return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return at.isoformat(timespec="milliseconds")

    def _id(self, at: datetime) -> str:
        """UUID 7, as a gateway of today gives it: the milliseconds, then chance."""
        milliseconds, chance = int(at.timestamp() * 1000), self.random.getrandbits(74)
        number = milliseconds << 80 | 7 << 76 | (chance >> 62) << 64 | 2 << 62 | chance & (1 << 62) - 1
        digits = f"{number:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def _spelled(self, fields: Fields) -> str:
        """One line; one in ten as another program would write it."""
        if self.random.random() < 0.1:
            return json.dumps(dict(reversed(fields.items()))) + "\n"
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n"
