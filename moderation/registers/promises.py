"""What streamers promise their viewers, and what became of it. LIVE-PROMISE-1.

The dispute is the streamer's. What the platform lost by it is claimed as damages in the case that a broken
promise opens.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, select

from ledger.chart import AccountRef
from ledger.instants import datetime_of, instant_of
from ledger.journal.commands import Command
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from moderation.cases.closed import OpenAccounts, why_closed
from moderation.cases.writing import CaseRows
from moderation.persons import is_about_oneself
from moderation.registers.commands import RecordPromise, ResolvePromise
from moderation.registers.page import RegisterPage
from moderation.registers.refusals import OwnAffair, PromiseNotFound, PromiseResolved
from moderation.registers.tables import promise_outcomes, promises

PromiseCommand = RecordPromise | ResolvePromise


class Promised(NamedTuple):
    """A promise, and what became of it: ``is_kept`` is None as long as nobody has said. Instants."""

    promise: UUID
    entry: int
    streamer: str
    session: UUID | None
    text: str
    due_at: int
    is_kept: bool | None = None
    note: str | None = None
    case: str | None = None


class PromiseDesk:
    """Plans ``promise`` and ``promise_resolved``."""

    commands: tuple[type[Command], ...] = (RecordPromise, ResolvePromise)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "PromisePage":
        """The promises to be resolved."""
        named = [command.promise for command in commands if isinstance(command, ResolvePromise)]
        asked = _PROMISES.where(promises.c.promise.in_(named))
        found = [_promised(row) for row in connection.execute(asked)] if named else []
        promising = {command.streamer for command in commands if isinstance(command, RecordPromise)}
        return PromisePage({one.promise: one for one in found}, OpenAccounts(promising))


class PromisePage(RegisterPage):
    """Promises as they stand, moving on with the batch."""

    def __init__(self, known: dict[UUID, Promised], promising: OpenAccounts) -> None:
        super().__init__()
        self._promising = promising
        self._known = known
        self._cases = CaseRows()

    def accounts(self) -> Iterable[AccountRef]:
        """Those of whoever promises: it moves nothing, but of a closed account nothing is promised."""
        return self._promising.accounts()

    def after_locks(self, connection: Connection, books: Books) -> None:
        """How they stand."""
        self._promising.after_locks(connection, books)

    def plan(self, command: PromiseCommand, books: Books) -> Entry | Refusal:
        """Refuses ``account_closed``; ``promise_not_found``, ``own_affair`` and ``promise_resolved``."""
        if isinstance(command, RecordPromise):
            return why_closed(command.streamer, books) or Entry("promise", f"streamer:{command.streamer}", ())
        promised = self._known.get(command.promise)
        if promised is None:
            return PromiseNotFound(str(command.promise))
        if is_about_oneself(command.actor, promised.streamer):
            return OwnAffair(promised.streamer)
        if promised.is_kept is not None:
            return PromiseResolved(str(command.promise))
        cause = f"promise:{command.promise}" + ("" if command.is_kept else f" case:{command.case}")
        return Entry("promise_resolved", cause, ())

    def accepted(self, command: PromiseCommand, posted: Posted) -> None:
        """A promise can be resolved from now on, and once."""
        if isinstance(command, RecordPromise):
            self._known[command.id] = Promised(
                command.id, posted.seq, command.streamer, command.session, command.text, command.due_at
            )
            self.add(
                promises,
                promise=command.id,
                entry=posted.seq,
                streamer=command.streamer,
                session=command.session,
                text=command.text,
                due_at=datetime_of(command.due_at),
            )
            return
        promised = self._known[command.promise]
        self.acted(command, f"party:{promised.streamer}")
        self._known[command.promise] = promised._replace(is_kept=command.is_kept)
        if not command.is_kept:
            self._cases.opened(
                command.case,
                entry=posted.seq,
                source="report",
                party=promised.streamer,
                session=promised.session,
                summary=f"LIVE-PROMISE-1 promise not kept: {command.note}",
                actor=command.actor,
                at=command.occurred_at,
                happened_at=min(promised.due_at, command.occurred_at),
            )
        self.add(
            promise_outcomes,
            promise=command.promise,
            entry=posted.seq,
            is_kept=command.is_kept,
            note=command.note,
            case=None if command.is_kept else command.case,
            resolved_by=command.actor,
        )

    def write(self, connection: Connection) -> None:
        """What was promised and what became of it, and the cases that are opened by it."""
        super().write(connection)
        self._cases.write(connection)


_PROMISES = select(
    promises, promise_outcomes.c.is_kept, promise_outcomes.c.note, promise_outcomes.c.case
).outerjoin(promise_outcomes, promise_outcomes.c.promise == promises.c.promise)


def promises_of(connection: Connection, streamer: str, *, before: int, limit: int) -> list[Promised]:
    """What a streamer promised, the newest first, among those before a cursor."""
    asked = (
        _PROMISES.where(promises.c.streamer == streamer, promises.c.entry < before)
        .order_by(promises.c.entry.desc())
        .limit(limit)
    )
    return [_promised(row) for row in connection.execute(asked)]


def _promised(row: Row[tuple[object, ...]]) -> Promised:
    return Promised(
        row.promise,
        row.entry,
        row.streamer,
        row.session,
        row.text,
        instant_of(row.due_at),
        row.is_kept,
        row.note,
        row.case,
    )
