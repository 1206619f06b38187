"""How the command line shows the books: amounts as people write them, and tidy tables."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from api.cli.moments import written
from ledger.chart import CHART
from ledger.journal.history import Balance, Line, OpenHold, Standing, TrialLine
from ledger.money import CURRENCIES, decimal_of

#: Where there is no terminal to fit, a table is as wide as it needs.
_WIDE = 200
_UNITS = {"ZLB": "智联币", "CNY": "元"}
_OWNER_CELLS = 24
#: What a hold is called, by what placed it; anything else is a freeze.
_HELD_BY = {"payout_request": ("to be paid out", "payout"), "settlement": ("not free yet", "hold")}


def console_on(stream: TextIO) -> Console:
    """A console that writes text as it is: what people named themselves is never markup."""
    width = None if stream.isatty() else _WIDE
    return Console(file=stream, markup=False, emoji=False, highlight=False, width=width)


def amount(minor: int, currency: str) -> str:
    """Minor units with their unit: `1,200 智联币`, `12.50 元`."""
    return f"{number(minor, currency)} {_UNITS[currency]}"


def number(minor: int, currency: str) -> str:
    """Minor units as a number of the currency: `1,200`, `12.50`."""
    return f"{decimal_of(minor, currency):,f}"


def signed(minor: int, currency: str) -> str:
    """A change, with its sign: `+12.50`, `-6`."""
    return f"{decimal_of(minor, currency):+,f}"


def counted(number: int, what: str) -> str:
    """So many of a thing: `1 payout`, `1,200 payouts`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def table(title: str, *columns: str, rows: Iterable[Sequence[str]]) -> Table:
    """A table; columns whose name begins with `>` are aligned to the right."""
    made = Table(title=title, title_justify="left", title_style="bold", header_style="")
    for column in columns:
        made.add_column(
            column.removeprefix(">"), justify="right" if column.startswith(">") else "left", overflow="fold"
        )
    for row in rows:
        made.add_row(*row)
    return made


def balance_lines(balances: Iterable[Balance]) -> Iterator[str]:
    """Balances as lines of fixed columns, one at a time: there may be millions."""
    kinds = max(map(len, CHART))
    yield f"{'account':<{kinds}}  {'owner':<{_OWNER_CELLS}} {'posted':>20} {'held':>16} {'available':>20}"
    for balance in balances:
        owner = balance.owner + " " * (_OWNER_CELLS - cell_len(balance.owner))
        posted, held, available = (
            number(minor, balance.currency)
            for minor in (balance.posted_minor, balance.held_minor, balance.available_minor)
        )
        unit = _UNITS[balance.currency]
        yield f"{balance.kind:<{kinds}}  {owner} {posted:>20} {held:>16} {available:>20} {unit}"


def trial_table(lines: Sequence[TrialLine], title: str = "Trial balance") -> Table:
    """A trial balance, with the two sums of each currency that must be equal (I1)."""
    rows = [
        (
            line.kind,
            number(line.debits_minor, line.currency),
            number(line.credits_minor, line.currency),
            f"{number(line.balance_minor, line.currency)} {line.normal}",
            _UNITS[line.currency],
        )
        for line in lines
    ]
    made = table(title, "account", ">debits", ">credits", ">balance", "", rows=rows)
    made.add_section()
    for currency in CURRENCIES:
        theirs = [line for line in lines if line.currency == currency]
        if theirs:
            debits, credits = (
                sum(line.debits_minor for line in theirs),
                sum(line.credits_minor for line in theirs),
            )
            verdict = "balanced" if debits == credits else "NOT BALANCED"
            made.add_row(
                "all", number(debits, currency), number(credits, currency), verdict, _UNITS[currency]
            )
    return made


def standing_lines(standing: Standing, holds: Sequence[OpenHold]) -> Iterator[str]:
    """An account in a few sentences: what is there, what of it is held, and why it may be stuck."""
    balance = standing.balance
    posted, held, available = (
        amount(minor, balance.currency)
        for minor in (balance.posted_minor, balance.held_minor, balance.available_minor)
    )
    yield f"{balance.kind} of {balance.owner}: {posted}, of which {held} held and {available} available"
    for hold in holds:
        what = (
            "the whole account" if hold.amount_minor is None else amount(hold.amount_minor, balance.currency)
        )
        end = f" until {written(hold.expires_at)}" if hold.expires_at else ""
        word, name = _HELD_BY.get(hold.entry_kind, ("frozen", "freeze"))
        yield f"  {word} since {written(hold.placed_at)}{end}: {what} ({name} {hold.hold})"
    for side, until in (("out of", standing.outgoing_barred_until), ("into", standing.incoming_barred_until)):
        if until:
            yield f"  nothing goes {side} it until {written(until)}"


def history_table(lines: Sequence[Line], title: str) -> Table:
    """Lines of accounts, oldest first, times as in China."""
    rows = [
        (
            written(line.occurred_at),
            line.entry_kind,
            line.cause,
            f"{line.counter.kind} of {line.counter.owner}",
            signed(line.amount_minor, CHART[line.account.kind].currency),
            amount(line.balance_minor, CHART[line.account.kind].currency),
        )
        for line in lines
    ]
    return table(title, "occurred", "entry", "cause", "with", ">amount", ">balance", rows=rows)


@contextmanager
def progress(what: str, total: int | None, unit: Callable[[float], str]) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr where that is a terminal, and nothing elsewhere; yields how to advance it."""
    if not sys.stderr.isatty():
        yield lambda _step: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[done]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console_on(sys.stderr), transient=True) as bar:
        task: TaskID = bar.add_task(what, total=total, done="")

        def advance(step: int) -> None:
            bar.update(task, advance=step)
            bar.update(task, done=unit(bar.tasks[task].completed))

        yield advance
