"""`zhibo balances`, `trial-balance` and `account`: what the accounts hold, now or at a past time."""

import sys
from typing import Annotated

import typer

from api.cli import Misused

_At = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="As the books stood: what was posted up to a time with offset, or a date (+08:00).",
    ),
]
_AsOf = Annotated[
    str | None,
    typer.Option(
        metavar="TIME", help="As the world stood: what had occurred by then, whenever it was posted."
    ),
]


def balances(
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line, in minor units.")] = False,
) -> None:
    """Print what every account holds."""
    import json

    from api.cli.showing import balance_lines
    from api.wiring import open_house
    from ledger.journal.history import balances as balances_in

    with open_house() as house, house.database.app.connect() as connection:
        found = balances_in(connection)
        if not jsonl:
            for line in balance_lines(found):
                print(line)
            return
        for balance in found:
            row = {
                "kind": balance.kind,
                "owner": balance.owner,
                "currency": balance.currency,
                "posted": balance.posted_minor,
                "held": balance.held_minor,
            }
            print(json.dumps(row, ensure_ascii=False))


def trial_balance(at: _At = None, as_of: _AsOf = None) -> None:
    """Print the trial balance, now or at a past time."""
    from api.cli.moments import moment, written
    from api.cli.showing import console_on, trial_table
    from api.wiring import open_house
    from ledger.journal.history import trial_balance as trial_balance_in

    _refuse_both(at, as_of)
    posted_by = None if at is None else moment(at, "--at")
    occurred_by = None if as_of is None else moment(as_of, "--as-of")
    title = "Trial balance"
    if posted_by is not None:
        title += f" of what was posted up to {written(posted_by)} (+08:00)"
    if occurred_by is not None:
        title += f" of what occurred up to {written(occurred_by)} (+08:00)"
    with open_house() as house, house.database.app.connect() as connection:
        lines = trial_balance_in(connection, at=posted_by, as_of=occurred_by)
    console_on(sys.stdout).print(trial_table(lines, title))


def account(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Such as wallet, gifts, earnings.")],
    owner: Annotated[str, typer.Argument(metavar="OWNER", help="A party, a channel, or platform.")],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many lines.")] = 20,
    before: Annotated[
        int | None,
        typer.Option(min=0, metavar="CURSOR", help="Lines older than those of a page shown before."),
    ] = None,
    at: _At = None,
    as_of: _AsOf = None,
) -> None:
    """Print an account and its last lines.

    The newest line comes last. With --at or --as-of, its balance at a past time instead.
    """
    from api.cli.accounts import show_account, show_balance
    from api.event_file.fields import Malformed, text
    from ledger.chart import CHART, AccountRef

    if kind not in CHART:
        raise Misused(f"there is no kind of account {kind!r}: it is one of {', '.join(CHART)}")
    _refuse_both(at, as_of)
    if before is not None and (at or as_of):
        raise Misused("--before pages through the lines, and --at and --as-of show none: ask without it")
    try:
        ref = AccountRef(kind, text(owner))
    except Malformed as reason:
        raise Misused(f"OWNER {reason}") from None
    if at is None and as_of is None:
        show_account(ref, limit=limit, before=before)
    else:
        show_balance(ref, at=at, as_of=as_of)


def _refuse_both(at: str | None, as_of: str | None) -> None:
    if at is not None and as_of is not None:
        raise Misused("--at and --as-of are two questions: ask one of them")
