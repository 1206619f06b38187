"""The session part of the earning desk: one session at a time for each streamer, facts on top."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection, insert, select

from ledger.chart import AccountRef
from ledger.instants import datetime_of
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import AccountNotFound, NotPermitted, Refusal
from settlement.sessions.commands import CloseSession, OpenSession, RecordFact
from settlement.sessions.live import Live, LiveSessions, Measured
from settlement.sessions.refusals import EndsBeforeItBegan, SessionClosed, SessionIsOpen, SessionNotFound
from settlement.sessions.tables import facts, session_ends, sessions

SESSION_COMMANDS: tuple[type[Command], ...] = (OpenSession, CloseSession, RecordFact)


class SessionPage(Page):
    """Sessions and facts of a batch.

    Whatever is said of a streamer's sessions waits for the lock on the streamer's accruals, and so does
    whatever is computed from them.
    """

    def __init__(self, connection: Connection, commands: Sequence[Command], live: LiveSessions) -> None:
        self._opened = [command for command in commands if isinstance(command, OpenSession)]
        self._named = {c.session for c in commands if isinstance(c, CloseSession | RecordFact)}
        self._live = live
        self._streamer_of: dict[UUID, str] = {}
        if self._named:
            query = select(sessions.c.session, sessions.c.streamer)
            found = connection.execute(query.where(sessions.c.session.in_(self._named)))
            self._streamer_of = {row.session: row.streamer for row in found}
        self._sessions: list[dict[str, object]] = []
        self._ends: list[dict[str, object]] = []
        self._facts: list[dict[str, object]] = []
        for command in self._opened:
            live.need_latest(command.streamer)
        live.need(*self._streamer_of)

    def accounts(self) -> Iterable[AccountRef]:
        """The accruals of every streamer concerned."""
        for streamer in (*self._streamer_of.values(), *(command.streamer for command in self._opened)):
            yield AccountRef("accruals", streamer)

    def is_behind(self, command: Command, books: Books) -> bool:
        """A session opened elsewhere since we looked, which this batch closes or measures."""
        opened = isinstance(command, OpenSession)
        return opened and command.id in self._named and command.id not in self._streamer_of

    def plan(self, command: OpenSession | CloseSession | RecordFact, books: Books) -> Entry | Refusal:
        """Nothing moves. Refuses what does not fit the sessions that are there."""
        if isinstance(command, OpenSession):
            return self._opening(command, books)
        live = self._live.get(command.session)
        if live is None:
            return SessionNotFound(str(command.session))
        if isinstance(command, RecordFact):
            return Entry("fact", f"session:{command.session} metric:{command.metric}", ())
        if live.closed_at is not None:
            return SessionClosed(str(command.session))
        if command.occurred_at < live.opened_at:
            return EndsBeforeItBegan(str(command.session))
        return Entry("session_close", f"session:{command.session}", ())

    def _opening(self, command: OpenSession, books: Books) -> Entry | Refusal:
        accruals = books.account(AccountRef("accruals", command.streamer))
        if isinstance(accruals, AccountNotFound):
            return accruals
        # What keeps from streaming stands there: a streamer who is not live earns nothing new.
        if accruals.incoming_barred_until > books.now:
            return NotPermitted(*accruals.ref, until=accruals.incoming_barred_until)
        last = self._live.latest_of(command.streamer)
        if last is not None and (last.closed_at is None or command.occurred_at < last.closed_at):
            return SessionIsOpen(command.streamer, str(last.session))
        return Entry("session_open", f"room:{command.room}", ())

    def accepted(self, command: OpenSession | CloseSession | RecordFact, posted: Posted) -> None:
        """Later commands of the batch see it."""
        at = datetime_of(command.occurred_at)
        if isinstance(command, OpenSession):
            self._live.add(
                Live(command.id, posted.seq, command.streamer, frozenset(command.tags), command.occurred_at)
            )
            self._sessions.append(
                {
                    "session": command.id,
                    "entry": posted.seq,
                    "streamer": command.streamer,
                    "room": command.room,
                    "scope": command.scope,
                    "tags": list(command.tags),
                    "opened_at": at,
                }
            )
            return
        live = self._live.get(command.session)
        assert live is not None, "a session that was planned for is there"
        if isinstance(command, CloseSession):
            live.closed_at = command.occurred_at
            self._ends.append({"session": command.session, "entry": posted.seq, "closed_at": at})
            return
        live.facts[command.metric] = Measured(command.value, posted.seq)
        self._facts.append(
            {
                "entry": posted.seq,
                "session": command.session,
                "metric": command.metric,
                "value": command.value,
                "occurred_at": at,
            }
        )

    def write(self, connection: Connection) -> None:
        """The sessions opened and closed, and the facts."""
        for table, rows in ((sessions, self._sessions), (session_ends, self._ends), (facts, self._facts)):
            if rows:
                connection.execute(insert(table), rows)
