"""Months of a few streamers, at random: for tests that settle them, and a model that does it coin by coin."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

from hypothesis import strategies as st
from sqlalchemy import insert

from ledger.coins.top_ups import TopUp
from ledger.database import Database
from ledger.documents import sha256_of
from ledger.gifts.commands import PriceGift, Tip
from ledger.instants import MICROSECONDS_PER_DAY, instant_of
from ledger.journal.commands import Command, Outcome
from ledger.journal.journal import Journal
from ledger.parties import Register
from settlement.policies.document import canonical, parse
from settlement.policies.publishing import PublishPolicy
from settlement.policies.tables import policies
from tests.settlement.policies.writing import sample_policy

GATEWAY, FINANCE, MODERATOR = "gateway:test", "finance:fei", "moderator:mo"
#: 2026-10-01, 00:00 in China.
OCTOBER = instant_of(datetime(2026, 9, 30, 16, tzinfo=UTC))
STREAMERS = ("bo", "mei", "lu")
VIEWER = "ana"
#: From when on the second policy counts: the middle of the month.
CHANGE = OCTOBER + 15 * MICROSECONDS_PER_DAY

_STANDARD = """[classes.standard]
hold_days = 7 # 延时到账: days from the one (China) on which it came in until it is free, once settled
tiers = [{ from_coins = 0, share_bps = 5000 }]"""
_STEPPED = """[classes.standard]
hold_days = 60
tiers = [{ from_coins = 0, below_coins = 50, share_bps = 5003 }, { from_coins = 50, share_bps = 5337 }]"""
_LOWER = """[classes.standard]
hold_days = 45
tiers = [{ from_coins = 0, share_bps = 4001 }]"""
FIRST = sample_policy("v1", "2026-09-01T00:00:00+08:00", (_STANDARD, _STEPPED))
SECOND = sample_policy("v2", "2026-10-16T00:00:00+08:00", (_STANDARD, _LOWER))


class Stage:
    """Books with two policies, a viewer with coins, and streamers. Each happening says when it happens."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self.database = database
        self.journal = journal

    def decide(self, make: type[Command], actor: str, at: int, *fields: object) -> Outcome:
        """Ask for one command."""
        return self.journal.decide([make(uuid4(), actor, at, at, *fields)])[0]

    def set(self) -> None:
        """Open the books: a rose costs one coin."""
        at = OCTOBER - 40 * MICROSECONDS_PER_DAY
        self.decide(Register, GATEWAY, at, VIEWER, ("viewer",))
        for streamer in STREAMERS:
            self.decide(Register, GATEWAY, at, streamer, ("streamer",))
        self.decide(TopUp, GATEWAY, at, VIEWER, 1_000_000, 10_000_000, "wechat", str(uuid4()))
        self.decide(PriceGift, GATEWAY, at, "rose", 1)
        first = self.decide(PublishPolicy, FINANCE, at, FIRST)
        self.publish_back_then(SECOND, first.seq + 1)

    def publish_back_then(self, source: str, entry: int) -> None:
        """Put a later version into the books as if it had been published in its time: the clock is real."""
        policy, document = parse(source), canonical(parse(source))
        with self.database.owner.begin() as connection:
            connection.execute(
                insert(policies),
                {
                    "version": policy.version,
                    "entry": entry,
                    "effective_at": policy.effective_at,
                    "sha256": bytes.fromhex(sha256_of(document)),
                    "document": document,
                    "source": source,
                },
            )

    def tip(self, streamer: str, at: int, coins: int) -> UUID:
        """Roses worth so many coins."""
        outcome = self.decide(Tip, f"viewer:{VIEWER}", at, VIEWER, streamer, "r1", "rose", coins)
        assert outcome.refusal is None
        return outcome.id


def moments() -> st.SearchStrategy[int]:
    """Moments from three days before October to three after, often the same ones, and on the edges."""
    edges = st.sampled_from(
        [OCTOBER, OCTOBER - 1, CHANGE, CHANGE - 1, OCTOBER + 31 * MICROSECONDS_PER_DAY, OCTOBER + 5]
    )
    days = st.integers(-3, 33).map(lambda day: OCTOBER + day * MICROSECONDS_PER_DAY + 77)
    return edges | days


@dataclass
class Coins:
    """A receipt of the model: what came, and what is left of it, in the order (occurred_at, arrival)."""

    at: int
    arrival: int
    came: int
    left: int


@dataclass
class Streamer:
    """A streamer of the model: receipts, what is held, and what was earned."""

    receipts: list[Coins] = field(default_factory=list)
    arrivals: int = 0
    out: int = 0
    frozen: int = 0
    held: dict[UUID, int] = field(default_factory=dict)
    earned_minor: int = 0

    def receive(self, at: int, coins: int) -> None:
        """A gift arrives."""
        self.arrivals += 1
        self.receipts.append(Coins(at, self.arrivals, coins, coins))

    def take(self, coins: int, before: int | None = None) -> list[tuple[int, int]]:
        """The oldest coins, as (moment, coins), each coin once."""
        taken = []
        self.out += coins
        for receipt in sorted(self.receipts, key=lambda receipt: (receipt.at, receipt.arrival)):
            if before is not None and receipt.at >= before:
                continue
            part = min(receipt.left, coins)
            if part:
                receipt.left -= part
                coins -= part
                taken.append((receipt.at, part))
        assert coins == 0, "the model took more than there was"
        return taken

    @property
    def there(self) -> int:
        """All coins that are there."""
        return sum(receipt.left for receipt in self.receipts)

    def settle(self, cutoff: int) -> tuple[int, int]:
        """What a run takes, and what it pays, a coin at a time: received in time, less all that ever left."""
        received = sum(receipt.came for receipt in self.receipts if receipt.at < cutoff)
        ready = max(0, received - self.out - sum(self.held.values()))
        if self.frozen or not ready:
            return 0, 0
        earned = _earned(self.take(ready, cutoff))
        self.earned_minor += earned
        return ready, earned


def _earned(taken: list[tuple[int, int]]) -> int:
    """Fen, from the two policies above: each segment's coins counted one by one, rounded half up once."""
    segments = {"v1 low": 0, "v1 high": 0, "v2": 0}
    so_far = 0
    for at, coins in taken:
        for _ in range(coins):
            if at >= CHANGE:
                segments["v2"] += 1
            else:
                segments["v1 low" if so_far < 50 else "v1 high"] += 1
            so_far += 1
    shares = {"v1 low": 5003, "v1 high": 5337, "v2": 4001}
    return sum((segments[name] * 10 * share * 2 + 10_000) // 20_000 for name, share in shares.items())
