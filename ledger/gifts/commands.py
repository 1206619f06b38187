"""What may be asked about gifts: prices, limits, tips."""

from typing import ClassVar

from ledger.journal.commands import Command


class PriceGift(Command, frozen=True, gc=False):
    """A gift is on sale at a price in coins from now on."""

    gift: str
    coins: int

    kind: ClassVar[str] = "gift"


class SetLimits(Command, frozen=True, gc=False):
    """The limits on each viewer's tips from now on, all replaced. None is no limit. Rule: LIVE-TIP-5."""

    per_tip: int | None = None
    per_day: int | None = None
    per_month: int | None = None
    tips_per_day: int | None = None
    tips_per_month: int | None = None

    kind: ClassVar[str] = "limit"


class Tip(Command, frozen=True, gc=False):
    """A viewer gives a streamer a gift, ``quantity`` times, in a room.

    ``price`` is what the viewer was shown for one, in coins; None asks for today's price, whatever it is.
    """

    viewer: str
    streamer: str
    room: str
    gift: str
    quantity: int
    price: int | None = None

    kind: ClassVar[str] = "tip"
