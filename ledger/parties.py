"""Parties: who owns accounts. Registering a party in a role opens that role's accounts."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from sqlalchemy import Connection

from ledger.chart import ACCOUNTS_OF_ROLE, AccountRef
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry, Open


class Register(Command, frozen=True, gc=False):
    """A party takes on roles (``viewer``, ``streamer``); those it has already stay as they are."""

    party: str
    roles: tuple[str, ...]

    kind: ClassVar[str] = "register"


class PartyDesk:
    """Plans ``register``."""

    commands: tuple[type[Command], ...] = (Register,)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "PartyPage":
        """Nothing to read but the accounts, which the journal reads under lock."""
        return PartyPage([command for command in commands if isinstance(command, Register)])


class PartyPage(Page):
    """The accounts that registering would open."""

    def __init__(self, registers: Sequence[Register]) -> None:
        self._registers = registers

    def accounts(self) -> Iterable[AccountRef]:
        """Every account of the roles asked for: those that exist are not opened again."""
        for register in self._registers:
            yield from _accounts_of(register)

    def is_behind(self, command: Register, books: Books) -> bool:
        """An account it opened was not there to be locked."""
        return any(ref not in books.accounts for ref in _accounts_of(command))

    def plan(self, command: Register, books: Books) -> Entry:
        """Open what is missing; nothing missing is accepted too."""
        # Two roles may share an account: a streamer who is a guild too has one of earnings.
        wanted = dict.fromkeys(_accounts_of(command))
        missing = tuple(Open(ref) for ref in wanted if ref not in books.accounts)
        return Entry("register", f"party:{command.party}", missing)


def _accounts_of(register: Register) -> Iterable[AccountRef]:
    for role in register.roles:
        for kind in ACCOUNTS_OF_ROLE[role]:
            yield AccountRef(kind, register.party)
