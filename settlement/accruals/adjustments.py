"""Adjustments (调整): how finance corrects what was earned, by a new entry with a reason. LIVE-EARN-6.

An adjustment belongs to no settled period: above zero it accrues and is settled by the next run; below
zero it takes what is there at once, accruals first, then earnings, and the rest is owed.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection, insert

from ledger.chart import AccountRef, platform_account
from ledger.instants import datetime_of
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from settlement.accruals.accruing import accounts_of, unknown_streamer
from settlement.accruals.commands import Adjust
from settlement.accruals.part import Shared
from settlement.accruals.tables import deductions
from settlement.accruals.taking_back import Parts, parts_of
from settlement.kinds import EXPENSE_OF_KIND, EarningKind

ADJUSTMENT_COMMANDS: tuple[type[Command], ...] = (Adjust,)
_EXPENSE = platform_account(EXPENSE_OF_KIND[EarningKind.ADJUSTMENT])


class AdjustmentPage(Page):
    """The adjustments of a batch."""

    def __init__(self, connection: Connection, commands: Sequence[Command], shared: Shared) -> None:
        self._commands = [command for command in commands if isinstance(command, Adjust)]
        self._shared = shared
        self._taken: dict[UUID, Parts] = {}
        self._rows: list[dict[str, object]] = []
        for command in self._commands:
            if command.amount_minor < 0:
                shared.taking_back.need_all(command.streamer)

    def accounts(self) -> Iterable[AccountRef]:
        """What may be given to and taken from, and the adjustments."""
        if self._commands:
            yield _EXPENSE
        yield from accounts_of(command.streamer for command in self._commands)

    def plan(self, command: Adjust, books: Books) -> Entry | Refusal:
        """Refuses ``account_not_found``."""
        if unknown := unknown_streamer(books, command.streamer):
            return unknown
        cause = f"reason:{command.reason}"
        if command.amount_minor > 0:
            accrual = self._shared.accruing.plan(
                command,
                command.streamer,
                EarningKind.ADJUSTMENT,
                command.amount_minor,
                command.reference or "",
                reason=command.reason,
            )
            return Entry("adjustment", cause, accrual.transfers())
        parts = parts_of(books, command.streamer, -command.amount_minor, -command.amount_minor)
        self._taken[command.id] = parts
        return Entry("adjustment", cause, parts.transfers(command.streamer, _EXPENSE))

    def accepted(self, command: Adjust, posted: Posted) -> None:
        """What was given, or taken."""
        if command.amount_minor > 0:
            self._shared.accruing.accepted(command, posted)
            return
        parts = self._taken.pop(command.id)
        self._rows.append(
            {
                **parts._asdict(),
                "entry": posted.seq,
                "streamer": command.streamer,
                "reference": command.reference,
                "reason": command.reason,
                "occurred_at": datetime_of(command.occurred_at),
            }
        )

    def write(self, connection: Connection) -> None:
        """What was taken."""
        if self._rows:
            connection.execute(insert(deductions), self._rows)
