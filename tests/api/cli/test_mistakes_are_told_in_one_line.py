"""How the command line says no: a line, and a status."""

from pathlib import Path

import pytest

from tests.api.command_line import DATA, EVENING, is_one_line, said, zhibo
from tests.api.warm import warm_zhibo


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ("", 2, "Missing command"),
        ("recount", 2, "recount"),
        ("replay", 2, "FILE"),
        ("replay missing.jsonl", 1, "missing.jsonl cannot be read: No such file"),
        ("replay {data}", 1, "Is a directory"),
        ("replay {evening} --refusals {data}", 1, "is a folder"),
        ("replay {evening} --refusals {data}/no/such", 1, "No such file"),
        ("replay {evening} --refusals {evening}", 1, "is the file to be played"),
        ("replay {evening} --refusals /proc/self/fd/99/x", 1, "No such file"),
        ("replay {evening} --batch 5", 2, "--batch"),
        ("balances extra", 2, "extra"),
        ("account wallet", 2, "OWNER"),
        ("account purse v00001", 2, "no kind of account 'purse'"),
        ("account wallet \udcff1", 2, "OWNER is not a text"),
        ("account wallet v00001 --at 2026-10-01 --before 5", 2, "--before"),
        ("account wallet v00001 --as-of 2026-10-01 --before 5", 2, "--before"),
        ("account wallet v00001 --limit 0", 2, "--limit"),
        ("account wallet v00001 --at 2026-10-01 --as-of 2026-10-01", 2, "ask one of them"),
        ("trial-balance --at 9999-12-31T23:59:59Z", 2, "not in the years 2000 to 2999"),
        ("trial-balance --as-of 9999-12-31T23:59:59Z", 2, "not in the years 2000 to 2999"),
        ("trial-balance --at 9999-12-31", 2, "not in the years 2000 to 2999"),
        ("trial-balance --as-of 0001-01-01T00:00+23:59", 2, "not in the years 2000 to 2999"),
        ("trial-balance --at yesterday", 2, "--at 'yesterday' is neither a date"),
        ("trial-balance --as-of 2026-10-01T19:30", 2, "does not say its offset"),
        ("trial-balance --as-of 2026-02-30", 2, "neither a date"),
        ("simulate --events many", 2, "--events"),
        ("simulate --events 0", 2, "--events"),
        ("simulate --day 1999-01-01", 2, "--day"),
        ("simulate -o {data}/no/such", 1, "No such file"),
        ("export ledger x", 2, "ledger"),
        ("export beancount {data}/no/such", 1, "No such file"),
        ("token --role viewer", 2, "--party"),
        ("token --role viewer --party v00001", 1, "sandbox"),
        ("token --role king --party v00001", 2, "--role"),
        ("bench no-such-row", 2, "no-such-row"),
    ],
)
def test_a_mistake_is_answered_with_one_line(no_books: Path, arguments: str, status: int, words: str) -> None:
    done = warm_zhibo(no_books, *arguments.format(data=DATA, evening=EVENING).split())
    assert done.returncode == status
    assert is_one_line(done.stderr), done.stderr.decode()
    assert said(done, [words]), done.stderr.decode()
    assert not (no_books / "cluster").exists(), "the database was opened all the same"


def test_an_account_that_is_not_there_is_said_in_one_line(books: Path) -> None:
    done = zhibo(books, "account", "wallet", "nobody")
    assert done.returncode == 1
    assert done.stderr == b"zhibo: 'nobody' has no wallet account\n"


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"DATABASE_URL": "postgresql://127.0.0.1:1/none"}, ["cannot be opened"]),
        ({"DATABASE_URL": "mysql://secret-password@x"}, ["not a PostgreSQL URL"]),
        ({"ZHIBO_OWNER_URL": "postgresql://x"}, ["set both, or neither"]),
        ({"ZHIBO_DATA": "/proc/nowhere"}, ["/proc/nowhere"]),
        ({"ZHIBO_DATA": "/tmp/a,b"}, ["/tmp/a,b", "without ','"]),
    ],
)
@pytest.mark.parametrize("name", ["balances", "verify", "migrate"])
def test_a_database_that_cannot_be_opened_is_said_in_one_line(
    no_books: Path, name: str, variables: dict[str, str], words: list[str]
) -> None:
    settings = {"ZHIBO_DATA": str(no_books), **variables}
    done = warm_zhibo(Path(settings.pop("ZHIBO_DATA")), name, stdin=b"", **settings)
    assert done.returncode == 1
    assert is_one_line(done.stderr), done.stderr.decode()
    assert said(done, words), done.stderr.decode()
    assert b"secret-password" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize(
    "arguments",
    [
        ["replay", EVENING, "--refusals", "/dev/full"],
        ["simulate", "--output", "/dev/full"],
        ["export", "beancount", "/dev/full"],
    ],
    ids=["replay", "simulate", "export"],
)
def test_a_full_disk_is_said_in_one_line(books: Path, arguments: list[str]) -> None:
    done = zhibo(books, *arguments)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == [
        "zhibo: /dev/full cannot be written: No space left on device"
    ]
