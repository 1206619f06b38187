"""`zhibo tax`: what the tax office is told."""

# ruff: noqa: PLC0415 (imported when they are needed, so that asking for help is quick)

from pathlib import Path
from typing import Annotated

import typer

tax_app = typer.Typer(help="What the tax office is told.", rich_markup_mode=None)


@tax_app.command()
def report(
    quarter: Annotated[str, typer.Argument(metavar="QUARTER", help="Such as 2026-Q4, China time.")],
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="By what was posted up to a time with offset, or a date (+08:00). Default: a minute ago.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write here, for its owner only, instead of to standard output."),
    ] = None,
) -> None:
    """Write who was paid how much in a quarter, by class of income, as CSV.

    It names people and numbers: mind where it goes. The same TIME makes the same bytes again.
    """
    from api.cli.reporting import report_tax

    report_tax(quarter, as_of, out)
