"""What settlement asks of the books: rewards, runs, and one streamer's part of a run."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from ledger.journal.commands import Command


class Reward(Command, frozen=True, gc=False):
    """A task's reward, in fen, accrues to a streamer. LIVE-TASK-1."""

    streamer: str
    task: str
    amount_minor: int

    kind: ClassVar[str] = "reward"


class Settle(Command, frozen=True, gc=False):
    """Settle every streamer for what was received before 24:00 (+08:00) of ``through``, at a flat share.

    Accepting it makes a run; what it moves is decided streamer by streamer, by :class:`SettleStreamer`.
    """

    through: date
    share_bps: int

    kind: ClassVar[str] = "settle"


class SettlePeriod(Command, frozen=True, gc=False):
    """Settle every streamer for a period that is over, under the policies in force when it was received.

    ``period`` is a month, a week or a day: 2026-10, 2026-W41, 2026-10-05.
    """

    period: str

    kind: ClassVar[str] = "settle_period"


class SettleStreamer(Command, frozen=True, gc=False):
    """One streamer's part of a run; ``id`` is derived from the run, so it happens once.

    ``share_bps`` is None in a run under the policies.
    """

    run: UUID
    streamer: str
    through: date
    share_bps: int | None

    kind: ClassVar[str] = "settlement"
