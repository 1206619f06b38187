"""The evening of :mod:`tests.ledger.asked` as if it had been a month ago.

What is imposed for months bars by the clock of the database: it has to bar whenever the tests run.
"""

from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from msgspec.structs import replace

from ledger.coins.top_ups import TopUp
from ledger.gifts.commands import PriceGift, Tip
from ledger.instants import instant_of
from ledger.journal.commands import Command
from ledger.parties import Register
from tests.ledger import asked
from tests.ledger.asked import Head

CommandT = TypeVar("CommandT", bound=Command)
_DAYS_AGO = 32
_LATELY = datetime.now(UTC) - timedelta(days=_DAYS_AGO)
#: 20:00 in China.
EVENING = instant_of(_LATELY.replace(hour=12, minute=0, second=0, microsecond=0))
_LATER_BY = EVENING - asked.EVENING


def head(actor: str = "gateway:file", *, day: int = 0, id: UUID | None = None) -> Head:
    """Who asks, so many days after the evening; a new id if none is given."""
    id, actor, at, _ = asked.head(actor, day=day, id=id)
    return id, actor, at + _LATER_BY, at + _LATER_BY


def viewer(party: str) -> Register:
    """A viewer comes."""
    return _later(asked.viewer(party))


def streamer(party: str) -> Register:
    """A streamer comes."""
    return _later(asked.streamer(party))


def top_up(party: str, coins: int, payment: str | None = None) -> TopUp:
    """Coins bought at face value; by a payment of its own if none is given."""
    return _later(asked.top_up(party, coins, payment))


def tip(who: str, whom: str, gift: str, quantity: int = 1, *, day: int = 0, id: UUID | None = None) -> Tip:
    """A gift given by its viewer."""
    return _later(asked.tip(who, whom, gift, quantity, day=day, id=id))


def evening() -> list[Register | PriceGift | TopUp]:
    """Ana with 1,000 coins, Bo to give them to, and a rose for 10."""
    return [_later(command) for command in asked.evening()]


def _later(command: CommandT) -> CommandT:
    at = command.occurred_at + _LATER_BY
    return replace(command, occurred_at=at, said_at=at)
