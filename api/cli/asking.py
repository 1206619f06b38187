"""What commands that ask something of the books share: who asks, what for, and the answer as a line."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from api.cli import Misused, Stop

if TYPE_CHECKING:
    from ledger.journal.commands import Command, Outcome

As = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="Who of finance does it (default: you, by login).")
]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many.")]
Before = Annotated[
    int | None, typer.Option(min=0, metavar="CURSOR", help="Older than those of a list before.")
]


def decide(command: "Command") -> "Outcome":
    """Decide one command. Raises :class:`Stop` when it is refused."""
    from api.wiring import open_house

    with open_house() as house:
        (outcome,) = house.journal.decide([command])
    if outcome.refusal is not None:
        raise Stop(str(outcome.refusal))
    return outcome


def head(person: str | None) -> tuple[UUID, str, int, None]:
    """What a command begins with: a new id, who of finance asks, now."""
    from uuid import uuid4

    return uuid4(), actor(person), now(), None


def actor(person: str | None) -> str:
    """Who acts: the name given, or that of the operating system's user."""
    import getpass

    try:
        name = getpass.getuser() if person is None else person
    except (OSError, KeyError):
        raise Stop("who does it? Say so by --as NAME") from None
    return f"finance:{text_of(name, '--as')}"


def text_of(value: str, name: str) -> str:
    """A text of an argument or option. Raises :class:`Misused`."""
    from api.event_file.fields import Malformed, text

    try:
        return text(value)
    except Malformed as reason:
        raise Misused(f"{name} {reason}") from None


def words_of(value: str, name: str) -> str:
    """What somebody is asked for in words. Raises :class:`Misused`, if they are blank, too."""
    from api.event_file.fields import Malformed
    from api.words import words

    try:
        return words(value)
    except Malformed as reason:
        raise Misused(f"{name} {reason}") from None


def fen_of(value: str, name: str) -> int:
    """An amount of 元, such as 100.00, in fen. Raises :class:`Misused`."""
    from api.event_file.fields import Malformed, fen

    try:
        return fen(value)
    except Malformed as reason:
        raise Misused(f"{name} {reason}") from None


def id_of(value: str) -> UUID:
    """An id. Raises :class:`Misused`."""
    try:
        return UUID(value)
    except ValueError:
        raise Misused(f"{value[:40]!r} is not an id") from None


def now() -> int:
    """This moment, as an instant."""
    from time import time_ns

    return time_ns() // 1_000
