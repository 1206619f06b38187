"""`zhibo debts`: who owes something, and what was paid in of it."""

from typing import Annotated

import typer

from api.cli.asking import As, Limit, decide, fen_of, head, text_of, words_of

debts_app = typer.Typer(help="What payees owe, and pay in.", rich_markup_mode=None)


@debts_app.command("list")
def list_debts(
    limit: Limit = 100,
    after: Annotated[str, typer.Option(metavar="PARTY", help="Those behind this one.")] = "",
) -> None:
    """Print who owes something, by name."""
    from api.cli.showing import amount
    from api.wiring import open_house
    from settlement.treasury.reading import debts

    with open_house() as house, house.database.app.connect() as connection:
        found = debts(connection, after=after, limit=limit)
    for debt in found:
        print(f"{debt.party} owes {amount(debt.owed_minor, 'CNY')}")
    if not found:
        print("nobody owes anything")


@debts_app.command("pay-in")
def pay_in(
    party: Annotated[str, typer.Argument(metavar="PARTY", help="Who paid.")],
    amount: Annotated[str, typer.Argument(metavar="CNY", help="Such as 100.00.")],
    reference: Annotated[str, typer.Option(metavar="TEXT", help="The bank's number of the payment.")],
    person: As = None,
) -> None:
    """Record that a debt, or a part of it, was paid into the bank."""
    from api.cli.showing import amount as shown
    from settlement.treasury.commands import PayInDebt

    minor = fen_of(amount, "CNY")
    names = text_of(party, "PARTY"), words_of(reference, "--reference")
    outcome = decide(PayInDebt(*head(person), names[0], minor, names[1]))
    left = outcome.moved[0].credit_balance_minor
    print(f"paid in {shown(minor, 'CNY')}; {party} owes {shown(left, 'CNY')}")
