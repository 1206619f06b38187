"""The Beancount export: a program of others finds our books in order, and its sums are ours."""

import re
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core.data import Balance, Open, Transaction
from sqlalchemy import text

from api.beancount import account_name, export
from ledger.chart import CHART
from ledger.database import Database
from ledger.journal.history import balances
from ledger.money import decimal_of
from tests.busy_books import ODD_NAMES, play


def exported(database: Database, path: Path) -> int:
    with database.app.connect() as connection, path.open("w", encoding="utf-8") as file:
        return export(connection, file)


def bean_check(path: Path) -> "subprocess.CompletedProcess[str]":
    """What `bean-check` says of a file; its cache is left alone."""
    return subprocess.run(
        [sys.executable, "-m", "beancount.scripts.check", "--no-cache", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def busy(empty_database: Database) -> Database:
    play(empty_database)
    return empty_database


def loaded(path: Path) -> list[Any]:
    entries, errors, _ = loader.load_file(str(path))
    assert not errors, f"beancount's loader objects: {errors[0]}"
    return list(entries)


def test_bean_check_accepts_the_export_of_a_busy_book(busy: Database, tmp_path: Path) -> None:
    path = tmp_path / "books.beancount"
    exported(busy, path)
    check = bean_check(path)
    assert (check.returncode, check.stderr) == (0, ""), check.stderr


def test_the_balances_that_beancount_computes_are_ours_for_every_account(
    busy: Database, tmp_path: Path
) -> None:
    path = tmp_path / "books.beancount"
    exported(busy, path)
    entries = loaded(path)
    owned = {(e.meta["kind"], e.meta["owner"]): e.account for e in entries if isinstance(e, Open)}
    theirs: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        if isinstance(entry, Transaction):
            for posting in entry.postings:
                assert posting.units is not None
                theirs[posting.account] += posting.units.number or 0
    with busy.app.connect() as connection:
        ours = list(balances(connection))
    assert len(owned) == len(ours), "there is not one account there for each of ours"
    for account in ours:
        debit_up = 1 if CHART[account.kind].normal == "debit" else -1
        there = theirs[owned[account.kind, account.owner]]
        here = decimal_of(debit_up * account.posted_minor, account.currency)
        assert there == here, f"{account.kind} of {account.owner!r}: {there} there, {here} here"


def test_each_entry_that_moved_value_is_one_transaction_on_its_day_in_china(
    busy: Database, tmp_path: Path
) -> None:
    path = tmp_path / "books.beancount"
    count = exported(busy, path)
    transactions = {e.meta["id"]: e for e in loaded(path) if isinstance(e, Transaction)}
    with busy.app.connect() as connection:
        rows = connection.execute(
            text("""
            SELECT d.id, d.seq, d.kind, 2 * count(*) AS postings,
                   (CASE WHEN d.kind IN ('tip_restoration', 'received_again')
                    THEN to_timestamp(d.seq / 256 / 1e6) ELSE d.occurred_at END
                    AT TIME ZONE INTERVAL '8 hours')::date AS day
            FROM ledger.decisions AS d JOIN ledger.transfers AS t ON t.entry = d.seq GROUP BY d.id
            """)
        ).all()
    assert count == len(rows) == len(transactions)
    for row in rows:
        there = transactions[str(row.id)]
        assert (there.narration, there.date, int(there.meta["seq"]), len(there.postings)) == (
            row.kind,
            row.day,
            row.seq,
            row.postings,
        ), f"{row.kind} {row.id} differs"


@pytest.mark.parametrize(("unit", "changed"), [("CNY", "0.01"), ("ZLB", "1")])
def test_bean_check_refuses_the_file_when_one_amount_is_changed(
    busy: Database, tmp_path: Path, unit: str, changed: str
) -> None:
    path = tmp_path / "books.beancount"
    exported(busy, path)
    books = path.read_text(encoding="utf-8")
    posting = re.search(rf"^  \S+  (\d\S*) {unit}$", books, re.MULTILINE)
    assert posting is not None
    amount = str(Decimal(posting[1]) + Decimal(changed))
    path.write_text(books[: posting.start(1)] + amount + books[posting.end(1) :], encoding="utf-8")
    check = bean_check(path)
    assert check.returncode != 0
    assert "does not balance" in check.stderr, check.stderr


def test_bean_check_refuses_the_file_when_a_balance_is_off_by_one_fen(busy: Database, tmp_path: Path) -> None:
    path = tmp_path / "books.beancount"
    exported(busy, path)
    books = path.read_text(encoding="utf-8")
    changed = re.sub(
        r"(balance Liabilities:CoinLiability  )(\S+)",
        lambda found: found[1] + str(Decimal(found[2]) + Decimal("0.01")),
        books,
    )
    assert changed != books
    path.write_text(changed, encoding="utf-8")
    assert "Balance failed" in bean_check(path).stderr


def test_the_books_name_owners_and_no_actor_case_or_reason(busy: Database, tmp_path: Path) -> None:
    path = tmp_path / "books.beancount"
    exported(busy, path)
    books = path.read_text(encoding="utf-8")
    owners = {e.meta["owner"] for e in loaded(path) if isinstance(e, Open)}
    assert set(ODD_NAMES) <= owners, "an owner's name did not survive"
    for private in ("moderator:", "finance:", "case:", "by mistake", "w-ana"):
        assert private not in books, f"{private!r} is in the export"


def test_names_that_differ_at_all_are_different_accounts() -> None:
    names = [*ODD_NAMES, "-2d-", "--", "2d", "-2d", "é-", "小红", "小 红", "A", "a"]
    accounts = {account_name("wallet", name) for name in names}
    assert len(accounts) == len(set(names))


def test_every_kind_of_the_chart_has_a_place_of_its_own() -> None:
    places = {account_name(kind, "x") for kind in CHART}
    assert len(places) == len(CHART)


def test_empty_books_are_a_legal_file(empty_database: Database, tmp_path: Path) -> None:
    path = tmp_path / "books.beancount"
    assert exported(empty_database, path) == 0
    assert bean_check(path).returncode == 0
    assert not [entry for entry in loaded(path) if isinstance(entry, Balance)]
