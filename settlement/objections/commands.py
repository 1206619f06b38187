"""What is said about a statement: an objection, and its answer."""

from typing import ClassVar
from uuid import UUID

from ledger.journal.commands import Command


class Object(Command, frozen=True, gc=False):
    """A streamer objects to a statement of their own, or to one ``line`` of it (counted from 1)."""

    statement: UUID
    streamer: str
    text: str
    line: int | None = None

    kind: ClassVar[str] = "objection"


class Answer(Command, frozen=True, gc=False):
    """Finance answers an objection, once.

    Nothing of the statement changes. What was wrong is put right by an adjustment, made before:
    ``adjustment`` is the id of that command.
    """

    objection: UUID
    text: str
    adjustment: UUID | None = None

    kind: ClassVar[str] = "objection_answer"
