"""Parties: who owns accounts. Registering a party in a role opens that role's accounts."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import ClassVar, Protocol
from uuid import UUID

from sqlalchemy import Connection

from ledger.chart import ACCOUNTS_OF_ROLE, AccountRef
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Bar, Entry, Hold, Open
from ledger.kernel.posted import Posted


class Register(Command, frozen=True, gc=False):
    """A party takes on roles (``viewer``, ``streamer``); those it has already stay as they are."""

    party: str
    roles: tuple[str, ...]

    kind: ClassVar[str] = "register"


class Standing(Protocol):
    """What parties may not do, as far as accounts that they open in a batch have to know."""

    def accounts(self, party: str) -> Iterable[AccountRef]:
        """The accounts that have to hold still to say so."""
        ...

    def know(self, connection: Connection, books: Books, parties: Collection[str]) -> None:
        """Read it, those accounts being locked."""
        ...

    def restrictions(
        self, party: str, opening: Collection[AccountRef], books: Books
    ) -> tuple[Hold | Bar, ...]:
        """What freezes and bars the accounts that are being opened: holds of the whole, then bars."""
        ...

    def restricted(self, restrictions: Iterable[Hold | Bar], entry: int) -> None:
        """They were opened so, by the entry of that number."""
        ...

    def write(self, connection: Connection) -> None:
        """Write what the holds rest on."""
        ...


class PartyDesk:
    """Plans ``register``: what a party that is barred or frozen opens is so, too, in the same entry."""

    commands: tuple[type[Command], ...] = (Register,)

    def __init__(self, standing: Callable[[], Standing]) -> None:
        """``standing`` says how parties stand, for a batch."""
        self._standing = standing

    def open(self, connection: Connection, commands: Sequence[Command]) -> "PartyPage":
        """Nothing to read but the accounts, which the journal reads under lock."""
        registers = [command for command in commands if isinstance(command, Register)]
        return PartyPage(registers, self._standing())


class PartyPage(Page):
    """The accounts that registering would open, and what bars or freezes them."""

    def __init__(self, registers: Sequence[Register], standing: Standing) -> None:
        self._registers = registers
        self._standing = standing
        self._restrictions: dict[UUID, tuple[Hold | Bar, ...]] = {}

    def accounts(self) -> Iterable[AccountRef]:
        """Every account of the roles asked for, not to be opened again; and those that standing stands on.

        Whoever imposes something on a party that registers meets it there: one of them sees the other.
        """
        for register in self._registers:
            yield from _accounts_of(register)
            yield from self._standing.accounts(register.party)

    def after_locks(self, connection: Connection, books: Books) -> None:
        """How the parties stand."""
        self._standing.know(connection, books, {register.party for register in self._registers})

    def is_behind(self, command: Register, books: Books) -> bool:
        """An account it opened was not there to be locked."""
        return any(ref not in books.accounts for ref in _accounts_of(command))

    def plan(self, command: Register, books: Books) -> Entry:
        """Open what is missing; nothing missing is accepted too."""
        # Two roles may share an account: a streamer who is a guild too has one of earnings.
        wanted = dict.fromkeys(_accounts_of(command))
        missing = [ref for ref in wanted if ref not in books.accounts]
        restrictions = self._standing.restrictions(command.party, missing, books) if missing else ()
        self._restrictions[command.id] = restrictions
        return Entry("register", f"party:{command.party}", (*map(Open, missing), *restrictions))

    def accepted(self, command: Register, posted: Posted) -> None:
        """What is frozen as it is opened can be freed from now on."""
        restrictions = self._restrictions.pop(command.id)
        if restrictions:
            self._standing.restricted(restrictions, posted.seq)

    def write(self, connection: Connection) -> None:
        """What the freezes rest on."""
        self._standing.write(connection)


def _accounts_of(register: Register) -> Iterable[AccountRef]:
    for role in register.roles:
        for kind in ACCOUNTS_OF_ROLE[role]:
            yield AccountRef(kind, register.party)
