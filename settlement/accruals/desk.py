"""The earning desk: sessions, everything that accrues besides gifts, and the policies that say what does.

One desk for all of it, because what one command says another rests on, within a batch too: a session is
opened, measured and closed, and the task evaluated, in one stretch of an event file.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from sqlalchemy import Connection

from ledger.chart import AccountRef
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from settlement.accruals.accruing import Accruing
from settlement.accruals.activities import ACTIVITY_COMMANDS, ActivityPage
from settlement.accruals.adjustments import ADJUSTMENT_COMMANDS, AdjustmentPage
from settlement.accruals.commands import EvaluateActivity, ReturnGoods, WithdrawAward
from settlement.accruals.commissions import COMMISSION_COMMANDS, CommissionPage
from settlement.accruals.part import Shared
from settlement.accruals.proceeds import PROCEEDS_COMMANDS, ProceedsPage
from settlement.accruals.promotions import PROMOTION_COMMANDS, PromotionPage
from settlement.accruals.taking_back import TakingBack
from settlement.accruals.tasks import TASK_COMMANDS, TaskPage
from settlement.policies.publishing import POLICY_COMMANDS, PolicyPage
from settlement.sessions.live import LiveSessions
from settlement.sessions.page import SESSION_COMMANDS, SessionPage


class _MakePart(Protocol):
    def __call__(self, connection: Connection, commands: Sequence[Command], shared: Shared, /) -> Page: ...


def _policy_part(connection: Connection, commands: Sequence[Command], shared: Shared) -> Page:
    return PolicyPage(commands, shared.accruing.published)


def _session_part(connection: Connection, commands: Sequence[Command], shared: Shared) -> Page:
    return SessionPage(connection, commands, shared.live)


_PARTS: tuple[tuple[tuple[type[Command], ...], _MakePart], ...] = (
    (POLICY_COMMANDS, _policy_part),
    (SESSION_COMMANDS, _session_part),
    (TASK_COMMANDS, TaskPage),
    (ACTIVITY_COMMANDS, ActivityPage),
    (PROMOTION_COMMANDS, PromotionPage),
    (COMMISSION_COMMANDS, CommissionPage),
    (PROCEEDS_COMMANDS, ProceedsPage),
    (ADJUSTMENT_COMMANDS, AdjustmentPage),
)


#: What may take an accrual back.
_TAKING_BACK = (EvaluateActivity, WithdrawAward, ReturnGoods)


class EarningDesk:
    """Plans what the gateway says of sessions, every earning kind but gifts, and ``policy``."""

    commands: tuple[type[Command], ...] = tuple(kind for kinds, _ in _PARTS for kind in kinds)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "EarningPage":
        """What the commands name, so far as it never changes."""
        return EarningPage(connection, commands)


class EarningPage(Page):
    """The parts that a batch needs, and what they share."""

    def __init__(self, connection: Connection, commands: Sequence[Command]) -> None:
        self._shared = Shared(LiveSessions(), Accruing(), TakingBack())
        self._part_of: dict[type[Command], Page] = {}
        there = {type(command) for command in commands}
        for kinds, make in _PARTS:
            if there.intersection(kinds):
                part = make(connection, commands, self._shared)
                self._part_of |= dict.fromkeys(kinds, part)
        self._takes_back = not there.isdisjoint(_TAKING_BACK)
        self._parts = list(dict.fromkeys(self._part_of.values()))

    def accounts(self) -> Iterable[AccountRef]:
        """Those of every part."""
        for part in self._parts:
            yield from part.accounts()

    def is_behind(self, command: Command, books: Books) -> bool:
        """Whether its part is."""
        return self._part_of[type(command)].is_behind(command, books)

    def after_locks(self, connection: Connection, books: Books) -> None:
        """The parts first: only then is it known which sessions they need."""
        self._shared.taking_back.within(books)
        self._shared.accruing.load(connection)
        if self._takes_back:
            self._shared.taking_back.load_all(connection)
        for part in self._parts:
            part.after_locks(connection, books)
        self._shared.live.load(connection)

    def plan(self, command: Command, books: Books) -> Entry | Refusal | None:
        """As its part does."""
        return self._part_of[type(command)].plan(command, books)

    def accepted(self, command: Command, posted: Posted) -> None:
        """Its part takes note."""
        self._part_of[type(command)].accepted(command, posted)

    def write(self, connection: Connection) -> None:
        """What the parts keep, and what accrued or was taken back."""
        for part in self._parts:
            part.write(connection)
        self._shared.accruing.write(connection)
        self._shared.taking_back.write(connection)
