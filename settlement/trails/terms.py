"""What makes a trail worth a look: bounds above honest traffic, to be set by whoever asks."""

from typing import NamedTuple


class TrailTerms(NamedTuple):
    """Amounts are coins, shares basis points.

    ``least_coins``: less between two people is nobody's business. In a ring each member gives at least
    ``given_bps`` of all it gives to the others, and has at least ``received_bps`` of all it receives from
    them. Just under a limit is at most ``margin_bps`` below it: ``tips_just_under`` such tips of one viewer
    to one streamer within ``window_minutes``, or ``days_just_under`` days of any viewers for one streamer.
    """

    least_coins: int = 1_000
    given_bps: int = 5_000
    received_bps: int = 2_000
    margin_bps: int = 500
    tips_just_under: int = 5
    window_minutes: int = 10
    days_just_under: int = 4


TERMS = TrailTerms()
