"""Expiry: holds whose time is over are ended by an entry of their own."""

from collections.abc import Iterable, Sequence
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Connection, func, select

from ledger.chart import AccountRef
from ledger.instants import instant_of
from ledger.journal.commands import Command, derived_id
from ledger.journal.desks import Page
from ledger.journal.journal import Journal
from ledger.journal.tables import accounts, holds
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry, Expire

_BATCH = 1_000
_ACTOR = "system:expiry"


class ExpireHold(Command, frozen=True, gc=False):
    """End a hold whose time is over. ``account`` is where it is; a command of our own."""

    hold: UUID
    account: AccountRef

    kind: ClassVar[str] = "expiry"


class ExpiryDesk:
    """Plans ``expiry``."""

    commands: tuple[type[Command], ...] = (ExpireHold,)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "ExpiryPage":
        """The commands say all there is to know."""
        return ExpiryPage([command for command in commands if isinstance(command, ExpireHold)])


class ExpiryPage(Page):
    """The overdue holds of a batch."""

    def __init__(self, commands: Sequence[ExpireHold]) -> None:
        self._commands = commands

    def accounts(self) -> Iterable[AccountRef]:
        """Where the holds are."""
        return (AccountRef(*command.account) for command in self._commands)

    def holds(self) -> Iterable[UUID]:
        """The holds themselves."""
        return (command.hold for command in self._commands)

    def plan(self, command: ExpireHold, books: Books) -> Entry | None:
        """Nothing, when the hold was ended while we looked or is not overdue after all."""
        hold = books.holds[command.hold]
        if hold.ended is not None or hold.expires_at is None or hold.expires_at > books.now:
            return None
        return Entry("expiry", f"hold:{command.hold}", (Expire(command.hold),))


def expire(journal: Journal) -> int:
    """End every hold whose time is over (I8), in batches; returns how many."""
    expired = 0
    while commands := _overdue(journal):
        expired += sum(1 for outcome in journal.decide(commands) if outcome.decided and not outcome.replayed)
    return expired


def _overdue(journal: Journal) -> list[Command]:
    overdue = (
        select(holds.c.hold, holds.c.expires_at, accounts.c.kind, accounts.c.owner)
        .join(accounts, accounts.c.id == holds.c.account)
        .where(holds.c.ended.is_(None), holds.c.expires_at <= func.clock_timestamp())
        .order_by(holds.c.expires_at)
        .limit(_BATCH)
    )
    with journal.engine.connect() as connection:
        return [
            ExpireHold(
                derived_id(row.hold, "expiry"),
                _ACTOR,
                instant_of(row.expires_at),
                None,
                row.hold,
                AccountRef(row.kind, row.owner),
            )
            for row in connection.execute(overdue)
        ]
