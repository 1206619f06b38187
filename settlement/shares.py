"""What a run gives a streamer: pure arithmetic, no database."""

from typing import NamedTuple

from ledger.money import face_value, share_of


class Settleable(NamedTuple):
    """What lies ready on one account: received before the cutoff, less all that left, less what is held."""

    received_minor: int
    left_minor: int
    held_minor: int

    @property
    def amount_minor(self) -> int:
        """What a run may take; nothing when that is not above zero."""
        return max(0, self.received_minor - self.left_minor - self.held_minor)


class Split(NamedTuple):
    """The two parts of settled gifts' face value, in fen. They always sum to the whole."""

    streamer_minor: int
    platform_minor: int


def split_gifts(coins: int, share_bps: int) -> Split:
    """The streamer's part of settled coins, rounded half up once; the platform has the rest. LIVE-EARN-1."""
    whole = face_value(coins)
    streamer = share_of(whole, share_bps)
    return Split(streamer, whole - streamer)
