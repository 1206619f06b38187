"""The run desk: accepts settlement runs (结算批次). What they move is decided streamer by streamer."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, insert, select

from ledger.chart import AccountRef
from ledger.instants import datetime_of, end_of_day
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
        self._settled: list[Period] = []
        self._has_policy = False
        self._runs: list[dict[str, object]] = []

    def accounts(self) -> Iterable[AccountRef]:
        """A run moves nothing itself."""
        return ()

    def after_locks(self, connection: Connection, books: Books) -> None:
        """The periods settled so far that could overlap, and whether there is a policy."""
        if not self._asked:
            return
        earliest = min(asked.first for asked in self._asked)
        found = select(runs.c.period, runs.c.first, runs.c.through).where(
            runs.c.first.is_not(None), runs.c.through >= earliest
        )
        self._settled = [Period(row.period, row.first, row.through) for row in connection.execute(found)]
        self._has_policy = connection.execute(select(policies.c.entry).limit(1)).first() is not None

    def plan(self, command: Settle | SettlePeriod, books: Books) -> Entry | Refusal:
        """A flat run is accepted as it is.

        Refuses ``no_policy``, ``period_not_over`` and ``period_overlaps``.
        """
        if isinstance(command, Settle):
            return Entry("settle", f"through:{command.through.isoformat()}", ())
        asked = period(command.period)
        if not self._has_policy:
            return NoPolicy()
        if end_of_day(asked.through) > books.now:
            return PeriodNotOver(asked.name, asked.through.isoformat())
        for settled in self._settled:
            if settled.first <= asked.through and asked.first <= settled.through:
                return PeriodOverlaps(asked.name, settled.name)
        return Entry("settle_period", f"period:{asked.name}", ())

    def accepted(self, command: Settle | SettlePeriod, posted: Posted) -> None:
        """A run to carry out."""
        first: date | None = None
        share_bps: int | None = None
        if isinstance(command, Settle):
            name, through, share_bps = f"through {command.through}", command.through, command.share_bps
        else:
            asked = period(command.period)
            name, first, through = asked
            self._settled.append(asked)
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
