"""The reward desk: task rewards (任务奖励) accrue until settlement."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, insert

from ledger.chart import AccountRef, platform_account
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry, Transfer
from ledger.kernel.posted import Posted
from settlement.commands import Reward
from settlement.tables import rewards


class RewardDesk:
    """Plans ``reward``."""

    commands: tuple[type[Command], ...] = (Reward,)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "RewardPage":
        """Nothing to read."""
        return RewardPage([command for command in commands if isinstance(command, Reward)])


class RewardPage(Page):
    """The rewards of a batch."""

    def __init__(self, commands: Sequence[Reward]) -> None:
        self._commands = commands
        self._rows: list[dict[str, object]] = []

    def accounts(self) -> Iterable[AccountRef]:
        """The streamers' accruals, and the expense."""
        for command in self._commands:
            yield AccountRef("accruals", command.streamer)
        yield platform_account("reward_expense")

    def plan(self, command: Reward, books: Books) -> Entry:
        """The platform owes the reward; the kernel refuses ``account_not_found``."""
        accruals = AccountRef("accruals", command.streamer)
        transfer = Transfer(platform_account("reward_expense"), accruals, command.amount_minor)
        return Entry("reward", f"task:{command.task}", (transfer,))

    def accepted(self, command: Reward, posted: Posted) -> None:
        """Which task it was for."""
        self._rows.append(
            {
                "entry": posted.seq,
                "streamer": command.streamer,
                "task": command.task,
                "amount_minor": command.amount_minor,
            }
        )

    def write(self, connection: Connection) -> None:
        """The rewards accepted."""
        if self._rows:
            connection.execute(insert(rewards), self._rows)
