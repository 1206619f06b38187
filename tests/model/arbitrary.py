"""A seeded maker of hard event files: `python -m tests.model.arbitrary --seed N --events M > file`.

Few parties, gifts and payments, so that everything meets; amounts at the edge of what is there, because the
maker plays its own lines into the model as it goes. The same seed makes the same bytes.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from tests.model.books import CHINA, PlainBooks, day_of
from tests.model.breaking import broken
from tests.model.lines import LARGEST_COUNT, Malformed, currency_of, event_of_line
from tests.model.spelling import Fields, line_of

BUSY = ("ana", "bo", "观众", "主播 5406", "\U0001f3a4", "\uff61")
RARE = (
    *(
        "platform",
        "wechat",
        "Ana",
        " ana",
        "ana ",
        "é",
        "e\u0301",
        "\uffff",
        "\U00010000",
        "\ufeff",
        "a\u2028b",
    ),
    *(
        'qu"ote',
        "back\\slash",
        "a/b",
        "<b>&amp;",
        "null",
        "0",
        "'; --",
        "%s",
        "\U0010ffff",
        "\x20",
        "z" * 200,
        "\u4e3b" * 200,
    ),
)
NOBODY = "nobody"
GIFTS = ("rose", "玫瑰", "castle", "heart", "Heart")
PRICES = (1, 1, 5, 7, 66, 520, 3000)
ROLES = (["viewer"], ["streamer"], ["viewer", "streamer"], ["streamer", "viewer"])
ACCOUNTS = ("wallet", "wallet", "gifts", "gifts", "accruals", "earnings")
TEXTS = (
    "r-1",
    "t",
    "LIVE-MOD-4",
    "LIVE-MOD-7",
    "案件",
    "\U0001f339",
    'a"b\\c/d',
    " ",
    "x" * 200,
    "\U0001f339" * 200,
    "\u200d",
)
FIRST_MOMENT = datetime(2000, 1, 1, tzinfo=CHINA)
LAST_MOMENT = datetime(2999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
SHARES = (0, 0, 1, 50, 3333, 4750, 5000, 5000, 9999, 10_000)


class Gateway:
    """Says lines, remembers what it said, and knows from the model where the edges are."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.books = PlainBooks()
        self.busy = BUSY[: self.random.randint(2, len(BUSY))]
        self.shares = self.random.sample(SHARES, 2)
        self.clock = datetime(2026, 1, 30, 14, 0, tzinfo=UTC)
        self.said: list[Fields] = []
        self.freezes: list[str] = []
        self.unused_ids: list[str] = []
        self.last_fresh_payment = 0

    def lines(self, events: int) -> Iterator[bytes]:
        """So many lines with their LF; the last one may go without."""
        for number in range(1, events + 1):
            line = self._line()
            assert b"\n" not in line, f"a line of two: {line!r}"
            yield line if number == events and self.random.random() < 0.5 else line + b"\n"

    def _line(self) -> bytes:
        chance = self.random.random()
        if chance < 0.05:
            return self._malformed()
        if self.said and chance < 0.14:
            fields = self._earlier()
        elif self.said and chance < 0.18:
            fields = self._conflicting(self._earlier())
        else:
            fields = self._new()
        line = line_of(fields, self.random)
        event = event_of_line(line)
        is_new = self.books.decision(event.id) is None
        code = self.books.play(event)
        if is_new:
            self.said.append(fields)
            if fields["type"] == "freeze" and code is None:
                self.freezes.append(event.id)
        return line

    def _malformed(self) -> bytes:
        fields = self._new()
        if self.said and self.random.random() < 0.5:
            fields["id"] = self._earlier()["id"]
        else:
            self.unused_ids.append(str(fields["id"]))
        line = broken(fields, self.random)
        try:
            event = event_of_line(line)
        except Malformed:
            return line
        raise AssertionError(f"meant to be malformed, but read as {event}: {line[:400]!r}")

    def _earlier(self) -> Fields:
        recent = self.said[-50:] if self.random.random() < 0.5 else self.said
        return self.random.choice(recent)

    def _conflicting(self, first: Fields) -> Fields:
        chance = self.random.random()
        if chance < 0.3:
            return self._new() | {"id": first["id"]}
        if chance < 0.5 and isinstance(first["at"], datetime) and first["at"] < LAST_MOMENT:
            return first | {"at": first["at"] + timedelta(microseconds=1)}
        if isinstance(roles := first.get("roles"), list):
            return first | {"roles": roles[::-1] if len(roles) == 2 else ["viewer", "streamer"]}
        texts = [
            name for name in ("viewer", "party", "gift", "room", "task", "case", "rule") if name in first
        ]
        return first | {name: self.random.choice(TEXTS) for name in texts[-1:]}

    def _new(self) -> Fields:
        kinds: dict[Callable[[], Fields], int] = {
            self._register: 6 if len(self.said) > 30 else 60,
            self._gift: 3,
            self._limit: 4,
            self._topup: 12,
            self._tip: 36,
            self._reward: 7,
            self._freeze: 11,
            self._lift: 4,
            self._forfeit: 7,
            self._settle: 3,
        }
        make = self.random.choices(list(kinds), list(kinds.values()))[0]
        own = make()
        return {"id": self._id(), "at": self._at(), **own}

    def _register(self) -> Fields:
        return {"type": "register", "party": self._party(), "roles": self.random.choice(ROLES)}

    def _gift(self) -> Fields:
        coins = self.random.choice((*PRICES, self.random.randint(1, 10_000)))
        if self.random.random() < 0.02:
            coins = LARGEST_COUNT
        return {"type": "gift", "gift": self.random.choice(GIFTS), "coins": coins}

    def _limit(self) -> Fields:
        tipped = self.books.tipped(self._party(), day_of(self.clock))
        price = self._price(self.random.choice(GIFTS))
        return {
            "type": "limit",
            "per_tip": self._count_or_none(price * 2, price * 50, 5000, 20_000, LARGEST_COUNT, *[None] * 5),
            "per_day": self._count_or_none(
                tipped, tipped + price, tipped + 20_000, 50_000, 1, None, None, None
            ),
        }

    def _topup(self) -> Fields:
        coins = self.random.choice(
            (1, 10, 1050, self.random.randint(1, 20_000), self.random.randint(1, 20_000))
        )
        if self.random.random() < 0.02:
            coins = LARGEST_COUNT
        face = coins * 10
        if self.random.random() < 0.7:
            self.last_fresh_payment += 1
        payment = self.random.randint(max(0, self.last_fresh_payment - 8), self.last_fresh_payment)
        return {
            "type": "topup",
            "viewer": self._party(),
            "coins": coins,
            "paid": yuan(self.random.choice((1, face, face, max(1, face - 1), self.random.randint(1, face)))),
            "channel": self.random.choice(("wechat", "alipay")),
            "channel_txn": self.random.choice(("txn", "txn", "Txn", "交易")) + f"-{payment}",
        }

    def _tip(self) -> Fields:
        viewer, gift = self._party(), self.random.choice(GIFTS)
        streamer = viewer if self.random.random() < 0.1 else self._party()
        price = self._price(gift)
        edges = [1, 1, 1, 2, 10, 66, self.books.available("wallet", viewer) // price]
        if self.books.per_tip is not None:
            edges.append(self.books.per_tip // price)
        if self.books.per_day is not None:
            edges.append((self.books.per_day - self.books.tipped(viewer, day_of(self.clock))) // price)
        quantity = self.random.choice(edges) + self.random.choice((0, 0, 0, 0, 1))
        if self.random.random() < 0.01:
            quantity = LARGEST_COUNT
        return {
            "type": "tip",
            "viewer": viewer,
            "streamer": streamer,
            "room": self._text(),
            "gift": "never" if self.random.random() < 0.03 else gift,
            "quantity": within(quantity, LARGEST_COUNT),
        }

    def _reward(self) -> Fields:
        fen = (
            10**12 - 1
            if self.random.random() < 0.01
            else self.random.choice((1, 99, self.random.randint(1, 20_000)))
        )
        return {"type": "reward", "streamer": self._party(), "task": self._text(), "amount": yuan(fen)}

    def _freeze(self) -> Fields:
        party, account = self._party(), self.random.choice(ACCOUNTS)
        opened = [party for party in (*self.busy, *self.busy, *RARE) if self.books.is_open(account, party)]
        if opened and self.random.random() < 0.8:
            party = self.random.choice(opened)
        there = self.books.available(account, party)
        edges = (None, there, there + 1, there // 2, there // 3, 1, self.random.randint(1, 5000))
        return {
            "type": "freeze",
            "party": party,
            "account": account,
            "amount": self._amount(account, self.random.choice(edges)),
            "case": self._text(),
            "rule": self._text(),
        }

    def _lift(self) -> Fields:
        return {"type": "lift", "freeze": self._freeze_id(), "case": self._text()}

    def _forfeit(self) -> Fields:
        id = self._freeze_id()
        (account, party), minor, _ = self.books.freeze(id) or (("wallet", "ana"), 5, None)
        there = self.books.available(account, party) if minor is None else minor
        if self.random.random() < 0.15:
            account = "wallet" if currency_of(account) == "CNY" else "earnings"
        amount = self._amount(
            account, self.random.choice((None, None, there, there, there + 1, there // 2, 1))
        )
        return {"type": "forfeit", "freeze": id, "amount": amount, "case": self._text(), "rule": self._text()}

    def _settle(self) -> Fields:
        day = day_of(self.clock) + timedelta(days=self.random.choice((-40, -2, -1, -1, 0, 0, 0, 1, 30)))
        through = self.random.choice((*[day.isoformat()] * 12, "2000-01-01", "2028-02-29", "2999-12-31"))
        share = self.random.choice(self.shares)
        return {"type": "settle", "through": through, "share_bps": share}

    def _party(self) -> str:
        chance = self.random.random()
        if chance < 0.02:
            return NOBODY
        return self.random.choice(RARE if chance < 0.12 else self.busy)

    def _text(self) -> str:
        return self.random.choice(TEXTS)

    def _price(self, gift: str) -> int:
        return self.books.prices.get(gift, 1)

    def _count_or_none(self, *choices: int | None) -> int | None:
        chosen = self.random.choice(choices)
        return None if chosen is None else within(chosen, LARGEST_COUNT)

    def _amount(self, account: str, minor: int | None) -> int | str | None:
        if minor is None:
            return None
        return (
            within(minor, LARGEST_COUNT) if currency_of(account) == "ZLB" else yuan(within(minor, 10**12 - 1))
        )

    def _freeze_id(self) -> str:
        chance = self.random.random()
        recent = self.freezes[-60:]
        if recent and chance < 0.65:
            in_force = [id for id in recent if (self.books.freeze(id) or ("", 0, ""))[2] is None]
            return self.random.choice(in_force or recent)
        if recent and chance < 0.9:
            return self.random.choice(recent)
        if self.said and chance < 0.97:
            return str(self._earlier()["id"])
        return self._fresh_id()

    def _id(self) -> str:
        if self.unused_ids and self.random.random() < 0.1:
            return self.unused_ids.pop()
        return self._fresh_id()

    def _fresh_id(self) -> str:
        digits = f"{self.random.getrandbits(128):032x}"
        version, variant = self.random.choice("447"), self.random.choice("89ab")
        return f"{digits[:8]}-{digits[8:12]}-{version}{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

    def _at(self) -> datetime:
        chance = self.random.random()
        self.clock += timedelta(seconds=self.random.choice((0, 0.25, 3, 61.000001, 1800, 10_000)))
        if chance < 0.004:
            self.clock += timedelta(days=self.random.choice((1, 27, 31)))
        if chance < 0.01:
            return self.random.choice((FIRST_MOMENT, LAST_MOMENT))
        if chance < 0.1:
            midnight = self.clock.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
            return midnight + timedelta(microseconds=self.random.choice((0, -1, 1)))
        if chance < 0.25:
            return self.clock + timedelta(days=self.random.choice((-40, -1, -1, -1, 1, 35)), seconds=-1)
        return self.clock


def within(minor: int, largest: int) -> int:
    """The nearest amount that a line can state."""
    return max(1, min(minor, largest))


def yuan(fen: int) -> str:
    """An amount as a line states it."""
    return f"{fen // 100}.{fen % 100:02}"


def main() -> None:
    """Write the file to standard output."""
    parser = argparse.ArgumentParser(prog="python -m tests.model.arbitrary", description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--events", type=int, required=True)
    given = parser.parse_args()
    sys.stdout.buffer.writelines(Gateway(given.seed).lines(given.events))


if __name__ == "__main__":
    main()
