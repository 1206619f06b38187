"""Reading the books: what history says now, at any past moment, and page by page, against the plain rows."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Connection, text

from ledger.chart import CHART, AccountRef
from ledger.database import Database
from ledger.instants import datetime_of, instant_of
from ledger.journal import history
from ledger.journal.history import (
    Line,
    NoSuchAccount,
    account_of,
    account_page,
    balance_as_of,
    balance_at,
    balances,
    open_holds,
    trial_balance,
)
from tests.busy_books import EVENING, BusyBook, play

ANA, CAI = AccountRef("wallet", "ana"), AccountRef("wallet", "cai")
#: Something was taken of Shu's gifts, and given back.
MEI, SHU = AccountRef("gifts", "mei"), AccountRef("gifts", "shu")
BOTH = (AccountRef("wallet", "both"), AccountRef("gifts", "both"))
NEVER, FOR_EVER = 0, 4_000_000_000_000_000


@pytest.fixture(scope="module")
def busy(server: Database, _migrated: str) -> Iterator[tuple[Database, BusyBook]]:
    with server.scratch(copy_of=_migrated) as database:
        yield database, play(database)


@pytest.fixture
def books(busy: tuple[Database, BusyBook]) -> Iterator[Connection]:
    with busy[0].app.connect() as connection:
        yield connection


class Move:
    """A transfer as a plain row, and what it does to an account of ours."""

    def __init__(self, row: Any) -> None:
        self.seq: int = row.seq
        self.amount: int = row.amount_minor
        self.posted_at, self.occurred_at = self.seq // 256, instant_of(row.occurred_at)
        # What stands again, or is received again, bears its own time, and did so when that was posted.
        is_back = row.kind in ("tip_restoration", "received_again")
        self.happened_at = row.entry // 256 if is_back else self.occurred_at
        self.debit = AccountRef(row.debit_kind, row.debit_owner)
        self.credit = AccountRef(row.credit_kind, row.credit_owner)

    def change_of(self, ref: AccountRef) -> int:
        """By how much the balance rose on the normal side."""
        risen = (self.credit == ref) - (self.debit == ref)
        return self.amount * (risen if CHART[ref.kind].normal == "credit" else -risen)


@pytest.fixture
def moves(books: Connection) -> list[Move]:
    rows = books.execute(
        text("""
        SELECT t.*, d.kind, debit.kind AS debit_kind, debit.owner AS debit_owner,
               credit.kind AS credit_kind, credit.owner AS credit_owner
        FROM ledger.transfers AS t JOIN ledger.decisions AS d ON d.seq = t.entry
        JOIN ledger.accounts AS debit ON debit.id = t.debit_account
        JOIN ledger.accounts AS credit ON credit.id = t.credit_account ORDER BY t.seq
        """)
    )
    return [Move(row) for row in rows]


def refs_in(moves: list[Move]) -> set[AccountRef]:
    return {move.debit for move in moves} | {move.credit for move in moves}


def paged(
    books: Connection, refs: tuple[AccountRef, ...], limit: int, *, oldest_first: bool = False
) -> list[Line]:
    """All lines, page after page."""
    found: list[Line] = []
    cursor: int | None = 0 if oldest_first else None
    while True:
        if oldest_first:
            page = account_page(books, refs, after=cursor, limit=limit)
        else:
            page = account_page(books, refs, before=cursor, limit=limit)
        assert len(page.lines) <= limit
        found += page.lines
        cursor = page.next_cursor
        if cursor is None:
            return found
        assert len(page.lines) == limit, "a page with another behind it is full"


def test_balances_are_those_the_transfers_add_up_to_in_byte_order(
    books: Connection, moves: list[Move]
) -> None:
    found = list(balances(books))
    assert [(b.kind, b.owner) for b in found] == sorted(
        ((ref.kind, ref.owner) for ref in refs_in(moves)),
        key=lambda ref: (ref[0].encode(), ref[1].encode()),
    )
    for balance in found:
        ref = AccountRef(balance.kind, balance.owner)
        assert balance.posted_minor == sum(move.change_of(ref) for move in moves), f"{ref}"
        assert balance.currency == CHART[ref.kind].currency


def test_an_account_shows_what_is_held_and_how_often_it_is_frozen(
    busy: tuple[Database, BusyBook], books: Connection
) -> None:
    ana = account_of(books, ANA)
    assert (ana.balance.held_minor, ana.frozen_by) == (30, 0)
    assert ana.balance.available_minor == ana.balance.posted_minor - 30
    (hold,) = open_holds(books, ANA)
    assert (hold.hold, hold.amount_minor) == (busy[1].ids["held"], 30)
    frozen = AccountRef("gifts", "é")
    assert account_of(books, frozen).frozen_by == 1
    assert [hold.amount_minor for hold in open_holds(books, frozen)] == [None, 5]
    assert open_holds(books, MEI) == [], "her freeze was forfeited"


def test_an_account_that_is_not_there_is_named(books: Connection) -> None:
    nobody = AccountRef("wallet", "nobody")
    for read in (
        lambda: account_of(books, nobody),
        lambda: balance_at(books, nobody, FOR_EVER),
        lambda: balance_as_of(books, nobody, FOR_EVER),
        lambda: account_page(books, [ANA, nobody]),
    ):
        with pytest.raises(NoSuchAccount, match="'nobody' has no wallet account"):
            read()


def test_the_balance_at_every_moment_of_posting_is_the_sum_of_what_was_posted_by_then(
    books: Connection, moves: list[Move]
) -> None:
    moments = sorted({move.posted_at for move in moves})
    for ref in (ANA, CAI, MEI, *BOTH, AccountRef("coin_liability", "platform")):
        for moment in (moments[0] - 1, *moments, moments[-1] + 1):
            expected = sum(move.change_of(ref) for move in moves if move.posted_at <= moment)
            found = balance_at(books, ref, moment).posted_minor
            assert found == expected, f"{ref} at {datetime_of(moment)}: {found}, rows say {expected}"


def test_what_was_held_at_a_past_moment_comes_from_the_acts_up_to_it(
    busy: tuple[Database, BusyBook], books: Connection
) -> None:
    gifts = books.execute(
        text("SELECT seq, act FROM ledger.hold_acts WHERE hold = :hold ORDER BY seq"),
        {"hold": busy[1].ids["to_forfeit"]},
    ).all()
    assert [act for _, act in gifts] == ["placed", "captured"]
    placed, captured = (seq // 256 for seq, _ in gifts)
    held = [
        balance_at(books, MEI, moment).held_minor for moment in (placed - 1, placed, captured - 1, captured)
    ]
    assert held == [0, 100, 100, 0]
    assert balance_at(books, ANA, FOR_EVER).held_minor == 30


def test_now_is_a_past_moment_too(books: Connection) -> None:
    for balance in balances(books):
        assert balance_at(books, AccountRef(balance.kind, balance.owner), FOR_EVER) == balance


def test_the_balance_as_of_a_time_in_the_world_counts_what_was_posted_late(
    books: Connection, moves: list[Move]
) -> None:
    ben = AccountRef("wallet", "ben")
    times = sorted({move.happened_at for move in moves})
    for ref in (ben, MEI, SHU):
        for time in (times[0] - 1, *times):
            expected = sum(move.change_of(ref) for move in moves if move.happened_at <= time)
            assert balance_as_of(books, ref, time) == expected, f"{ref} as of {datetime_of(time)}"
    assert any(later.occurred_at < earlier.occurred_at for earlier, later in pairwise(moves)), (
        "nothing was posted late"
    )


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 1_000])
@pytest.mark.parametrize("oldest_first", [False, True])
def test_pages_show_every_line_once_in_order_whatever_their_size(
    books: Connection, moves: list[Move], limit: int, oldest_first: bool
) -> None:
    for refs in ((ANA,), (MEI,), BOTH, (AccountRef("coins_issued", "platform"),)):
        expected = [
            (move.seq, ref, move.change_of(ref))
            for move in moves
            # The debit side of a transfer between two of them comes before the credit side.
            for ref in (move.debit, move.credit)
            if ref in refs
        ]
        found = paged(books, refs, limit, oldest_first=oldest_first)
        if not oldest_first:
            found.reverse()
        assert [(line.seq, line.account, line.amount_minor) for line in found] == expected, f"{refs}"


def test_a_line_leaves_the_balance_it_found_changed_by_its_amount(books: Connection) -> None:
    for ref in (ANA, MEI, AccountRef("coin_liability", "platform"), AccountRef("coins_issued", "platform")):
        balance = 0
        for line in paged(books, (ref,), 50, oldest_first=True):
            balance += line.amount_minor
            assert line.balance_minor == balance, f"{ref}, line {line.number}"
        assert balance == account_of(books, ref).balance.posted_minor


def test_a_line_says_what_it_was_for(busy: tuple[Database, BusyBook], books: Connection) -> None:
    line = next(line for line in paged(books, (MEI,), 50) if line.entry_id == busy[1].ids["late_tip"])
    assert (line.entry_kind, line.cause, line.account, line.counter, line.amount_minor) == (
        "tip",
        "gift:rose",
        MEI,
        AccountRef("wallet", "ben"),
        18,
    )
    assert abs(line.occurred_at - EVENING) < 1_000_000, "the time in the world is the tip's own"
    assert line.posted_at == line.seq // 256


def test_an_account_without_lines_has_one_empty_page(books: Connection) -> None:
    books.execute(
        text(
            "INSERT INTO ledger.accounts (kind, owner, currency, normal_side, limited) "
            "VALUES ('wallet', 'new', 'ZLB', 'credit', true)"
        )
    )
    new = AccountRef("wallet", "new")
    assert account_page(books, [new]) == ([], None)
    assert balance_at(books, new, FOR_EVER) == ("wallet", "new", "ZLB", 0, 0)
    books.rollback()


def test_the_trial_balance_balances_now_and_at_every_past_moment(
    books: Connection, moves: list[Move]
) -> None:
    for kept, lines in (
        (moves, trial_balance(books)),
        *(
            ([m for m in moves if m.posted_at <= move.posted_at], trial_balance(books, at=move.posted_at))
            for move in moves[:: len(moves) // 9]
        ),
        *(
            (
                [m for m in moves if m.happened_at <= move.happened_at],
                trial_balance(books, as_of=move.happened_at),
            )
            for move in moves[:: len(moves) // 9]
        ),
        ([], trial_balance(books, at=NEVER)),
    ):
        assert {line.kind for line in lines} == {ref.kind for ref in refs_in(kept)}
        for line in lines:
            debits = sum(move.amount for move in kept if move.debit.kind == line.kind)
            credits = sum(move.amount for move in kept if move.credit.kind == line.kind)
            balance = credits - debits if line.normal == "credit" else debits - credits
            assert (line.debits_minor, line.credits_minor, line.balance_minor) == (debits, credits, balance)
        for currency in ("ZLB", "CNY"):
            debits = sum(line.debits_minor for line in lines if line.currency == currency)
            assert debits == sum(line.credits_minor for line in lines if line.currency == currency), currency


def test_the_trial_balance_comes_in_the_order_of_the_chart(books: Connection) -> None:
    kinds = [line.kind for line in trial_balance(books)]
    assert kinds == [kind for kind in CHART if kind in kinds]


LONG, SHORT = 100_000, 100


@pytest.fixture(scope="module")
def long_books(server: Database, _migrated: str) -> Iterator[Database]:
    """Two accounts, one a thousand times as long: plain rows, as only their number matters here."""
    with server.scratch(copy_of=_migrated) as database:
        with database.owner.begin() as connection:
            connection.execute(
                text("""
                INSERT INTO ledger.accounts
                    (kind, owner, currency, normal_side, limited, debits_minor, credits_minor)
                VALUES ('wallet', 'payer', 'ZLB', 'credit', false, :long + :short, 0),
                       ('gifts', 'long', 'ZLB', 'credit', false, 0, :long),
                       ('gifts', 'short', 'ZLB', 'credit', false, 0, :short)
                """),
                {"long": LONG, "short": SHORT},
            )
            connection.execute(
                text("""
                INSERT INTO ledger.transfers
                SELECT n * 256, n * 256, payer.id, payee.id, 1, -n, n, now()
                FROM ledger.accounts AS payer, ledger.accounts AS payee,
                     generate_series(1, CASE payee.owner WHEN 'long' THEN :long ELSE :short END) AS step,
                     LATERAL (SELECT CASE payee.owner WHEN 'long' THEN step ELSE :long + step END AS n) AS nth
                WHERE payer.kind = 'wallet' AND payer.owner = 'payer' AND payee.kind = 'gifts'
                """),
                {"long": LONG, "short": SHORT},
            )
            connection.execute(
                text("""
                INSERT INTO ledger.decisions (seq, id, kind, actor, cause, content_hash, occurred_at)
                SELECT n * 256, gen_random_uuid(), 'tip', 'viewer:payer', 'gift:rose', '', now()
                FROM generate_series(1, :all) AS n
                """),
                {"all": LONG + SHORT},
            )
        with database.owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE ledger.transfers, ledger.decisions, ledger.accounts"))
        yield database


def pages_read(connection: Connection, statement: Any, parameters: dict[str, Any]) -> int:
    """How many 8 kB pages of the database a statement touches: what it costs, without a clock."""
    explained = text("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + statement.text)
    for _ in range(2):  # The first time, the catalogue is read too.
        (plan,) = connection.execute(explained, parameters).scalar_one()
    return int(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])


def ids_of(connection: Connection) -> dict[str, int]:
    return {row.owner: row.id for row in connection.execute(text("SELECT owner, id FROM ledger.accounts"))}


@pytest.mark.parametrize("where", [1.0, 0.5, 0.001], ids=["newest", "middle", "oldest"])
@pytest.mark.parametrize("direction", ["newest first", "oldest first"])
def test_a_page_of_a_long_account_costs_what_a_page_of_a_short_one_costs(
    long_books: Database, where: float, direction: str
) -> None:
    statement, bounds = {
        "newest first": (history._NEWEST_FIRST, (2**63 - 1, int(LONG * where) * 256)),
        "oldest first": (history._OLDEST_FIRST, (0, int(LONG * (1 - where)) * 256)),
    }[direction]
    with long_books.app.connect() as connection:
        ids = ids_of(connection)
        costs = {
            owner: pages_read(
                connection,
                statement,
                {"accounts": [ids[owner]], "debit_bound": bound, "credit_bound": bound, "limit": 51},
            )
            for owner, bound in zip(("short", "long"), bounds, strict=True)
        }
    assert costs["long"] <= costs["short"] + 20, f"pages of 8 kB read: {costs}"


@pytest.mark.parametrize("where", [1.0, 0.5, 0.0], ids=["now", "middle", "before all"])
def test_a_past_balance_of_a_long_account_costs_what_one_of_a_short_one_costs(
    long_books: Database, where: float
) -> None:
    with long_books.app.connect() as connection:
        ids = ids_of(connection)
        costs = {
            owner: pages_read(
                connection, history._POSTED_AT, {"account": ids[owner], "seq": int(last * where) * 256}
            )
            for owner, last in (("short", LONG + SHORT), ("long", LONG), ("payer", LONG + SHORT))
        }
    assert max(costs.values()) <= costs["short"] + 6, f"pages of 8 kB read: {costs}"
