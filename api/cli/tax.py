"""`zhibo tax`: what the tax office is told, and what it is handed over."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.asking import As, Reason, decide, fen_of, head, id_of, words_of

tax_app = typer.Typer(help="What the tax office is told, and is handed over.", rich_markup_mode=None)

_Remittance = Annotated[str, typer.Argument(metavar="REMITTANCE", help="The id of a proposal.")]


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


@tax_app.command()
def due() -> None:
    """Print what was withheld by month, and what of it is still to be handed over."""
    from api.cli.moments import written
    from api.cli.showing import console_on, number, table
    from api.wiring import open_house
    from settlement.payouts.states import person_of
    from settlement.treasury.reading import months_of_tax, remittances

    with open_house() as house, house.database.app.connect() as connection:
        months = months_of_tax(connection)
        proposed, _ = remittances(connection, limit=20)
    rows = [
        (
            str(one),
            *(number(minor, "CNY") for minor in (one.withheld_minor, one.remitted_minor, one.left_minor)),
        )
        for one in months
    ]
    if not rows:
        print("nothing was withheld")
        return
    console = console_on(sys.stdout)
    console.print(table("Tax withheld (元)", "month", ">withheld", ">handed over", ">left", rows=rows))
    made = [
        (
            str(one.remittance),
            f"{one.year}-{one.month:02}",
            number(one.amount_minor, "CNY"),
            one.reference,
            one.state,
            person_of(one.maker),
            written(one.proposed_at),
        )
        for one in proposed
    ]
    if made:
        columns = ("remittance", "month", ">amount", "tax return", "state", "proposed by", "proposed")
        console.print(table("Newest remittances (times +08:00)", *columns, rows=made))


@tax_app.command()
def remit(
    month: Annotated[str, typer.Argument(metavar="MONTH", help="In which it was withheld: 2026-10.")],
    amount: Annotated[str, typer.Argument(metavar="CNY", help="Such as 100.00.")],
    reference: Annotated[str, typer.Option(metavar="TEXT", help="The number of the tax return.")],
    person: As = None,
) -> None:
    """Propose to hand over tax that was withheld in a month. Somebody else has to approve it."""
    from api.cli.moments import month_named
    from settlement.treasury.commands import ProposeRemittance

    named = month_named(month, "MONTH")
    said = fen_of(amount, "CNY"), words_of(reference, "--reference")
    command = ProposeRemittance(*head(person), *named, *said)
    decide(command)
    print(f"proposed {command.id}: somebody else has to approve it")


@tax_app.command()
def approve(remittance: _Remittance, person: As = None) -> None:
    """Hand tax over, as the second person: it leaves the bank."""
    from api.cli.showing import amount
    from settlement.treasury.commands import ApproveRemittance

    outcome = decide(ApproveRemittance(*head(person), id_of(remittance)))
    print(f"handed over {amount(outcome.moved[0].amount_minor, 'CNY')}")


@tax_app.command()
def withdraw(remittance: _Remittance, reason: Reason, person: As = None) -> None:
    """Take a proposal back that nobody approved."""
    from settlement.treasury.commands import WithdrawRemittance

    decide(WithdrawRemittance(*head(person), id_of(remittance), words_of(reason, "--reason")))
    print(f"withdrew {remittance}")
