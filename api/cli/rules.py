"""`zhibo rules`: read, compare, publish and show rule books, and switch single rules off (平台规则)."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import Misused, Stop
from api.cli.asking import words_of
from api.cli.documents import called, is_file, name_of, now, text_of

if TYPE_CHECKING:
    from moderation.rules.document import RuleBook

rules_app = typer.Typer(
    help="Read, compare, publish and show rule books: TOML documents, one a version.",
    rich_markup_mode=None,
)
#: UTF-8 takes at most four bytes a character, and no rule book is longer than this.
_LONGEST_BYTES = 400_000

_File = Annotated[str, typer.Argument(metavar="FILE", help="A rule book; - reads standard input.")]
_Person = Annotated[
    str | None,
    typer.Option("--as", metavar="NAME", help="Which moderator does it (default: you, by login)."),
]


@rules_app.command()
def check(
    file: _File,
    agreement: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="The agreement's text: say whether every clause meant is in it."),
    ] = None,
) -> None:
    """Say whether a file is a rule book. Publishes nothing, and needs no books.

    What depends on the versions that are published, only publishing says.
    """
    from api.cli.moments import written
    from ledger.documents import sha256_of
    from ledger.instants import instant_of
    from moderation.rules.document import canonical

    book = _parsed(file)
    effective_at = instant_of(book.effective_at)
    print(f"rule book {book.version}, in force from {written(effective_at)} (+08:00)")
    print(f"{len(book.items)} items in {len(book.groups)} groups, {len(book.ladder)} steps of the ladder")
    print(f"sha256 {sha256_of(canonical(book))}")
    if effective_at <= now():
        print("remark: it would be in force from the past, which publishing refuses")
    if agreement is not None:
        _compare_clauses(book, agreement)


def _compare_clauses(book: "RuleBook", agreement: str) -> None:
    from moderation.rules.clauses import clauses_of, missing

    absent = missing(book, text_of(agreement, "agreement", 4_000_000))
    if absent:
        raise Stop(f"{called(agreement)} does not have the text meant by {', '.join(absent)}")
    print(f"{len(clauses_of(book))} clauses are in {called(agreement)}, word for word")


@rules_app.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="A", help="A file, or a version.")],
    new: Annotated[str, typer.Argument(metavar="B", help="A file, or a version.")],
) -> None:
    """Show what B changes in A, field by field.

    What is harder on people is marked with an exclamation mark.
    """
    from moderation.rules.changes import changes

    found = changes(_book_of(old), _book_of(new))
    for change in found:
        print(f"{'!' if change.is_harder else ' '} {change.field}: {change.old} -> {change.new}")
    if not found:
        print("nothing differs")


@rules_app.command()
def publish(file: _File, person: _Person = None) -> None:
    """Publish a rule book. It is never changed again: a change is a new version."""
    from uuid import uuid4

    from api.cli.moments import written
    from api.wiring import open_house
    from ledger.documents import sha256_of
    from ledger.instants import instant_of
    from moderation.rules.document import canonical
    from moderation.rules.publishing import PublishRules

    actor = f"finance:{name_of(person, 'publishes it')}"
    source = text_of(file, "rule book", _LONGEST_BYTES)
    book = _parsed_text(source, file)
    with open_house() as house:
        (outcome,) = house.journal.decide([PublishRules(uuid4(), actor, now(), None, source)])
    if outcome.refusal is not None:
        raise Stop(f"not published: {outcome.refusal}")
    print(f"published rule book {book.version} as {actor}")
    print(f"in force from {written(instant_of(book.effective_at))} (+08:00)")
    print(f"sha256 {sha256_of(canonical(book))}")


@rules_app.command()
def switch(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="A clause, a part of one, a group or an item.")],
    state: Annotated[str, typer.Argument(metavar="on|off")],
    reason: Annotated[str, typer.Option(metavar="WHY", help="Why: kept, and shown to whoever asks.")],
    person: _Person = None,
) -> None:
    """Switch a single rule off, or on again, for a reason."""
    from uuid import uuid4

    from api.event_file.fields import Malformed, text
    from api.wiring import open_house
    from moderation.rules.publishing import SwitchRule

    if state not in ("on", "off"):
        raise Misused(f"{state!r} is neither on nor off")
    reason = words_of(reason, "--reason")
    try:
        rule = text(rule)
    except Malformed as fault:
        raise Misused(f"RULE {fault}") from None
    actor = f"finance:{name_of(person, 'switches it')}"
    with open_house() as house:
        (outcome,) = house.journal.decide(
            [SwitchRule(uuid4(), actor, now(), None, rule, state == "on", reason)]
        )
    if outcome.refusal is not None:
        raise Stop(f"not switched: {outcome.refusal}")
    print(f"{rule} is {state} as of now, by {actor}")


@rules_app.command("list")
def list_versions() -> None:
    """Print every version, the earliest in force first, and the rules that are switched off."""
    from api.cli.moments import written
    from api.cli.showing import console_on, table
    from api.wiring import open_house
    from ledger.versions import standing_of
    from moderation.rules.switches import switches
    from moderation.rules.versions import rule_books

    with open_house() as house, house.database.app.connect() as connection:
        versions, off = rule_books(connection), [one for one in switches(connection) if not one.is_on]
    at = now()
    rows = [
        (
            version.version,
            standing_of(version, versions, at),
            written(version.effective_at) if version.entry else "the beginning",
            written(version.published_at) if version.entry else "shipped",
            version.sha256[:16],
        )
        for version in versions
    ]
    console = console_on(sys.stdout)
    columns = ("version", "standing", "in force from", "published", "sha256")
    console.print(table("Rule books (times +08:00)", *columns, rows=rows))
    if off:
        switched = [(one.rule, one.reason, one.switched_by, written(one.switched_at)) for one in off]
        console.print(table("Rules that are off", "rule", "reason", "switched off by", "at", rows=switched))


@rules_app.command()
def show(
    version: Annotated[
        str | None, typer.Argument(metavar="[VERSION]", help="A version (default: the one in force).")
    ] = None,
) -> None:
    """Print a version, just as it was published."""
    print(_source_of(version), end="")


def _book_of(name: str) -> "RuleBook":
    """The rule book of a file, or else of a version."""
    return _parsed(name) if is_file(name) else _parsed_text(_source_of(name), name)


def _source_of(name: str | None) -> str:
    from api.wiring import open_house
    from ledger.versions import NoSuchVersion
    from moderation.rules import versions
    from moderation.rules.document import sample, sample_text

    if name == sample().version:
        return sample_text()
    with open_house() as house, house.database.app.connect() as connection:
        try:
            current = name or versions.in_force(versions.rule_books(connection), now()).version
            return versions.text_of(connection, current).source
        except NoSuchVersion as reason:
            raise Stop(str(reason)) from None


def _parsed(file: str) -> "RuleBook":
    return _parsed_text(text_of(file, "rule book", _LONGEST_BYTES), file)


def _parsed_text(text: str, file: str) -> "RuleBook":
    from ledger.documents import InvalidDocument
    from moderation.rules.document import parse

    try:
        return parse(text)
    except InvalidDocument as reason:
        raise Stop(f"{called(file)}: {reason}") from None
