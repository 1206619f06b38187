"""A part of the earning desk: one subject, sharing with the others what a batch knows."""

from typing import NamedTuple

from settlement.accruals.accruing import Accruing
from settlement.accruals.taking_back import TakingBack
from settlement.sessions.live import LiveSessions


class Shared(NamedTuple):
    """What all parts of a batch move on together: what one accepts, the others see."""

    live: LiveSessions
    accruing: Accruing
    taking_back: TakingBack
