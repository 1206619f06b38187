"""`zhibo account`: an account's standing and its lines, or its balance at a past time."""

import sys

from api.cli.moments import moment, written
from api.cli.showing import amount, console_on, history_table, standing_lines
from api.wiring import open_house
from ledger.chart import CHART, AccountRef
from ledger.journal.history import account_of, account_page, balance_as_of, balance_at, open_holds


def show_account(ref: AccountRef, *, limit: int, before: int | None) -> None:
    """Print how an account stands, and a page of its lines, newest last. Raises ``NoSuchAccount``."""
    with open_house() as house, house.database.app.connect() as connection:
        standing, holds = account_of(connection, ref), open_holds(connection, ref)
        page = account_page(connection, [ref], before=before, limit=limit)
    console = console_on(sys.stdout)
    for line in standing_lines(standing, holds):
        console.print(line)
    if page.lines:
        console.print(history_table(page.lines[::-1], "Lines, newest last (times +08:00)"))
    if page.next_cursor is not None:
        console.print(f"older lines: --before {page.next_cursor}")


def show_balance(ref: AccountRef, *, at: str | None, as_of: str | None) -> None:
    """Print what an account held at a past time. Raises ``NoSuchAccount``."""
    currency = CHART[ref.kind].currency
    if at is not None:
        instant = moment(at, "--at")
        with open_house() as house, house.database.app.connect() as connection:
            balance = balance_at(connection, ref, instant)
        print(
            f"{ref}: {amount(balance.posted_minor, currency)}, of which "
            f"{amount(balance.held_minor, currency)} held, posted by {written(instant)} (+08:00)"
        )
    elif as_of is not None:
        instant = moment(as_of, "--as-of")
        with open_house() as house, house.database.app.connect() as connection:
            minor = balance_as_of(connection, ref, instant)
        print(f"{ref}: {amount(minor, currency)} occurred by {written(instant)} (+08:00)")
