"""What the commands print of the books."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.api.command_line import is_one_line, zhibo
from tests.api.warm import warm_zhibo


def test_the_table_of_balances_has_a_line_for_every_account(books: Path) -> None:
    lines = zhibo(books, "balances").stdout.decode().splitlines()
    assert len(lines) == 1 + 349
    assert re.fullmatch(r"accruals +s0002 +172\.20 +34\.21 +137\.99 元", lines[2]), lines[2]


def test_the_trial_balance_balances_now_and_at_any_time(books: Path) -> None:
    for options in ([], ["--as-of", "2026-10-01"], ["--at", "2026-10-01T20:00+08:00"]):
        done = warm_zhibo(books, "trial-balance", *options)
        assert done.returncode == 0, done.stderr.decode()
        assert "NOT BALANCED" not in done.stdout.decode()
    now = warm_zhibo(books, "trial-balance").stdout.decode()
    assert re.search(r"wallet +│ +98,212 │ +366,990 │ +268,778 credit", now), now
    # The whole evening was posted today, long after its own dates.
    assert "wallet" not in warm_zhibo(books, "trial-balance", "--at", "2026-10-01").stdout.decode()


def test_an_account_shows_its_lines_newest_last_and_pages_back(books: Path) -> None:
    newest = warm_zhibo(books, "account", "wallet", "v00005", "--limit", "3").stdout.decode()
    assert newest.startswith(
        "wallet of v00005: 7,677 智联币, of which 0 智联币 held and 7,677 智联币 available"
    )
    balances = re.findall(r"([\d,]+) 智联币 │$", newest, re.MULTILINE)
    assert balances == ["7,876", "7,875", "7,677"]
    cursor = re.search(r"--before (\d+)", newest)
    assert cursor is not None
    older = warm_zhibo(
        books, "account", "wallet", "v00005", "--limit", "2", "--before", cursor[1]
    ).stdout.decode()
    assert re.findall(r"([\d,]+) 智联币 │$", older, re.MULTILINE) == ["7,881", "7,877"]


def test_an_account_shows_its_balance_at_a_past_time(books: Path) -> None:
    by_occurrence = warm_zhibo(books, "account", "wallet", "v00005", "--as-of", "2026-10-02T00:08:14+08:00")
    assert "7,877 智联币" in by_occurrence.stdout.decode()
    by_posting = warm_zhibo(books, "account", "wallet", "v00005", "--at", "2026-10-01")
    assert by_posting.stdout.decode().startswith("wallet of v00005: 0 智联币")


def test_verify_says_that_all_promises_hold(books: Path) -> None:
    done = zhibo(books, "verify")
    assert done.returncode == 0
    assert re.search(r"all \d+ promises hold", done.stdout.decode())


def test_the_books_are_exported_for_beancount(books: Path, tmp_path: Path) -> None:
    out = tmp_path / "books.beancount"
    done = zhibo(books, "export", "beancount", str(out))
    assert done.returncode == 0, done.stderr.decode()
    assert "Liabilities:Wallet" in out.read_text(encoding="utf-8")
    assert zhibo(books, "export", "beancount", "-").stdout == out.read_bytes()


def test_migrate_and_expire_say_what_they_did(books: Path) -> None:
    assert zhibo(books, "migrate").stdout == b"nothing to do\n"
    assert zhibo(books, "expire").stdout == b"0 holds expired\n"


def test_a_simulated_evening_can_be_piped_into_replay(books: Path, tmp_path: Path) -> None:
    made = zhibo(books, "simulate", "--seed", "3", "--events", "400")
    assert made.stdout.count(b"\n") == 400
    out = tmp_path / "evening.jsonl"
    assert zhibo(books, "simulate", "--seed", "3", "--events", "400", "-o", str(out)).returncode == 0
    assert out.read_bytes() == made.stdout


def test_a_token_is_printed_in_the_sandbox_only(books: Path) -> None:
    asked = ("token", "--role", "viewer", "--party", "v00001")
    done = zhibo(books, *asked, ZHIBO_SANDBOX="1")
    assert done.returncode == 0, done.stderr.decode()
    assert re.fullmatch(rb"[\w-]+\.[\w-]+\.[\w-]+\n", done.stdout)
    assert done.stderr == b""
    refused = zhibo(books, *asked)
    assert refused.returncode == 1
    assert is_one_line(refused.stderr)


@pytest.mark.parametrize(
    "name", ["", "replay", "balances", "account", "export", "simulate", "serve", "bench", "demo"]
)
def test_help_is_there_and_quick(no_books: Path, name: str) -> None:
    done = zhibo(no_books, *name.split(), "--help")
    assert done.returncode == 0
    assert b"Usage: zhibo" in done.stdout
    assert not (no_books / "cluster").exists()


def test_the_demo_plays_an_evening_and_another_when_run_again(new_folder: Path) -> None:
    demo = new_folder / "demo"
    try:
        for evening in ("2026-10-01", "2026-10-02"):
            done = zhibo(new_folder, "demo")
            shown = done.stdout.decode()
            assert done.returncode == 0, done.stderr.decode()
            for sight in (
                f"evening of {evening}: 20,000 events",
                "Busiest streamers",
                "The last lines of wallet",
                "The last lines of earnings of s0001",
                "A freeze that became a forfeit",
                "Trial balance",
                "Every coin is backed by money",
                "201 Created",
                "the first answer again",
                "What to try next",
            ):
                assert sight in shown, f"the demo does not show {sight!r}"
            assert "BROKEN" not in shown
            assert "NOT BALANCED" not in shown
        assert not (new_folder / "cluster").exists(), "the demo touched the user's own books"
    finally:
        shutil.rmtree(demo, ignore_errors=True)


def test_balances_are_json_with_whatever_people_called_themselves(data_folder: Path) -> None:
    name = 'q"\\<b>[bold]🎤\u2028 '
    events: list[dict[str, object]] = [
        {"type": "register", "party": name, "roles": ["viewer"]},
        {
            "type": "topup",
            "viewer": name,
            "coins": 7,
            "paid": "0.70",
            "channel": "alipay",
            "channel_txn": name,
        },
    ]
    lines = [
        json.dumps({"id": f"00000000-0000-4000-8000-00000000000{n}", "at": "2026-10-01T20:00:00Z", **event})
        for n, event in enumerate(events)
    ]
    played = zhibo(data_folder, "replay", "-", stdin="\n".join(lines).encode())
    assert played.returncode == 0, played.stderr.decode()
    balances = zhibo(data_folder, "balances", "--jsonl").stdout.decode().split("\n")
    (wallet,) = [row for row in map(json.loads, filter(None, balances)) if row["kind"] == "wallet"]
    assert wallet == {"kind": "wallet", "owner": name, "currency": "ZLB", "posted": 7, "held": 0}
    shown = zhibo(data_folder, "account", "wallet", name).stdout.decode()
    assert f"wallet of {name}: 7 智联币" in shown
