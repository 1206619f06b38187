"""Commands as short as a sentence, for tests of the journal and of what stands around it."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from ledger.coins.top_ups import TopUp
from ledger.gifts.commands import PriceGift, Tip
from ledger.instants import MICROSECONDS_PER_DAY, instant_of
from ledger.parties import Register

#: 2026-10-20, 20:00 in China.
EVENING = instant_of(datetime(2026, 10, 20, 12, tzinfo=UTC))

Head = tuple[UUID, str, int, int | None]


def head(actor: str = "gateway:file", *, day: int = 0, id: UUID | None = None) -> Head:
    """Who asks, so many days after the evening; a new id if none is given."""
    at = EVENING + day * MICROSECONDS_PER_DAY
    return id or uuid4(), actor, at, at


def viewer(party: str) -> Register:
    """A viewer comes."""
    return Register(*head(), party, ("viewer",))


def streamer(party: str) -> Register:
    """A streamer comes."""
    return Register(*head(), party, ("streamer",))


def price(gift: str, coins: int) -> PriceGift:
    """A gift costs so much from now on."""
    return PriceGift(*head(), gift, coins)


def top_up(party: str, coins: int, payment: str | None = None) -> TopUp:
    """Coins bought at face value; by a payment of its own if none is given."""
    return TopUp(*head(), party, coins, coins * 10, "wechat", payment or str(uuid4()))


def tip(who: str, whom: str, gift: str, quantity: int = 1, *, day: int = 0, id: UUID | None = None) -> Tip:
    """A gift given by its viewer."""
    return Tip(*head(f"viewer:{who}", day=day, id=id), who, whom, "room", gift, quantity)


def evening() -> list[Register | PriceGift | TopUp]:
    """Ana with 1,000 coins, Bo to give them to, and a rose for 10."""
    return [viewer("ana"), streamer("bo"), price("rose", 10), top_up("ana", 1_000)]
