"""What is earned on somebody's word: a reward given by name (任务奖励), and promoting interactive play.

Rules: LIVE-EARN-2, LIVE-COND-2.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from ledger.chart import AccountRef, platform_account
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from settlement.accruals.accruing import accruals_of, unknown_streamer
from settlement.accruals.commands import Promote
from settlement.accruals.part import Shared
from settlement.commands import Reward
from settlement.kinds import EXPENSE_OF_KIND, EarningKind
from settlement.sessions.refusals import SessionNotFound

PROMOTION_COMMANDS: tuple[type[Command], ...] = (Reward, Promote)
NO_PERMISSION = "no_permission"
_KIND_OF: dict[type[Command], EarningKind] = {
    Reward: EarningKind.TASK,
    Promote: EarningKind.INTERACTION_PROMO,
}


class PromotionPage(Page):
    """The rewards and promotions of a batch."""

    def __init__(self, connection: Connection, commands: Sequence[Command], shared: Shared) -> None:
        self._commands = [command for command in commands if isinstance(command, Reward | Promote)]
        self._shared = shared
        for command in self._commands:
            if isinstance(command, Promote) and command.session is not None:
                shared.live.need(command.session)

    def accounts(self) -> Iterable[AccountRef]:
        """The streamers' accruals, and the expenses."""
        for command in self._commands:
            yield accruals_of(command.streamer)
            yield platform_account(EXPENSE_OF_KIND[_KIND_OF[type(command)]])

    def plan(self, command: Reward | Promote, books: Books) -> Entry | Refusal:
        """Refuses ``account_not_found``, ``session_not_found``. What has no permission earns nothing."""
        if unknown := unknown_streamer(books, command.streamer):
            return unknown
        if isinstance(command, Reward):
            accrual = self._shared.accruing.plan(
                command, command.streamer, EarningKind.TASK, command.amount_minor, command.task
            )
            return Entry("reward", f"task:{command.task}", accrual.transfers())
        if command.session is not None:
            live = self._shared.live.get(command.session)
            if live is None or live.streamer != command.streamer:
                return SessionNotFound(str(command.session))
        is_permitted = command.permission is not None
        accrual = self._shared.accruing.plan(
            command,
            command.streamer,
            EarningKind.INTERACTION_PROMO,
            command.amount_minor if is_permitted else 0,
            command.permission or "",
            session=command.session,
            reason=None if is_permitted else NO_PERMISSION,
        )
        return Entry("promotion", f"permission:{command.permission or 'none'}", accrual.transfers())

    def accepted(self, command: Reward | Promote, posted: Posted) -> None:
        """What it was for."""
        self._shared.accruing.accepted(command, posted)
