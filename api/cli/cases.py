"""`zhibo cases`: which cases there are, and what was found, decided and done in one.

To look is written down, as over HTTP.
"""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import Misused, Stop

if TYPE_CHECKING:
    from collections.abc import Iterable

    from moderation.cases.reading import CaseFile, CaseRow, Judged
    from moderation.takings.shown import Preview

cases_app = typer.Typer(help="List cases, and show one with its time line.", rich_markup_mode=None)

_Person = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="Which moderator looks (default: you, by login).")
]


@cases_app.command("list")
def list_cases(
    party: Annotated[str | None, typer.Option(metavar="PARTY", help="Those about a person only.")] = None,
    source: Annotated[str | None, typer.Option(metavar="SOURCE", help="Those of a source only.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    person: _Person = None,
) -> None:
    """Print cases, the newest first."""
    from api.cli.showing import console_on, table
    from api.http.moderation.case_bodies import ALL_SOURCES
    from api.wiring import open_house
    from moderation.access.records import record
    from moderation.cases.reading import cases_page

    if source is not None and source not in ALL_SOURCES:
        raise Misused(f"--source {source!r} is not one of {', '.join(ALL_SOURCES)}")
    who = _named(person)
    with open_house() as house, house.database.app.begin() as connection:
        record(connection, f"moderator:{who}", "read_cases", f"party:{party}" if party else "cases")
        page = cases_page(connection, party=party, source=source, unless_about=who, before=None, limit=limit)
    columns = ("case", "about", "source", "opened", "state", "summary")
    console_on(sys.stdout).print(
        table(f"Cases: {len(page.cases)}", *columns, rows=map(_case_row, page.cases))
    )


@cases_app.command()
def preview(
    preview: Annotated[str, typer.Argument(metavar="PREVIEW", help="The id of a preview.")],
    person: _Person = None,
) -> None:
    """Print what a measure would move, as it was shown when it was decided on."""
    from api.cli.asking import id_of
    from api.wiring import open_house
    from moderation.access.records import record
    from moderation.cases.concerning import is_concerned
    from moderation.takings.acts import previews

    id, who = id_of(preview), _named(person)
    with open_house() as house, house.database.app.begin() as connection:
        found = previews(connection, [id]).get(id)
        if found is None or who in found.parties or is_concerned(connection, who, found.case):
            raise Stop(f"no preview {id} was made")
        record(connection, f"moderator:{who}", "read_preview", f"case:{found.case}", f"preview:{id}")
    for line in _preview_lines(found):
        print(line)


@cases_app.command()
def show(
    case: Annotated[str, typer.Argument(metavar="CASE", help="What the case is called.")],
    person: _Person = None,
) -> None:
    """Print a case: what was found and decided in it, and its time line."""
    from api.wiring import open_house
    from moderation.access.records import record
    from moderation.cases.reading import case_file

    who = _named(person)
    with open_house() as house, house.database.app.begin() as connection:
        found = case_file(connection, case)
        if found is None or who in found.parties:
            raise Stop(f"no case {case!r} was opened")
        record(connection, f"moderator:{who}", "read_case", f"case:{case}")
    for line in _lines(found):
        print(line)


def _named(person: str | None) -> str:
    import getpass

    return person or getpass.getuser()


def _case_row(case: "CaseRow") -> tuple[str, ...]:
    from api.cli.moments import written

    state = case.state.value.replace("_", " ") if case.state else "not decided"
    return (case.case, case.party, case.source, written(case.opened_at), state, case.summary)


def _lines(file: "CaseFile") -> "Iterable[str]":
    from api.cli.moments import written

    case = file.case
    opened = f"opened {written(case.opened_at)} by {case.opened_by}"
    yield f"{case.case}  about {case.party}, {case.source}, {opened}"
    yield f"  {case.summary}"
    for judged in file.decisions:
        yield ""
        yield from _decision(judged)
    yield ""
    for one in file.timeline:
        yield f"{written(one.at)}  {one.what:<10}  {one.actor}" + (f"  {one.detail}" if one.detail else "")


def _preview_lines(preview: "Preview") -> "Iterable[str]":
    from api.cli.moments import written
    from api.cli.showing import amount
    from ledger.chart import CHART

    shown, made = preview.shown, f"made {written(preview.made_at)} by {preview.made_by}"
    yield f"{preview.kind.value.replace('_', ' ')} on {preview.party}, case {preview.case}, {made}"
    for n, taking in enumerate(shown.takings):
        taken = amount(taking.amount_minor, CHART[taking.account].currency)
        yield f"  {n}. {taken} of {taking.account} of {taking.owner}"
    if shown.plan:
        out = shown.plan.left_out
        back = f"{shown.plan.count:,} tips of {amount(shown.plan.coins, 'ZLB')} go back"
        yield f"  {back}, which {', '.join(shown.plan.streamers)} received"
        yield f"  left out: {out.undone:,} undone before, {out.taken:,} taken, {out.held:,} held"
    yield f"  sha256 {preview.sha256.hex()}"


def _decision(judged: "Judged") -> "Iterable[str]":
    from api.cli.moments import written
    from moderation.cases.reasons import measure_written

    decision = judged.decision
    yield f"decision {decision.decision}  {decision.state.value.replace('_', ' ')}"
    yield f"  by {decision.decided_by}, agreed to by {decision.approved_by or 'nobody'}: {judged.reason}"
    for found in judged.found:
        yield f"  {found.rule}  {found.severity.value}, {found.points} points, {len(found.evidence)} files"
        yield f"    happened {written(found.happened_at)}, judged by {found.rule_version}"
    for measure in decision.measures:
        ended = "  (ended)" if measure.measure in decision.ended else ""
        yield f"  {measure.n}. {measure_written(measure, judged.remitted.get(measure.measure, 0))}{ended}"
    yield f"  to be appealed against until {written(decision.appeal_until)}"
    if decision.moves_at is not None:
        yield f"  money moves from {written(decision.moves_at)} on"
