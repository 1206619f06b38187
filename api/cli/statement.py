"""`zhibo statement`: list, show, recompute and explain statements (结算单)."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from api.cli import Stop

if TYPE_CHECKING:
    from settlement.statements.rendering import Language

statement_app = typer.Typer(
    help="List, show, recompute and explain statements: what a run settled for a streamer.",
    rich_markup_mode=None,
)


class Form(StrEnum):
    """In which form a statement is shown."""

    JSON = "json"
    TEXT = "text"
    CSV = "csv"
    XLSX = "xlsx"


class Tongue(StrEnum):
    """In which language."""

    ZH = "zh"
    EN = "en"


_Id = Annotated[UUID, typer.Argument(metavar="ID", help="A statement, as `zhibo statement list` names it.")]
_Language = Annotated[Tongue, typer.Option("--language", help="zh or en.")]


@statement_app.command("list")
def list_statements(
    streamer: Annotated[str, typer.Argument(metavar="STREAMER")],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 20,
    before: Annotated[
        int | None, typer.Option(min=1, metavar="CURSOR", help="Older ones than those of a page before.")
    ] = None,
) -> None:
    """Print a streamer's statements, newest first."""
    from api.cli.moments import written
    from api.cli.showing import console_on, number, table
    from api.wiring import open_house
    from ledger.chart import AccountRef
    from ledger.journal.history import account_of
    from settlement.statements.listing import statement_page

    with open_house() as house, house.database.app.connect() as connection:
        account_of(connection, AccountRef("earnings", streamer))
        page = statement_page(connection, streamer, _now(), before=before, limit=limit)
    rows = [
        (
            str(listed.statement),
            listed.period,
            written(listed.issued_at),
            number(listed.coins, "ZLB"),
            number(listed.credited_minor, "CNY"),
            number(listed.held_minor, "CNY"),
            listed.standing.value,
        )
        for listed in page.statements
    ]
    if not rows:
        print(f"no statement of {streamer} was issued")
        return
    columns = ("statement", "period", "issued", ">coins", ">credited 元", ">held 元", "standing")
    console = console_on(sys.stdout)
    console.print(table("Statements, newest first (times +08:00)", *columns, rows=rows))
    if page.next_cursor is not None:
        console.print(f"older ones: --before {page.next_cursor}")


@statement_app.command()
def show(
    id: _Id,
    form: Annotated[Form, typer.Option("--format", help="json, text, csv or xlsx.")] = Form.TEXT,
    language: _Language = Tongue.ZH,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write here instead of stdout.")
    ] = None,
) -> None:
    """Show a statement: the JSON document that was issued, or a rendering of it."""
    from api.cli.writing import written_anew
    from settlement.statements.rendering import FORMATS, rendered

    if form is Form.XLSX and out is None and sys.stdout.isatty():
        raise Stop("a workbook is not for a terminal: say where to write it by --out FILE")
    content = rendered(_document_of(id), FORMATS[form], _in(language))
    if out is None:
        sys.stdout.buffer.write(content)
        return
    with written_anew(out) as file:
        file.buffer.write(content)


@statement_app.command()
def recompute(id: _Id) -> None:
    """Make a statement again from the journal, and say whether it is the one that was issued.

    The exit status is 1 if a single byte differs.
    """
    from hashlib import sha256

    from api.wiring import open_house
    from settlement.statements.recompute import recompute as recomputed

    issued = _document_of(id)
    with open_house() as house, house.database.app.connect() as connection:
        made = recomputed(connection, id)
    print(f"issued      sha256 {sha256(issued).hexdigest()}")
    print(f"recomputed  sha256 {sha256(made).hexdigest()}")
    if made != issued:
        raise Stop(f"statement {id} does not follow from the journal: `zhibo verify` says more")
    print("the same, byte for byte")


@statement_app.command()
def explain(
    id: _Id,
    line: Annotated[int, typer.Argument(min=1, metavar="LINE", help="Which line, counted from 1.")],
    language: _Language = Tongue.ZH,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many gifts or accruals.")] = 20,
    after: Annotated[int, typer.Option(min=0, metavar="CURSOR", help="Those behind a page before.")] = 0,
) -> None:
    """Explain a line of a statement: these gifts, this policy version, this arithmetic."""
    from api.wiring import open_house
    from settlement.statements.explain import NoSuchLine
    from settlement.statements.explain import explain as explanation_of
    from settlement.statements.reading import NoSuchStatement
    from settlement.statements.rendering.explained import explained

    with open_house() as house, house.database.app.connect() as connection:
        try:
            found = explanation_of(connection, id, line, after=after, limit=limit)
        except (NoSuchStatement, NoSuchLine) as reason:
            raise Stop(str(reason)) from None
    print(explained(found, _in(language)), end="")
    if found.next_cursor is not None:
        print(f"more: --after {found.next_cursor}")


def _document_of(id: UUID) -> bytes:
    from api.wiring import open_house
    from settlement.statements.reading import NoSuchStatement, statement

    with open_house() as house, house.database.app.connect() as connection:
        try:
            found = statement(connection, id)
        except NoSuchStatement as reason:
            raise Stop(str(reason)) from None
    if found.document is None:
        raise Stop(f"statement {id} was issued before documents were kept")
    return found.document


def _in(tongue: Tongue) -> "Language":
    return "zh" if tongue is Tongue.ZH else "en"


def _now() -> int:
    from datetime import UTC, datetime

    from ledger.instants import instant_of

    return instant_of(datetime.now(UTC))
