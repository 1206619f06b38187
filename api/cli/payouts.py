"""`zhibo payouts`: earnings on their way to the bank: asked for, let pass, sent, answered."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli import Misused, Stop
from api.cli.asking import (
    As,
    Before,
    Limit,
    Reason,
    actor,
    decide,
    fen_of,
    head,
    id_of,
    now,
    text_of,
    words_of,
)

payouts_app = typer.Typer(help="Pay out earnings: ask, approve, send, and follow.", rich_markup_mode=None)
bank_app = typer.Typer(help="Batches for the bank, and their files.", rich_markup_mode=None)
payouts_app.add_typer(bank_app, name="bank-file")

_LONGEST_BYTES = 50_000_000

_Payout = Annotated[str, typer.Argument(metavar="PAYOUT", help="The id of a payout.")]


@payouts_app.command()
def request(
    party: Annotated[str, typer.Argument(metavar="PARTY", help="Who is paid.")],
    amount: Annotated[
        str | None, typer.Option(metavar="CNY", help="Such as 100.00; default: all that is available.")
    ] = None,
    person: As = None,
) -> None:
    """Ask for a payee's earnings to be paid out. Debts are set off first."""
    from settlement.payouts.commands import RequestPayout

    asked = None if amount is None else fen_of(amount, "--amount")
    command = RequestPayout(*head(person), text_of(party, "PARTY"), asked)
    decide(command)
    show(str(command.id))


@payouts_app.command("request-due")
def request_due() -> None:
    """Ask, for everybody who has enough, for the payout of this cycle. Once a cycle each."""
    from api.cli.showing import counted
    from api.wiring import open_house
    from settlement.payouts.cycles import request_due as request_those_due

    with open_house() as house:
        print(f"{counted(request_those_due(house.journal, now()), 'payout')} asked for")


@payouts_app.command()
def approve(payout: _Payout, person: As = None) -> None:
    """Let a payout pass, as the second person."""
    from settlement.payouts.commands import ApprovePayout

    decide(ApprovePayout(*head(person), id_of(payout)))
    print(f"approved {payout}")


@payouts_app.command()
def refuse(payout: _Payout, reason: Reason, person: As = None) -> None:
    """Do not pay: the money is earnings again."""
    from settlement.payouts.commands import RefusePayout

    decide(RefusePayout(*head(person), id_of(payout), words_of(reason, "--reason")))
    print(f"refused {payout}")


@payouts_app.command()
def cancel(payout: _Payout, person: As = None) -> None:
    """Take back a payout that is not sent yet."""
    from settlement.payouts.commands import CancelPayout

    decide(CancelPayout(*head(person), id_of(payout)))
    print(f"cancelled {payout}")


@payouts_app.command()
def send(
    payout: _Payout,
    channel: Annotated[str, typer.Option(metavar="NAME", help="A channel that answers.")] = "sandbox",
    fate: Annotated[
        str, typer.Option(metavar="FATE", help="In the sandbox: what becomes of it, and of its answer.")
    ] = "paid",
    person: As = None,
) -> None:
    """Send one payout through a channel that answers. To the bank: see `bank-file`."""
    from api.channels import channels
    from api.sealing import require_sealing_keys
    from api.settings import Settings
    from api.wiring import open_house
    from ledger.journal.journal import Journal
    from settlement.payouts.channels.sandbox import FATES, SandboxChannel
    from settlement.payouts.commands import SendPayout
    from settlement.payouts.desk import PayoutDesk
    from settlement.payouts.sending import send as send_through

    settings = Settings.from_environment()
    found = next((one for one in channels(settings) if one.name == channel), None)
    if found is None:
        raise Misused(f"there is no channel {channel!r} here that answers")
    if isinstance(found, SandboxChannel):
        chosen = next((one for one in FATES if one == fate), None)
        if chosen is None:
            raise Misused(f"--fate is one of {', '.join(FATES)}")
        found.fate = chosen
    command = SendPayout(*head(person), id_of(payout), channel)
    keys = require_sealing_keys(settings)
    with open_house() as house:
        # The channel is told here and now: no worker has to be.
        desk = PayoutDesk(announce=lambda _connection, _payouts: None)
        outcome = send_through(Journal(house.database.app, [desk]), found, keys, command)
    if outcome.refusal is not None:
        raise Stop(str(outcome.refusal))
    show(payout)


@payouts_app.command()
def ask() -> None:
    """Ask the channels about every payout that has no final answer, each under its own number."""
    from api.channels import channels
    from api.sealing import require_sealing_keys
    from api.settings import Settings
    from api.wiring import open_house
    from settlement.payouts.sending import ask_all

    settings = Settings.from_environment()
    keys = require_sealing_keys(settings)
    with open_house() as house:
        answers = [answer for one in channels(settings) for answer in ask_all(house.journal, one, keys)]
    for answer in answers:
        print(f"{answer.payout} {answer.verdict} {answer.detail}")
    if not answers:
        print("nothing to ask about")


@payouts_app.command()
def returned(payout: _Payout, reason: Reason, person: As = None) -> None:
    """Record that the money of a paid payout came back from the bank."""
    from settlement.payouts.commands import PayoutReturned

    decide(PayoutReturned(*head(person), id_of(payout), words_of(reason, "--reason")))
    print(f"returned {payout}")


