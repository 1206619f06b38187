"""Commands drawn at random: few parties, gifts, times and amounts, so that everything meets."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import strategies as st

from ledger.coins.top_ups import TopUp
from ledger.gifts.commands import PriceGift, SetLimits, Tip
from ledger.instants import instant_of
from ledger.journal.commands import Command
from ledger.journal.reversals import Reverse
from ledger.parties import Register
from moderation.commands import Forfeit, Freeze, Lift
from settlement.commands import Reward, Settle
from tests.properties.bars import BarAccount

CHINA = timezone(timedelta(hours=8))
#: Instants that are over, and that are not, whenever the tests run.
LONG_AGO = 1_600_000_000_000_000
FAR_AHEAD = 4_000_000_000_000_000

VIEWERS = ("ana", "both", "观众")
STREAMERS = ("bo", "both", "主播")
PARTIES = ("ana", "both", "观众", "bo", "主播", "nobody")
GIFTS = ("rose", "rocket", "never on sale")
ACTORS = ("gateway:file", "viewer:ana", "viewer:both", "moderator:m1", "finance:f1")
#: None of them is a party: what people do about themselves is told in tests/moderation/test_own_affairs.py.
MODERATORS = ("moderator:m1", "moderator:m2", "replay:file")
#: Evenings on both sides of midnights and of ends of months, in the order of the calendar.
TIMES = [
    instant_of(moment.replace(tzinfo=CHINA))
    for moment in map(
        datetime.fromisoformat,
        (
            "2026-09-30T23:59:59.999999",
            "2026-10-05T12:00:00",
            "2026-10-20T12:00:00",
            "2026-10-31T23:59:59.999999",
            "2026-11-01T00:00:00",
            "2026-11-02T07:59:00",
            "2026-12-01T00:00:01",
        ),
    )
]
DATES = [date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 1), date(2027, 1, 1)]

_MOVES = TopUp | Tip | Reward | Forfeit | Reverse
Draw = Callable[..., Any]


class Asker:
    """Draws commands, and remembers what was asked: what comes later may name or repeat it."""

    def __init__(self) -> None:
        self.asked: list[Command] = []
        self.settles: list[UUID] = []
        self._ids = 0

    def next_id(self) -> UUID:
        """An id that nobody used."""
        self._ids += 1
        return UUID(int=self._ids << 80 | 0x7000 << 64 | 0x8 << 60 | self._ids)

    def batch(self, draw: Draw, size: int) -> list[Command]:
        """So many commands of any kinds, in any order; later ones may repeat earlier ones."""
        kinds = (
            *(self.tip,) * 8,
            *(self.freeze, self.lift, self.forfeit, self.reverse, self.again) * 2,
            *(self.top_up, self.reward, self.register, self.price, self.limits, self.bar, self.settle),
        )
        batch = []
        for _ in range(size):
            command = draw(st.sampled_from(kinds))(draw)
            self.asked.append(command)
            batch.append(command)
        return batch

    def fresh(self, draw: Draw, actors: Sequence[str] = ACTORS) -> tuple[UUID, str, int, int | None]:
        """The head of a new command: an id of its own, some actor, and a time that it said or was given."""
        occurred_at = draw(st.sampled_from(TIMES))
        said_at = draw(st.sampled_from((occurred_at, None)))
        return self.next_id(), draw(st.sampled_from(actors)), occurred_at, said_at

    def register(self, draw: Draw) -> Command:
        """A party takes roles on."""
        roles = draw(
            st.sampled_from((("viewer",), ("streamer",), ("viewer", "streamer"), ("streamer", "viewer")))
        )
        return Register(*self.fresh(draw), draw(st.sampled_from(PARTIES[:5])), roles)

    def price(self, draw: Draw) -> Command:
        """A gift is priced."""
        return PriceGift(
            *self.fresh(draw), draw(st.sampled_from(GIFTS[:2])), draw(st.sampled_from((1, 7, 100)))
        )

    def limits(self, draw: Draw) -> Command:
        """The limits change."""
        coins = st.sampled_from((None, None, 50, 300, 1_000))
        count = st.sampled_from((None, None, 1, 3))
        return SetLimits(*self.fresh(draw), draw(coins), draw(coins), draw(coins), draw(count), draw(count))

    def top_up(self, draw: Draw) -> Command:
        """Coins are bought, or a payment is told of twice."""
        coins = draw(st.sampled_from((1, 500, 3_000)))
        paid = draw(st.sampled_from((1, 10 * coins)))
        channel = draw(st.sampled_from(("alipay", "wechat")))
        payment = f"payment {draw(st.integers(1, 12))}"
        viewer = draw(st.sampled_from((*VIEWERS, "bo")))
        return TopUp(*self.fresh(draw), viewer, coins, paid, channel, payment)

    def tip(self, draw: Draw) -> Command:
        """A gift is given."""
        viewer = draw(st.sampled_from((*VIEWERS, *VIEWERS, "nobody")))
        streamer = draw(st.sampled_from((*STREAMERS, *STREAMERS, "ana")))
        gift, price = (
            draw(st.sampled_from((*GIFTS, *GIFTS[:2]))),
            draw(st.sampled_from((None, None, None, 7))),
        )
        quantity = draw(st.sampled_from((1, 1, 3, 50, 300)))
        return Tip(*self.fresh(draw), viewer, streamer, "room", gift, quantity, price)

    def reward(self, draw: Draw) -> Command:
        """A task is rewarded."""
        streamer = draw(st.sampled_from((*STREAMERS, "ana")))
        return Reward(*self.fresh(draw), streamer, "task", draw(st.sampled_from((1, 2_000))))

    def freeze(self, draw: Draw) -> Command:
        """An amount, or a whole account, is frozen; for ever, or until a time long over or far ahead."""
        account = draw(st.sampled_from(("wallet", "gifts", "gifts", "accruals", "earnings")))
        party = draw(st.sampled_from(VIEWERS if account == "wallet" else (*STREAMERS, "ana")))
        amount = draw(st.sampled_from((None, 1, 40, 300, 5_000)))
        expires_at = draw(st.sampled_from((None, None, LONG_AGO, FAR_AHEAD)))
        return Freeze(*self.fresh(draw, MODERATORS), party, account, amount, "case", "R-1", expires_at)

    def some_freeze(self, draw: Draw) -> UUID:
        """A freeze asked for before, accepted or not, or an id that is none."""
        freezes = [command.id for command in self.asked if isinstance(command, Freeze)]
        others = [command.id for command in self.asked[:1]]
        found: UUID = draw(st.sampled_from((*reversed(freezes), *others)))
        return found

    def lift(self, draw: Draw) -> Command:
        """A freeze is lifted, or what is none."""
        return Lift(*self.fresh(draw, MODERATORS), self.some_freeze(draw), "case")

    def forfeit(self, draw: Draw) -> Command:
        """A freeze is forfeited, in one currency or the other."""
        amount = draw(st.sampled_from((None, None, 1, 40, 5_000)))
        currency = None if amount is None else draw(st.sampled_from(("ZLB", "CNY", None)))
        return Forfeit(*self.fresh(draw, MODERATORS), self.some_freeze(draw), amount, currency, "case", "R-1")

    def reverse(self, draw: Draw) -> Command:
        """An entry is undone: any that was asked for, moved it something or not."""
        entries = [command.id for command in reversed(self.asked) if isinstance(command, _MOVES | Freeze)]
        return Reverse(*self.fresh(draw), draw(st.sampled_from((*entries[:2] * 4, *entries))), "by mistake")

    def bar(self, draw: Draw) -> Command:
        """An account is barred, or a bar is over."""
        kind = draw(st.sampled_from(("wallet", "gifts", "accruals")))
        owner = draw(st.sampled_from(PARTIES))
        direction = draw(st.sampled_from(("outgoing", "incoming")))
        return BarAccount(
            *self.fresh(draw), kind, owner, direction, draw(st.sampled_from((LONG_AGO, FAR_AHEAD)))
        )

    def settle(self, draw: Draw) -> Command:
        """A run is asked for; it is carried out later."""
        id, actor, occurred_at, said_at = self.fresh(draw)
        self.settles.append(id)
        share_bps = draw(st.sampled_from((0, 3_333, 5_000, 10_000)))
        return Settle(id, actor, occurred_at, said_at, draw(st.sampled_from(DATES)), share_bps)

    def again(self, draw: Draw) -> Command:
        """Something asked before, or nearly."""
        command: Command = draw(st.sampled_from(list(reversed(self.asked))))
        way = draw(st.sampled_from(("same", "same", "gateway", "somebody else", "other content")))
        if way == "gateway":
            return msgspec.structs.replace(command, actor="gateway:other")
        if way == "somebody else":
            return msgspec.structs.replace(command, actor="viewer:other")
        if way == "other content":
            return msgspec.structs.replace(command, said_at=command.occurred_at + 1)
        return command
