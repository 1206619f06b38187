"""`zhibo policy`: read, compare, publish and show settlement policies (费用结算政策)."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import Misused, Stop
from api.cli.documents import called, is_file, name_of, now, text_of

if TYPE_CHECKING:
    from settlement.policies.document import Policy

policy_app = typer.Typer(
    help="Read, compare, publish and show settlement policies: TOML documents, one a version.",
    rich_markup_mode=None,
)
#: UTF-8 takes at most four bytes a character, and no policy is longer than this.
_LONGEST_BYTES = 200_000

_File = Annotated[str, typer.Argument(metavar="FILE", help="A policy; - reads standard input.")]


@policy_app.command()
def check(file: _File) -> None:
    """Say whether a file is a policy. Publishes nothing, and needs no books.

    What depends on the versions that are published, only publishing says.
    """
    from api.cli.moments import written
    from ledger.documents import sha256_of
    from ledger.instants import instant_of
    from settlement.policies.document import canonical

    policy = _parsed(_text_of(file), file)
    effective_at = instant_of(policy.effective_at)
    print(f"policy {policy.version}, in force from {written(effective_at)} (+08:00)")
    print(f"sha256 {sha256_of(canonical(policy))}")
    if effective_at <= now():
        print("remark: it would be in force from the past, as only the first version of all can be")


@policy_app.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="A", help="A file, or a published version.")],
    new: Annotated[str, typer.Argument(metavar="B", help="A file, or a published version.")],
) -> None:
    """Show what B changes in A, field by field.

    What leaves streamers with less is marked with an exclamation mark.
    """
    from settlement.policies.changes import changes

    found = changes(_policy_of(old), _policy_of(new))
    for change in found:
        print(f"{'!' if change.is_a_cut else ' '} {change.field}: {change.old} -> {change.new}")
    if not found:
        print("nothing differs")


@policy_app.command()
def publish(
    file: _File,
    person: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Who of finance publishes it (default: you, by login)."),
    ] = None,
) -> None:
    """Publish a policy. It is never changed again: a change is a new version."""
    from uuid import uuid4

    from api.cli.moments import written
    from api.wiring import open_house
    from ledger.documents import sha256_of
    from ledger.instants import instant_of
    from settlement.policies.document import canonical
    from settlement.policies.publishing import PublishPolicy

    actor = f"finance:{name_of(person, 'publishes it')}"
    source = _text_of(file)
    policy = _parsed(source, file)
    with open_house() as house:
        command = PublishPolicy(uuid4(), actor, now(), None, source)
        (outcome,) = house.journal.decide([command])
    if outcome.refusal is not None:
        raise Stop(f"not published: {outcome.refusal}")
    print(f"published policy {policy.version} as {actor}")
    print(f"in force from {written(instant_of(policy.effective_at))} (+08:00)")
    print(f"sha256 {sha256_of(canonical(policy))}")


@policy_app.command("list")
def list_versions() -> None:
    """Print every published version, the earliest in force first."""
    from api.cli.moments import written
    from api.cli.showing import console_on, table
    from api.wiring import open_house
    from ledger.versions import standing_of
    from settlement.policies.versions import versions

    with open_house() as house, house.database.app.connect() as connection:
        published = versions(connection)
    if not published:
        print("no policy is published")
        return
    at = now()
    rows = [
        (
            version.version,
            standing_of(version, published, at),
            written(version.effective_at),
            written(version.published_at),
            "yes" if version.policy.major else "no",
            version.sha256[:16],
        )
        for version in published
    ]
    title = "Settlement policies (times +08:00)"
    columns = ("version", "standing", "in force from", "published", "major", "sha256")
    console_on(sys.stdout).print(table(title, *columns, rows=rows))


@policy_app.command()
def show(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="A published version.")],
) -> None:
    """Print a published version, just as it was published."""
    print(_source_of(version), end="")


@policy_app.command("try")
def try_policy(
    file: _File,
    period: Annotated[
        str, typer.Option(metavar="PERIOD", help="A month, week or day: 2026-10, 2026-W41, 2026-10-05.")
    ],
    limit: Annotated[
        int, typer.Option(min=0, max=1_000_000, help="How many of those who gain, and lose, most.")
    ] = 20,
) -> None:
    """Show who would gain or lose by a policy, had it been in force for all of a period. Moves nothing."""
    from api.cli.trying import show_trial
    from settlement.periods import NoPeriod
    from settlement.periods import period as period_of

    policy = _parsed(_text_of(file), file)
    try:
        asked = period_of(period)
    except NoPeriod as reason:
        raise Misused(f"--period {period!r} {reason}") from None
    show_trial(policy, asked, limit=limit)


def _policy_of(name: str) -> "Policy":
    """The policy of a file, or else of a published version."""
    return _parsed(_text_of(name), name) if is_file(name) else _parsed(_source_of(name), name)


def _source_of(version: str) -> str:
    from api.wiring import open_house
    from ledger.versions import NoSuchVersion
    from settlement.policies.versions import text_of as published_text

    with open_house() as house, house.database.app.connect() as connection:
        try:
            return published_text(connection, version).source
        except NoSuchVersion as reason:
            raise Stop(str(reason)) from None


def _parsed(text: str, file: str) -> "Policy":
    from ledger.documents import InvalidDocument
    from settlement.policies.document import parse

    try:
        return parse(text)
    except InvalidDocument as reason:
        raise Stop(f"{called(file)}: {reason}") from None


def _text_of(file: str) -> str:
    return text_of(file, "policy", _LONGEST_BYTES)