@payouts_app.command("list")
def list_payouts(
    payee: Annotated[str | None, typer.Option(metavar="PARTY", help="Of one payee.")] = None,
    state: Annotated[str | None, typer.Option(metavar="STATE", help="In one state.")] = None,
    limit: Limit = 50,
    before: Before = None,
) -> None:
    """Print payouts, the newest first."""
    from api.cli.paying import payouts_table
    from api.cli.showing import console_on
    from api.wiring import open_house
    from settlement.payouts.reading import payouts_page
    from settlement.payouts.states import State

    if state is not None and state not in list(State):
        raise Misused(f"--state is one of {', '.join(State)}")
    chosen = None if state is None else State(state)
    with open_house() as house, house.database.app.connect() as connection:
        page = payouts_page(connection, payee=payee, state=chosen, before=before, limit=limit)
    console_on(sys.stdout).print(payouts_table(page.payouts))
    if page.next_cursor is not None:
        print(f"older ones: --before {page.next_cursor}")


@payouts_app.command()
def show(payout: _Payout) -> None:
    """Print a payout, and how it came to stand as it does."""
    from api.cli.paying import payout_lines
    from api.wiring import open_house
    from settlement.payouts.reading import NoSuchPayout, histories_of, payout_of

    id = id_of(payout)
    with open_house() as house, house.database.app.connect() as connection:
        try:
            found = payout_of(connection, id)
        except NoSuchPayout as reason:
            raise Stop(str(reason)) from None
        history = histories_of(connection, [id])[id]
    for line in payout_lines(found, history):
        print(line)


@bank_app.command()
def make(person: As = None) -> None:
    """Put everything together that is ready for the bank. Somebody else writes the file, and so sends it."""
    from api.cli.showing import counted
    from api.wiring import open_house
    from settlement.payouts.bank_batches import make_batch
    from settlement.payouts.reading import batch_of

    with open_house() as house:
        outcome = make_batch(house.journal, actor(person))
        if outcome is None:
            print("nothing is ready for the bank")
            return
        if outcome.refusal is not None:
            raise Stop(f"{outcome.refusal}: run this again")
        with house.database.app.connect() as connection:
            batch = batch_of(connection, outcome.id)
    print(f"batch {batch.batch} of {counted(len(batch.payouts), 'payout')}")


@bank_app.command("list")
def list_batches(limit: Limit = 20, before: Before = None) -> None:
    """Print the batches, the newest first."""
    from api.cli.paying import batches_table
    from api.cli.showing import console_on
    from api.wiring import open_house
    from settlement.payouts.reading import batch_page

    with open_house() as house, house.database.app.connect() as connection:
        batches, cursor = batch_page(connection, before=before, limit=limit)
    if not batches:
        print("no batch was made")
        return
    console_on(sys.stdout).print(batches_table(batches))
    if cursor is not None:
        print(f"older ones: --before {cursor}")


@bank_app.command("cancel")
def cancel_batch(
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="The id of a batch that was not sent.")],
    reason: Reason,
    person: As = None,
) -> None:
    """Take a batch back of which nothing was sent. Its payouts stay approved."""
    from settlement.payouts.commands import CancelBatch

    decide(CancelBatch(*head(person), id_of(batch), words_of(reason, "--reason")))
    print(f"cancelled batch {batch}")


@bank_app.command()
def write(
    file: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write, for its owner only.")],
    batch: Annotated[str, typer.Option(metavar="BATCH", help="The id of a batch somebody else made.")],
    person: As = None,
) -> None:
    """Send a batch: its payouts are sent in the books, and its file is written.

    Run again it writes the same file. It names people and accounts: mind where it goes.
    """
    from api.cli.paying import write_batch
    from api.sealing import require_sealing_keys
    from api.settings import Settings
    from api.wiring import open_house

    keys = require_sealing_keys(Settings.from_environment())
    with open_house() as house:
        for line in write_batch(house.journal, keys, id_of(batch), actor(person), file):
            print(line)


@bank_app.command()
def read(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The bank's result file.")],
) -> None:
    """Record what the bank answered: all lines of the file, or none of them.

    Read again it changes nothing.
    """
    from api.sealing import require_sealing_keys
    from api.settings import Settings
    from api.wiring import open_house
    from settlement.payouts.bank_batches import take_results
    from settlement.payouts.channels.bank_file import BadResultFile

    keys = require_sealing_keys(Settings.from_environment())
    with file.open("rb") as opened:
        content = opened.read(_LONGEST_BYTES + 1)
    if len(content) > _LONGEST_BYTES:
        raise Stop(f"{file} is too long for a result file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Stop(f"{file} is not UTF-8 (byte {error.start + 1})") from None
    with open_house() as house:
        try:
            told = take_results(house.journal, keys, text)
        except BadResultFile as reason:
            raise Stop(f"{file}: {reason}") from None
    said = [f"{told[word]} {word}" for word in ("paid", "failed", "unknown") if told[word]]
    again = f"; {told['again']} were recorded before" if told["again"] else ""
    print(f"recorded: {', '.join(said) or 'nothing new'}{again}")
