"""The streamer's summary (汇总展示): everything earned, across kinds and sessions, and where it stands.

Every figure is the ledger's, to the fen, and costs the same for ten gifts as for ten million. Times are those
of posting: a late fact counts on the day it came to the books. Rule: LIVE-EARN-5.
"""

import re
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, text

from ledger.instants import business_day, date_of, end_of_day
from ledger.kernel.posted import last_seq_at
from settlement.periods import Period, period
from settlement.statements.figures import (
    Earned,
    Flow,
    Kept,
    Since,
    Spans,
    earned,
    flows,
    kept,
    owed_minor,
)

_LATEST_PERIOD = text("""
SELECT period FROM settlement.runs WHERE "first" IS NOT NULL ORDER BY entry DESC LIMIT 1
""")

#: What arrives late is held by its settlement; once a tip went back, by that, and less.
_LATE, _PAYOUT = ("settlement", "tip_return"), "payout_request"


class Arrival(NamedTuple):
    """What is free from a day on, fen."""

    available_on: date
    amount_minor: int


class Summary(NamedTuple):
    """How a streamer stands at an instant. Gifts are coins, all the rest is fen."""

    streamer: str
    at: int
    today: date
    this_period: Period
    earned: tuple[Earned, ...]
    gifts: Flow
    accruals: Flow
    earnings: Flow
    owed_minor: int
    arrivals: tuple[Arrival, ...]
    kept: tuple[Kept, ...]

    @property
    def earned_minor(self) -> Spans:
        """What was earned in all."""
        return Spans(*map(sum, zip(*(kind.earned_minor for kind in self.earned), strict=True)))

    @property
    def in_payout_minor(self) -> int:
        """What is on its way to the bank, fen."""
        return sum(hold.amount_minor or 0 for hold in self.kept if hold.kind == _PAYOUT)

    @property
    def frozen(self) -> tuple[Kept, ...]:
        """What is held for another reason than a late arrival or a payout."""
        return tuple(hold for hold in self.kept if hold.kind not in (*_LATE, _PAYOUT))


def summary(connection: Connection, streamer: str, at: int) -> Summary:
    """A streamer's summary at an instant, which is now. Read it in one snapshot.

    Raises :class:`ledger.journal.history.NoSuchAccount`.
    """
    today = date_of(business_day(at))
    this_period = _period_around(connection, today)
    since = Since(_first_seq(today), _first_seq(this_period.first))
    flow_of = flows(connection, streamer, since)
    holds = kept(connection, streamer)
    return Summary(
        streamer,
        at,
        today,
        this_period,
        earned(connection, streamer, since),
        flow_of["gifts"],
        flow_of["accruals"],
        flow_of["earnings"],
        owed_minor(connection, streamer),
        _arrivals(holds),
        holds,
    )


def _period_around(connection: Connection, today: date) -> Period:
    """The month, week or day that today lies in: of the length of the one settled last, at first a month."""
    settled = connection.scalar(_LATEST_PERIOD) or ""
    if re.fullmatch(r"\d{4}-W\d\d", settled):
        year, week, _ = today.isocalendar()
        return period(f"{year}-W{week:02}")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", settled):
        return period(today.isoformat())
    return period(f"{today:%Y-%m}")


def _first_seq(day: date) -> int:
    """The lowest number that can be posted on a day."""
    return last_seq_at(end_of_day(day - timedelta(days=1)) - 1) + 1


def _arrivals(holds: tuple[Kept, ...]) -> tuple[Arrival, ...]:
    """What settlement holds back, by the day from which it is free."""
    by_day: dict[date, int] = {}
    for hold in holds:
        if hold.kind in _LATE and hold.until is not None:
            day = date_of(business_day(hold.until))
            by_day[day] = by_day.get(day, 0) + (hold.amount_minor or 0)
    return tuple(Arrival(day, by_day[day]) for day in sorted(by_day))
