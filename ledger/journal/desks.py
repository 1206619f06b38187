"""Desks: who plans which kind of command.

The journal knows entries, not gifts or cases. Each kind of command has a desk; for a batch, a desk opens
a *page* with what its commands refer to (prices, limits, freezes), read in a few statements for all of
them. The page plans one command at a time, in order, and its references advance as commands are accepted.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

import psycopg
from sqlalchemy import Connection

from ledger.chart import AccountRef
from ledger.journal.commands import Command
from ledger.journal.copying import Copy
from ledger.kernel.accounts import Account
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal


class Page(ABC):
    """What one desk knows while one batch is decided."""

    @abstractmethod
    def accounts(self) -> Iterable[AccountRef]:
        """Every account that the page's commands may touch, to be locked; unknown ones are left out."""

    def holds(self) -> Iterable[UUID]:
        """Every hold that the page's commands may end."""
        return ()

    def following(self) -> Mapping[UUID, Sequence[Command]]:
        """Commands of our own that come right behind others, by the ids of these, in the same commit.

        Kinds of the same desk, with derived ids: they come to nothing unless what they follow is accepted.
        """
        return {}

    def ask(self, driver: psycopg.Connection[Any]) -> None:
        """Queue reads that are to be made under the locks, in the round trip that takes them.

        :meth:`after_locks` then fetches what they found.
        """
        return

    def late_spending(self, books: Books) -> Iterable[tuple[Account, int]]:
        """The accounts, each with a day, whose tips on an earlier day than their latest will count."""
        return ()

    def is_behind(self, command: Any, books: Books) -> bool:
        """Whether what was read before the locks misses what this command did.

        It was accepted elsewhere; if only since we read, the batch has to look again.
        """
        return False

    def after_locks(self, connection: Connection, books: Books) -> None:
        """Read what only holds still while the accounts are locked."""
        return

    @abstractmethod
    def plan(self, command: Any, books: Books) -> Entry | Refusal | None:
        """What the command comes to. None: nothing, and nothing is decided (commands of our own only).

        Pure: whatever it needs was read before.
        """

    def accepted(self, command: Any, posted: Posted) -> None:
        """Take note of an accepted command: later ones of the batch see it."""
        return

    def copies(self) -> Iterable[Copy]:
        """Business rows, in numbers, of what was accepted since this was last called.

        They are written in the same transaction, the first of a batch while the rest is being decided.
        """
        return ()

    def write(self, connection: Connection) -> None:
        """Write the other business rows of what was accepted, in the same transaction."""
        return


class Desk(Protocol):
    """Plans the kinds of command it names."""

    commands: tuple[type[Command], ...]

    def open(self, connection: Connection, commands: Sequence[Command]) -> Page:
        """A page for these commands, its references read. Runs before any account is locked."""
        ...
