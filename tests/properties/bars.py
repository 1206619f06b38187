"""A desk that bars accounts. The kernel knows bars; no public command sets one, so the tests bring one."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from sqlalchemy import Connection

from ledger.chart import AccountRef
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Bar, Direction, Entry


class BarAccount(Command, frozen=True, gc=False):
    """Until an instant, nothing may go out of an account by its owner's wish, or nothing may come in."""

    account: str
    owner: str
    direction: Direction
    until: int

    kind: ClassVar[str] = "bar"


class BarDesk:
    """Plans ``bar``."""

    commands: tuple[type[Command], ...] = (BarAccount,)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "BarPage":
        """The commands say all there is to know."""
        return BarPage([command for command in commands if isinstance(command, BarAccount)])


class BarPage(Page):
    """The bars of a batch."""

    def __init__(self, commands: Sequence[BarAccount]) -> None:
        self._commands = commands

    def accounts(self) -> Iterable[AccountRef]:
        """The accounts barred."""
        return (AccountRef(command.account, command.owner) for command in self._commands)

    def plan(self, command: BarAccount, books: Books) -> Entry:
        """The kernel refuses ``account_not_found``."""
        bar = Bar(AccountRef(command.account, command.owner), command.direction, command.until)
        return Entry("bar", "a test", (bar,))
