"""Reading objections: those to a statement, and all of them for whoever answers."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, select

from ledger.instants import instant_of
from ledger.journal.tables import decisions
from settlement.objections.tables import objection_answers, objections


class Answered(NamedTuple):
    """What finance answered. ``adjustment`` is the command that put something right, if one did."""

    text: str
    adjustment: UUID | None
    occurred_at: int


class Objection(NamedTuple):
    """An objection and its answer, if it has one. Times are instants; ``number`` is the cursor behind it."""

    number: int
    objection: UUID
    statement: UUID
    streamer: str
    line: int | None
    text: str
    occurred_at: int
    heard_until: int
    answer: Answered | None


class ObjectionPage(NamedTuple):
    """Some objections, and where the next page begins; None when these were the last."""

    objections: list[Objection]
    next_cursor: int | None


_ADJUSTED = decisions.alias("adjusted")


def objections_to(connection: Connection, statement: UUID) -> list[Objection]:
    """The objections to a statement, oldest first."""
    asked = _asked(objections.c.statement == statement).order_by(objections.c.entry)
    return [_objection(row) for row in connection.execute(asked)]


def objection_page(
    connection: Connection, *, before: int | None = None, limit: int = 50, open_only: bool = False
) -> ObjectionPage:
    """A page of all objections, newest first; ``before`` is the cursor of the page before it."""
    wanted = []
    if before is not None:
        wanted.append(objections.c.entry < before)
    if open_only:
        wanted.append(objection_answers.c.objection.is_(None))
    asked = _asked(*wanted).order_by(objections.c.entry.desc()).limit(limit + 1)
    found = [_objection(row) for row in connection.execute(asked)]
    page = found[:limit]
    return ObjectionPage(page, page[-1].number if len(found) > limit else None)


def _asked(*wanted: ColumnElement[bool]):  # type: ignore[no-untyped-def]
    answer = objection_answers.c
    return (
        select(
            objections,
            answer.text.label("answer"),
            answer.occurred_at.label("answered_at"),
            _ADJUSTED.c.id.label("adjusted_by"),
        )
        .outerjoin(objection_answers, answer.objection == objections.c.objection)
        .outerjoin(_ADJUSTED, _ADJUSTED.c.seq == answer.adjustment)
        .where(*wanted)
    )


def _objection(row: Row[tuple[object, ...]]) -> Objection:
    answer = None
    if row.answer is not None:
        answer = Answered(row.answer, row.adjusted_by, instant_of(row.answered_at))
    return Objection(
        row.entry,
        row.objection,
        row.statement,
        row.streamer,
        row.line,
        row.text,
        instant_of(row.occurred_at),
        instant_of(row.heard_until),
        answer,
    )
