"""`zhibo payouts`: earnings on their way to the bank: asked for, let pass, sent, answered."""

# ruff: noqa: PLC0415 (imported when they are needed, so that asking for help is quick)

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from api.cli import Misused, Stop

if TYPE_CHECKING:
    from ledger.journal.commands import Command

payouts_app = typer.Typer(help="Pay out earnings: ask, approve, send, and follow.", rich_markup_mode=None)
bank_app = typer.Typer(help="Batches for the bank, and their files.", rich_markup_mode=None)
payouts_app.add_typer(bank_app, name="bank-file")

_LONGEST_BYTES = 50_000_000

_Payout = Annotated[str, typer.Argument(metavar="PAYOUT", help="The id of a payout.")]
_As = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="Who of finance does it (default: you, by login).")
]
_Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why.")]


@payouts_app.command()
def request(
    party: Annotated[str, typer.Argument(metavar="PARTY", help="Who is paid.")],
    amount: Annotated[
        str | None, typer.Option(metavar="CNY", help="Such as 100.00; default: all that is available.")
    ] = None,
    person: _As = None,
) -> None:
    """Ask for a payee's earnings to be paid out. Debts are set off first."""
    from uuid import uuid4

    from api.event_file.fields import Malformed, fen
    from settlement.payouts.commands import RequestPayout

    try:
        asked = None if amount is None else fen(amount)
    except Malformed as reason:
        raise Misused(f"--amount {reason}") from None
    id = uuid4()
    _decide(RequestPayout(id, _actor(person), _now(), None, party, asked))
    show(str(id))


@payouts_app.command("request-due")
def request_due() -> None:
    """Ask, for everybody who has enough, for the payout of this cycle. Once a cycle each."""
    from api.wiring import open_house
    from settlement.payouts.cycles import request_due as request_those_due

    with open_house() as house:
        print(f"{request_those_due(house.journal, _now()):,} payouts asked for")


@payouts_app.command()
def approve(payout: _Payout, person: _As = None) -> None:
    """Let a payout pass, as the second person."""
    from uuid import uuid4

    from settlement.payouts.commands import ApprovePayout

    _decide(ApprovePayout(uuid4(), _actor(person), _now(), None, _id(payout)))
    print(f"approved {payout}")


@payouts_app.command()
def refuse(payout: _Payout, reason: _Reason, person: _As = None) -> None:
    """Do not pay: the money is earnings again."""
    from uuid import uuid4

    from settlement.payouts.commands import RefusePayout

    _decide(RefusePayout(uuid4(), _actor(person), _now(), None, _id(payout), _text(reason, "--reason")))
    print(f"refused {payout}")


@payouts_app.command()
def cancel(payout: _Payout, person: _As = None) -> None:
    """Take back a payout that is not sent yet."""
    from uuid import uuid4

    from settlement.payouts.commands import CancelPayout

    _decide(CancelPayout(uuid4(), _actor(person), _now(), None, _id(payout)))
    print(f"cancelled {payout}")


@payouts_app.command()
def send(
    payout: _Payout,
    channel: Annotated[str, typer.Option(metavar="NAME", help="A channel that answers.")] = "sandbox",
    fate: Annotated[
        str, typer.Option(metavar="FATE", help="In the sandbox: what becomes of it, and of its answer.")
    ] = "paid",
    person: _As = None,
) -> None:
    """Send one payout through a channel that answers. To the bank: see `bank-file`."""
    from uuid import uuid4

    from api.channels import channels
    from api.sealing import require_sealing_keys
    from api.settings import Settings
    from api.wiring import open_house
    from settlement.payouts.channels.sandbox import FATES, SandboxChannel
    from settlement.payouts.commands import SendPayout
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
    command = SendPayout(uuid4(), _actor(person), _now(), None, _id(payout), channel)
    keys = require_sealing_keys(settings)
    with open_house() as house:
        outcome = send_through(house.journal, found, keys, command)
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
def returned(payout: _Payout, reason: _Reason, person: _As = None) -> None:
    """Record that the money of a paid payout came back from the bank."""
    from uuid import uuid4

    from settlement.payouts.commands import PayoutReturned

    _decide(PayoutReturned(uuid4(), _actor(person), _now(), None, _id(payout), _text(reason, "--reason")))
    print(f"returned {payout}")


@payouts_app.command("list")
def list_payouts(
    payee: Annotated[str | None, typer.Option(metavar="PARTY", help="Of one payee.")] = None,
    state: Annotated[str | None, typer.Option(metavar="STATE", help="In one state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    before: Annotated[
        int | None, typer.Option(min=0, metavar="CURSOR", help="Older than those of a list before.")
    ] = None,
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

    id = _id(payout)
    with open_house() as house, house.database.app.connect() as connection:
        try:
            found = payout_of(connection, id)
        except NoSuchPayout as reason:
            raise Stop(str(reason)) from None
        history = histories_of(connection, [id])[id]
    for line in payout_lines(found, history):
        print(line)


@bank_app.command()
def make(person: _As = None) -> None:
    """Put everything together that is ready for the bank. Somebody else writes the file, and so sends it."""
    from api.wiring import open_house
    from settlement.payouts.bank_batches import make_batch
    from settlement.payouts.reading import batch_of

    with open_house() as house:
        outcome = make_batch(house.journal, _actor(person))
        if outcome is None:
            print("nothing is ready for the bank")
            return
        if outcome.refusal is not None:
            raise Stop(f"{outcome.refusal}: run this again")
        with house.database.app.connect() as connection:
            batch = batch_of(connection, outcome.id)
    print(f"batch {batch.batch} of {len(batch.payouts)} payouts")


@bank_app.command()
def write(
    file: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write, for its owner only.")],
    batch: Annotated[str, typer.Option(metavar="BATCH", help="The id of a batch somebody else made.")],
    person: _As = None,
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
        for line in write_batch(house.journal, keys, _id(batch), _actor(person), file):
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


def _decide(command: "Command") -> None:
    """Decide one command. Raises :class:`Stop` when it is refused."""
    from api.wiring import open_house

    with open_house() as house:
        (outcome,) = house.journal.decide([command])
    if outcome.refusal is not None:
        raise Stop(str(outcome.refusal))


def _actor(person: str | None) -> str:
    """Who acts: the name given, or that of the operating system's user."""
    import getpass

    try:
        name = getpass.getuser() if person is None else person
    except (OSError, KeyError):
        raise Stop("who does it? Say so by --as NAME") from None
    return f"finance:{_text(name, '--as')}"


def _text(value: str, option: str) -> str:
    from api.event_file.fields import Malformed, text

    try:
        return text(value)
    except Malformed as reason:
        raise Misused(f"{option} {reason}") from None


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Misused(f"{text[:40]!r} is not an id") from None


def _now() -> int:
    from time import time_ns

    return time_ns() // 1_000
