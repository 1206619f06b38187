"""`zhibo payees`: who is paid, and where. What is personal is never an argument: those stay in histories."""

from typing import Annotated

import typer

from api.cli.asking import As, decide, fen_of, head, text_of

payees_app = typer.Typer(help="Who is paid, and where.", rich_markup_mode=None)

_Party = Annotated[str, typer.Argument(metavar="PARTY", help="A streamer or a guild.")]


@payees_app.command()
def verify(party: _Party, person: As = None) -> None:
    """Hand in the verified identity of a payee.

    A JSON object on standard input, with kind (person or organisation), name, number, and birth_date or
    representative; at a terminal they are asked for.
    """
    from api.cli.identifying import verify_payee

    verify_payee(text_of(party, "PARTY"), person)
    print(f"verified {party}")


@payees_app.command()
def account(party: _Party, person: As = None) -> None:
    """Say where a payee is paid, in the verified name.

    A JSON object on standard input, with channel (bank, wechat or alipay), account and holder; at a terminal
    they are asked for.
    """
    from api.cli.identifying import set_account

    set_account(text_of(party, "PARTY"), person)
    print(f"{party} is paid there from now on")


@payees_app.command()
def invoice(
    party: _Party,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The invoice's.")],
    amount: Annotated[str, typer.Argument(metavar="CNY", help="Such as 100.00.")],
    person: As = None,
) -> None:
    """Hand in an organisation's invoice, for what it is to be paid."""
    from api.cli.showing import amount as shown
    from settlement.payees.commands import HandInInvoice

    minor, own = fen_of(amount, "CNY"), text_of(number, "NUMBER")
    decide(HandInInvoice(*head(person), text_of(party, "PARTY"), own, minor))
    print(f"invoice {number} of {party} over {shown(minor, 'CNY')}")


@payees_app.command()
def show(party: _Party) -> None:
    """Print who a payee is and where it is paid, masked."""
    from api.cli.identifying import payee_lines

    for line in payee_lines(text_of(party, "PARTY")):
        print(line)
