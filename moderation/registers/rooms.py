"""What streamers do in their rooms about participants who break rules (禁言, 移出, 举报). LIVE-MOD-5.

It is a log: a mute keeps from speaking, which the room sees to, and stops no tip.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from ledger.chart import AccountRef
from ledger.instants import datetime_of, instant_of
from ledger.journal.commands import Command
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from moderation.cases.closed import OpenAccounts, why_closed
from moderation.registers.commands import ActInRoom, RoomAct
from moderation.registers.page import RegisterPage
from moderation.registers.tables import room_actions


class RoomAction(NamedTuple):
    """What was done about a participant. Instants; ``until`` is the end of a mute that has one."""

    action: UUID
    entry: int
    streamer: str
    room: str
    participant: str
    act: RoomAct
    reason: str
    until: int | None
    occurred_at: int


class RoomDesk:
    """Plans ``room_action``."""

    commands: tuple[type[Command], ...] = (ActInRoom,)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "RoomPage":
        """Nothing to read."""
        acting = {command.streamer for command in commands if isinstance(command, ActInRoom)}
        return RoomPage(OpenAccounts(acting))


class RoomPage(RegisterPage):
    """What was done in rooms."""

    def __init__(self, acting: OpenAccounts) -> None:
        super().__init__()
        self._acting = acting

    def accounts(self) -> Iterable[AccountRef]:
        """Those of whoever acts: it moves nothing, but whose account is closed has no room."""
        return self._acting.accounts()

    def after_locks(self, connection: Connection, books: Books) -> None:
        """How they stand."""
        self._acting.after_locks(connection, books)

    def plan(self, command: ActInRoom, books: Books) -> Entry | Refusal:
        """Refuses ``account_closed``. Whatever else a streamer did is on record."""
        return why_closed(command.streamer, books) or Entry(
            "room_action", f"room:{command.room} act:{command.act}", ()
        )

    def accepted(self, command: ActInRoom, posted: Posted) -> None:
        """A line of the log."""
        self.add(
            room_actions,
            action=command.id,
            entry=posted.seq,
            streamer=command.streamer,
            room=command.room,
            participant=command.participant,
            act=command.act,
            reason=command.reason,
            until=None if command.until is None else datetime_of(command.until),
            occurred_at=datetime_of(command.occurred_at),
        )


def actions_of(connection: Connection, streamer: str, *, before: int, limit: int) -> list[RoomAction]:
    """What a streamer did, the newest first, among those before a cursor."""
    rows = connection.execute(
        select(room_actions)
        .where(room_actions.c.streamer == streamer, room_actions.c.entry < before)
        .order_by(room_actions.c.entry.desc())
        .limit(limit)
    )
    return [
        RoomAction(
            row.action,
            row.entry,
            row.streamer,
            row.room,
            row.participant,
            row.act,
            row.reason,
            None if row.until is None else instant_of(row.until),
            instant_of(row.occurred_at),
        )
        for row in rows
    ]
