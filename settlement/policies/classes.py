"""Classes of streamers: on which terms of the policy, and with which guild (公会), a streamer is settled.

The gateway says so; it counts from the moment it occurred. Of whom nothing was said is of class
``standard`` and of no guild.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import ClassVar

from sqlalchemy import Connection, Text, any_, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from ledger.chart import AccountRef
from ledger.instants import datetime_of, instant_of
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import AccountNotFound, Refusal
from settlement.policies.document import STANDARD
from settlement.policies.refusals import ClassNotFound
from settlement.policies.tables import streamer_classes
from settlement.policies.versions import versions


class Classify(Command, frozen=True, gc=False):
    """A streamer is of a class, and of a guild or none, from ``occurred_at`` on."""

    streamer: str
    streamer_class: str
    guild: str | None = None

    kind: ClassVar[str] = "class"


class ClassDesk:
    """Plans ``class``."""

    commands: tuple[type[Command], ...] = (Classify,)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "ClassPage":
        """Nothing to read before the locks."""
        return ClassPage([command for command in commands if isinstance(command, Classify)])


class ClassPage(Page):
    """The classes that there are."""

    def __init__(self, commands: Sequence[Classify]) -> None:
        self._commands = commands
        self._known: set[str] = set()
        self._rows: list[dict[str, object]] = []

    def accounts(self) -> Iterable[AccountRef]:
        """The streamers' gifts, which their settlement locks too, and the guilds' earnings."""
        for command in self._commands:
            yield AccountRef("gifts", command.streamer)
            if command.guild is not None:
                yield AccountRef("earnings", command.guild)

    def after_locks(self, connection: Connection, books: Books) -> None:
        """Every class that a published version names. A class once published stays known."""
        if self._commands:
            self._known = {name for version in versions(connection) for name in version.policy.classes}

    def plan(self, command: Classify, books: Books) -> Entry | Refusal:
        """Refuses ``account_not_found`` and ``class_not_found``."""
        if AccountRef("gifts", command.streamer) not in books.accounts:
            return AccountNotFound("gifts", command.streamer)
        if command.guild is not None and AccountRef("earnings", command.guild) not in books.accounts:
            return AccountNotFound("earnings", command.guild)
        if command.streamer_class not in self._known | {STANDARD}:
            return ClassNotFound(command.streamer_class)
        return Entry("class", f"class:{command.streamer_class}", ())

    def accepted(self, command: Classify, posted: Posted) -> None:
        """From when on it counts."""
        self._rows.append(
            {
                "streamer": command.streamer,
                "entry": posted.seq,
                "since": datetime_of(command.occurred_at),
                "class": command.streamer_class,
                "guild": command.guild,
            }
        )

    def write(self, connection: Connection) -> None:
        """The classes that were told."""
        if self._rows:
            connection.execute(insert(streamer_classes), self._rows)


def classes_of(
    connection: Connection, streamers: Sequence[str], upto_seq: int | None = None
) -> dict[str, list[tuple[int, str, str | None]]]:
    """Since which instant each streamer was of which class and guild, as told up to ``upto_seq``, in order.

    Of two told for the same instant the later counts. Streamers of whom nothing was told are left out.
    """
    told = streamer_classes.c
    asked = (
        select(told.streamer, told.since, told["class"].label("streamer_class"), told.guild)
        .where(told.streamer == any_(literal(list(streamers), ARRAY(Text))))
        .order_by(told.streamer, told.since, told.entry)
    )
    if upto_seq is not None:
        asked = asked.where(told.entry <= upto_seq)
    found: dict[str, list[tuple[int, str, str | None]]] = defaultdict(list)
    for row in connection.execute(asked):
        since, theirs = instant_of(row.since), found[row.streamer]
        if theirs and theirs[-1][0] == since:
            theirs.pop()
        theirs.append((since, row.streamer_class, row.guild))
    return dict(found)
