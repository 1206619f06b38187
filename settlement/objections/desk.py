"""The objection desk: who may object to which statement until when, and that each is answered once."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, insert, text

from ledger.chart import AccountRef
from ledger.instants import datetime_of
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from settlement.objections.commands import Answer, Object
from settlement.objections.refusals import (
    AdjustmentNotFound,
    AlreadyAnswered,
    ObjectionNotFound,
    ObjectionWindowClosed,
    StatementLineNotFound,
    StatementNotFound,
)
from settlement.objections.tables import objection_answers, objections
from settlement.objections.window import heard_until
from settlement.policies.versions import versions

_STATEMENTS = text("""
SELECT statement, streamer, entry,
       coalesce(jsonb_array_length(convert_from(document, 'UTF8')::jsonb -> 'lines'), 0) AS lines
FROM settlement.statements
WHERE statement = ANY (:statements)
""")

_OBJECTIONS = text("""
SELECT o.objection, o.streamer, a.objection IS NOT NULL AS is_answered
FROM settlement.objections AS o LEFT JOIN settlement.objection_answers AS a USING (objection)
WHERE o.objection = ANY (:objections)
""")

_ADJUSTMENTS = text("""
SELECT d.id, d.seq, coalesce(a.streamer, b.streamer) AS streamer
FROM ledger.decisions AS d
LEFT JOIN settlement.accruals AS a ON a.entry = d.seq AND a.kind = 'adjustment'
LEFT JOIN settlement.deductions AS b ON b.entry = d.seq
WHERE d.id = ANY (:adjustments) AND d.refusal IS NULL AND coalesce(a.entry, b.entry) IS NOT NULL
""")


class Issued(NamedTuple):
    """A statement, as far as objections go: whose it is, and until when (an instant) they are heard."""

    streamer: str
    lines: int
    heard_until: int


class ObjectionDesk:
    """Plans ``objection`` and ``objection_answer``."""

    commands: tuple[type[Command], ...] = (Object, Answer)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "ObjectionPage":
        """What is objected to and answered. Two answers at once meet in the table's key; one runs again."""
        said = [command for command in commands if isinstance(command, Object)]
        answers = [command for command in commands if isinstance(command, Answer)]
        return ObjectionPage(
            issued(connection, [command.statement for command in said]) if said else {},
            *(_answerable(connection, answers) if answers else ({}, set(), {})),
        )


class ObjectionPage(Page):
    """Statements, objections and adjustments that the batch names, moving on with it."""

    def __init__(
        self,
        issued: dict[UUID, Issued],
        streamers: dict[UUID, str],
        answered: set[UUID],
        adjustments: dict[UUID, tuple[int, str]],
    ) -> None:
        self._issued = issued
        self._streamers = streamers
        self._answered = answered
        self._adjustments = adjustments
        self._objections: list[dict[str, object]] = []
        self._answers: list[dict[str, object]] = []

    def accounts(self) -> Iterable[AccountRef]:
        """None: words move nothing."""
        return ()

    def plan(self, command: Object | Answer, books: Books) -> Entry | Refusal:
        """Refuses ``statement_not_found``, ``statement_line_not_found``, ``objection_window_closed``;
        ``objection_not_found``, ``already_answered``, ``adjustment_not_found``.
        """
        return self._objection(command) if isinstance(command, Object) else self._answer(command)

    def _objection(self, command: Object) -> Entry | Refusal:
        statement, name = self._issued.get(command.statement), str(command.statement)
        if statement is None or statement.streamer != command.streamer:
            return StatementNotFound(name)
        if command.line is not None and command.line > statement.lines:
            return StatementLineNotFound(name, command.line, statement.lines)
        if command.occurred_at >= statement.heard_until:
            return ObjectionWindowClosed(name, statement.heard_until)
        return Entry("objection", f"statement:{name}", ())

    def _answer(self, command: Answer) -> Entry | Refusal:
        streamer = self._streamers.get(command.objection)
        if streamer is None:
            return ObjectionNotFound(str(command.objection))
        if command.objection in self._answered:
            return AlreadyAnswered(str(command.objection))
        if command.adjustment is not None and self._adjusted(command.adjustment)[1] != streamer:
            return AdjustmentNotFound(str(command.adjustment), streamer)
        return Entry("objection_answer", f"objection:{command.objection}", ())

    def _adjusted(self, adjustment: UUID) -> tuple[int | None, str | None]:
        return self._adjustments.get(adjustment, (None, None))

    def accepted(self, command: Object | Answer, posted: Posted) -> None:
        """An objection can be answered from now on, and an answered one not again."""
        row: dict[str, object] = {
            "entry": posted.seq,
            "text": command.text,
            "occurred_at": datetime_of(command.occurred_at),
        }
        if isinstance(command, Object):
            self._streamers[command.id] = command.streamer
            until = self._issued[command.statement].heard_until
            row |= {"objection": command.id, "statement": command.statement, "streamer": command.streamer}
            self._objections.append(row | {"line": command.line, "heard_until": datetime_of(until)})
        else:
            self._answered.add(command.objection)
            entry, _ = self._adjusted(command.adjustment) if command.adjustment else (None, None)
            self._answers.append(row | {"objection": command.objection, "adjustment": entry})

    def write(self, connection: Connection) -> None:
        """What was said."""
        if self._objections:
            connection.execute(insert(objections), self._objections)
        if self._answers:
            connection.execute(insert(objection_answers), self._answers)


def issued(connection: Connection, statements: Sequence[UUID]) -> dict[UUID, Issued]:
    """Those of the statements that were issued."""
    published = versions(connection)
    return {
        row.statement: Issued(row.streamer, row.lines, heard_until(row.entry, published))
        for row in connection.execute(_STATEMENTS, {"statements": list(statements)})
    }


def _answerable(
    connection: Connection, answers: Sequence[Answer]
) -> tuple[dict[UUID, str], set[UUID], dict[UUID, tuple[int, str]]]:
    """Whose objections these are, which of them are answered, and the adjustments named, by command."""
    named = {"objections": [command.objection for command in answers]}
    found = connection.execute(_OBJECTIONS, named).all()
    adjustments = [command.adjustment for command in answers if command.adjustment is not None]
    adjusted = connection.execute(_ADJUSTMENTS, {"adjustments": adjustments}) if adjustments else ()
    return (
        {row.objection: row.streamer for row in found},
        {row.objection for row in found if row.is_answered},
        {row.id: (row.seq, row.streamer) for row in adjusted},
    )
