"""The run desk: accepts settlement runs (结算批次). What they move is decided streamer by streamer."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, func, insert, select

from ledger.chart import AccountRef
from ledger.instants import datetime_of, end_of_day, instant_of
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from settlement.commands import Settle, SettlePeriod
from settlement.periods import Period, period
from settlement.policies.refusals import NoPolicy
from settlement.policies.tables import policies
from settlement.run_refusals import PeriodNotOver, PeriodOverlaps
from settlement.tables import runs


class RunOf(NamedTuple):
    """A period of which there is a run."""

    period: Period
    run: UUID


def judged(asked: Period, known: Iterable[RunOf], *, has_policy: bool, now: int) -> Refusal | None:
    """Why a period cannot be settled, if there is a reason. Pure; ``now`` is an instant.

    Refuses ``no_policy``, ``period_not_over`` and ``period_overlaps``.
    """
    if not has_policy:
        return NoPolicy()
    if end_of_day(asked.through) > now:
        return PeriodNotOver(asked.name, asked.through.isoformat())
    for settled, run in known:
        if settled.first <= asked.through and asked.first <= settled.through:
            return PeriodOverlaps(asked.name, settled.name, str(run))
    return None


def in_the_way(connection: Connection, asked: Period) -> Refusal | None:
    """What a period would be refused with now, by the database's clock. It decides nothing."""
    now = instant_of(connection.execute(select(func.clock_timestamp())).scalar_one())
    return judged(asked, _runs_from(connection, asked.first), has_policy=_has_policy(connection), now=now)


def _runs_from(connection: Connection, earliest: date) -> list[RunOf]:
    """The periods with a run that reach up to a day, or lie behind it."""
    found = select(runs.c.period, runs.c.first, runs.c.through, runs.c.run).where(
        runs.c.first.is_not(None), runs.c.through >= earliest
    )
    rows = connection.execute(found)
    return [RunOf(Period(row.period, row.first, row.through), row.run) for row in rows]


def _has_policy(connection: Connection) -> bool:
    return connection.execute(select(policies.c.entry).limit(1)).first() is not None


class RunDesk:
    """Plans ``settle`` and ``settle_period``."""

    commands: tuple[type[Command], ...] = (Settle, SettlePeriod)

    def __init__(self, announce: Callable[[Connection, UUID], None]) -> None:
        """``announce`` is told of every run that is accepted, in its transaction."""
        self._announce = announce

    def open(self, connection: Connection, commands: Sequence[Command]) -> "RunPage":
        """Nothing to read before the locks."""
        asked = [period(command.period) for command in commands if isinstance(command, SettlePeriod)]
        return RunPage(asked, self._announce)


class RunPage(Page):
    """The periods that were settled, moving on with the batch.

    Two that are accepted at once meet in the constraint ``periods_never_overlap``; one looks again.
    """

    def __init__(self, asked: Sequence[Period], announce: Callable[[Connection, UUID], None]) -> None:
        self._asked = asked
        self._announce = announce
        self._accepted: list[UUID] = []
        self._known: list[RunOf] = []
        self._has_policy = False
        self._runs: list[dict[str, object]] = []

    def accounts(self) -> Iterable[AccountRef]:
        """A run moves nothing itself."""
        return ()

    def after_locks(self, connection: Connection, books: Books) -> None:
        """The periods settled so far that could overlap, and whether there is a policy."""
        if not self._asked:
            return
        self._known = _runs_from(connection, min(asked.first for asked in self._asked))
        self._has_policy = _has_policy(connection)

    def plan(self, command: Settle | SettlePeriod, books: Books) -> Entry | Refusal:
        """A flat run is accepted as it is; a period is refused what :func:`judged` does."""
        if isinstance(command, Settle):
            return Entry("settle", f"through:{command.through.isoformat()}", ())
        asked = period(command.period)
        refusal = judged(asked, self._known, has_policy=self._has_policy, now=books.now)
        return refusal or Entry("settle_period", f"period:{asked.name}", ())

    def accepted(self, command: Settle | SettlePeriod, posted: Posted) -> None:
        """A run to carry out."""
        first: date | None = None
        share_bps: int | None = None
        if isinstance(command, Settle):
            name, through, share_bps = f"through {command.through}", command.through, command.share_bps
        else:
            asked = period(command.period)
            name, first, through = asked
            self._known.append(RunOf(asked, command.id))
        self._accepted.append(command.id)
        self._runs.append(
            {
                "run": command.id,
                "entry": posted.seq,
                "period": name,
                "first": first,
                "through": through,
                "share_bps": share_bps,
                "occurred_at": datetime_of(command.occurred_at),
                "actor": command.actor,
            }
        )

    def write(self, connection: Connection) -> None:
        """The runs accepted."""
        if self._runs:
            connection.execute(insert(runs), self._runs)
            for run in self._accepted:
                self._announce(connection, run)
