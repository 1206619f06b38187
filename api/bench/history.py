"""Row H: reading an account of five million lines, against one of a hundred."""

from collections.abc import Callable, Iterator
from functools import partial
from time import perf_counter

from sqlalchemy import Connection

from api.bench.rows import Row, in_turns, middle
from api.bench.stage import BATCH, Stage
from ledger.chart import AccountRef
from ledger.journal.history import account_page, balance_at

_LINES = 5_000_000
_FEW = 100
_CALLS = 200


def long_account(stage: Stage) -> Iterator[Row]:
    """H: a page of history, and a balance at a past moment."""
    hot, cold = stage.streamers[0], stage.streamers[1]
    stage.play([batch[:_FEW] for batch in stage.batches(1, [cold])])
    for _ in range(int(_LINES / BATCH / 0.94) // 50 + 1):
        stage.play(stage.batches(50, [hot]))
    with stage.house.database.app.connect() as connection:
        for what, read in (("a page of history", _page), ("a balance at a past moment", _balance)):
            long, short = in_turns(
                partial(_seconds, read, connection, AccountRef("gifts", hot)),
                partial(_seconds, read, connection, AccountRef("gifts", cold)),
            )
            yield Row(
                "H",
                f"{what} of an account with 5,000,000 lines",
                middle(long) * 1_000,
                "ms",
                "of one with 100 lines",
                middle(short) * 1_000,
                2,
                "at most",
            )


def _seconds(
    read: Callable[[Connection, AccountRef], object], connection: Connection, ref: AccountRef
) -> float:
    started = perf_counter()
    for _ in range(_CALLS):
        read(connection, ref)
    return (perf_counter() - started) / _CALLS


def _page(connection: Connection, ref: AccountRef) -> object:
    return account_page(connection, [ref], limit=50)


def _balance(connection: Connection, ref: AccountRef) -> object:
    page = account_page(connection, [ref], limit=50)
    return balance_at(connection, ref, page.lines[-1].posted_at)
