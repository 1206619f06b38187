"""The command line: what it prints, and how it says no."""

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.command_line import DATA, ROOT, command, environment, is_one_line, said, zhibo
from tests.conftest import new_data_folder

EVENING = str(DATA / "evening.jsonl")


@pytest.fixture(scope="module")
def books() -> Iterator[Path]:
    """A data folder into which the sample evening was played, by `replay` alone."""
    folder = new_data_folder()
    played = zhibo(folder, "replay", EVENING)
    assert played.returncode == 0, played.stderr.decode()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def no_books() -> Iterator[Path]:
    """A data folder for commands that fail before they would open it."""
    folder = new_data_folder()
    yield folder
    shutil.rmtree(folder)


def test_replay_needs_no_other_command_first_and_writes_the_refusals(
    data_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "refusals.jsonl"
    done = zhibo(data_folder, "replay", EVENING, "--refusals", str(out))
    assert done.returncode == 0, done.stderr.decode()
    assert out.read_bytes() == (DATA / "evening.refusals.jsonl").read_bytes()
    assert out.stat().st_mode & 0o077 == 0, "others can read the refusals"
    assert list(tmp_path.iterdir()) == [out]
    assert done.stdout == b""
    assert said(
        done, ["5,644 events", "4,509 accepted", "1,135 refused", "13 of them", "1,023 insufficient_funds"]
    )
    balances = zhibo(data_folder, "balances", "--jsonl")
    assert balances.stdout == (DATA / "evening.balances.jsonl").read_bytes()


def test_malformed_lines_are_told_with_number_and_reason_and_make_the_status_1(
    books: Path, tmp_path: Path
) -> None:
    out = tmp_path / "refusals.jsonl"
    done = zhibo(books, "replay", str(DATA / "evening-bad.jsonl"), "--refusals", str(out))
    assert done.returncode == 1
    assert out.read_bytes() == (DATA / "evening-bad.refusals.jsonl").read_bytes()
    told = re.findall(r"^line (\d+): (.+)$", done.stderr.decode(), re.MULTILINE)
    assert len(told) == 45
    assert told[0] == ("127", "coins is not an integer from 1 to 1000000000")
    assert said(done, ["45 malformed lines were skipped"])


def test_replay_reads_standard_input(books: Path) -> None:
    done = zhibo(books, "replay", "-", "--refusals", "/dev/stdout", stdin=Path(EVENING).read_bytes())
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout == (DATA / "evening.refusals.jsonl").read_bytes()


def test_refusals_replace_what_a_link_points_to(books: Path, tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    assert zhibo(books, "replay", EVENING, "--refusals", str(tmp_path / "link")).returncode == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == (DATA / "evening.refusals.jsonl").read_bytes()


def test_the_table_of_balances_has_a_line_for_every_account(books: Path) -> None:
    lines = zhibo(books, "balances").stdout.decode().splitlines()
    assert len(lines) == 1 + 349
    assert re.fullmatch(r"accruals +s0002 +172\.20 +34\.21 +137\.99 元", lines[2]), lines[2]


def test_the_trial_balance_balances_now_and_at_any_time(books: Path) -> None:
    for options in ([], ["--as-of", "2026-10-01"], ["--at", "2026-10-01T20:00+08:00"]):
        done = zhibo(books, "trial-balance", *options)
        assert done.returncode == 0, done.stderr.decode()
        assert "NOT BALANCED" not in done.stdout.decode()
    now = zhibo(books, "trial-balance").stdout.decode()
    assert re.search(r"wallet +│ +98,212 │ +366,990 │ +268,778 credit", now), now
    # The whole evening was posted today, long after its own dates.
    assert "wallet" not in zhibo(books, "trial-balance", "--at", "2026-10-01").stdout.decode()


def test_an_account_shows_its_lines_newest_last_and_pages_back(books: Path) -> None:
    newest = zhibo(books, "account", "wallet", "v00005", "--limit", "3").stdout.decode()
    assert newest.startswith(
        "wallet of v00005: 7,677 智联币, of which 0 智联币 held and 7,677 智联币 available"
    )
    balances = re.findall(r"([\d,]+) 智联币 │$", newest, re.MULTILINE)
    assert balances == ["7,876", "7,875", "7,677"]
    cursor = re.search(r"--before (\d+)", newest)
    assert cursor is not None
    older = zhibo(books, "account", "wallet", "v00005", "--limit", "2", "--before", cursor[1]).stdout.decode()
    assert re.findall(r"([\d,]+) 智联币 │$", older, re.MULTILINE) == ["7,881", "7,877"]


def test_an_account_shows_its_balance_at_a_past_time(books: Path) -> None:
    by_occurrence = zhibo(books, "account", "wallet", "v00005", "--as-of", "2026-10-02T00:08:14+08:00")
    assert "7,877 智联币" in by_occurrence.stdout.decode()
    by_posting = zhibo(books, "account", "wallet", "v00005", "--at", "2026-10-01")
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
    done = zhibo(no_books, *arguments.format(data=DATA, evening=EVENING).split())
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
    done = zhibo(Path(settings.pop("ZHIBO_DATA")), name, stdin=b"", **settings)
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


@pytest.mark.parametrize(
    "arguments", [["balances"], ["balances", "--jsonl"], ["simulate", "--events", "50000"]]
)
def test_output_that_nobody_reads_to_its_end_is_no_error_to_see(books: Path, arguments: list[str]) -> None:
    process = subprocess.Popen(
        command(*arguments),
        cwd=ROOT,
        env=environment(books),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait(timeout=60)


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, ""), (signal.SIGHUP, 143, "")],
)
def test_an_interrupted_replay_ends_at_once_without_a_stack_and_without_half_a_file(
    books: Path, tmp_path: Path, sent: signal.Signals, status: int, words: str
) -> None:
    out = tmp_path / "refusals.jsonl"
    out.write_text("old")
    process = subprocess.Popen(
        command("replay", "-", "--refusals", str(out)),
        cwd=ROOT,
        env=environment(books),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    # More is to come, says the open pipe; the replay waits for it.
    process.stdin.write(Path(EVENING).read_bytes()[:300_000])
    process.stdin.flush()
    _wait_for_beside(tmp_path)
    process.send_signal(sent)
    try:
        status_found = process.wait(timeout=20)
    finally:
        process.kill()
        process.stdin.close()
        stderr = process.stderr.read().decode() if process.stderr else ""
        if process.stderr:
            process.stderr.close()
        process.wait()
    assert status_found == status
    assert "Traceback" not in stderr
    assert words in stderr
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_what_a_killed_replay_left_is_tidied_up_by_the_next(books: Path, tmp_path: Path) -> None:
    out, other = tmp_path / "refusals.jsonl", tmp_path / ".other.jsonl.abcdefgh.unfinished"
    other.write_text("")
    process = subprocess.Popen(
        command("replay", "-", "--refusals", str(out)),
        cwd=ROOT,
        env=environment(books),
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    try:
        _wait_for_beside(tmp_path)
        (beside,) = set(tmp_path.iterdir()) - {other}
        assert zhibo(books, "simulate", "--events", "10", "-o", str(out)).returncode == 0
        assert beside.exists(), "the file of a command that is still at work was removed"
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
    assert beside.exists()
    assert zhibo(books, "replay", EVENING, "--refusals", str(out)).returncode == 0
    assert set(tmp_path.iterdir()) == {out, other}
    assert out.read_bytes() == (DATA / "evening.refusals.jsonl").read_bytes()


def test_a_link_to_itself_is_no_place_for_refusals(no_books: Path, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    done = zhibo(no_books, "replay", EVENING, "--refusals", str(tmp_path / "loop"))
    assert done.returncode == 1
    assert is_one_line(done.stderr), done.stderr.decode()
    assert said(done, ["loop cannot be written: Too many levels of symbolic links"])


@pytest.mark.parametrize(
    ("arguments", "closed", "status", "words"),
    [
        ("balances", "1>&-", 1, "zhibo: reading or writing failed: Bad file descriptor\n"),
        ("balances --jsonl", "1>&-", 1, "zhibo: reading or writing failed: Bad file descriptor\n"),
        ("balances", "1>/dev/full", 1, "zhibo: reading or writing failed: No space left on device\n"),
        ("replay -", "0<&-", 1, "zhibo: reading or writing failed: Bad file descriptor\n"),
        (f"replay {EVENING}", "2>&-", 0, ""),
        ("balances", "2>&- 1>/dev/null", 0, ""),
        ("account purse x", "2>&-", 2, ""),
        (f"replay {EVENING}", "0<&- 1>&- 2>&-", 0, ""),
    ],
)
def test_a_closed_stream_is_no_mistake_of_ours(
    books: Path, arguments: str, closed: str, status: int, words: str
) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *command(*arguments.split())],
        cwd=ROOT,
        env=environment(books),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr.decode()) == (status, words)
    assert done.stdout == b""


def test_one_malformed_line_is_told_as_one(books: Path) -> None:
    done = zhibo(books, "replay", "-", stdin=b"{}\n")
    assert done.stderr.decode().endswith("1 malformed line was skipped\n")


def test_a_command_outlives_its_terminal_only_if_told_to(books: Path) -> None:
    for ignored, expected in ((False, 143), (True, 0)):
        process = subprocess.Popen(
            [*(("nohup",) if ignored else ()), *command("replay", "-")],
            cwd=ROOT,
            env=environment(books),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdin is not None
        time.sleep(2)
        process.send_signal(signal.SIGHUP)
        time.sleep(0.2)
        process.stdin.close()
        assert process.wait(timeout=20) == expected


def _wait_for_beside(folder: Path) -> None:
    """Until the replay has opened its files; then a moment more, for it to open the books and play."""
    deadline = time.monotonic() + 30
    while len(list(folder.iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(1)


def test_on_a_terminal_replay_shows_how_far_it_came(books: Path) -> None:
    shown = _on_a_terminal(books, "replay", EVENING)
    assert "MB" in shown
    assert "5,644 events" in shown
    assert "Traceback" not in shown


def _on_a_terminal(folder: Path, *arguments: str) -> str:
    ours, theirs = pty.openpty()
    try:
        variables = environment(folder, TERM="xterm", COLUMNS="100")
        process = subprocess.Popen(
            command(*arguments), cwd=ROOT, env=variables, stdout=theirs, stderr=theirs, stdin=theirs
        )
    finally:
        os.close(theirs)
    shown = bytearray()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                shown += os.read(ours, 65_536)
            except OSError:
                break
        elif process.poll() is not None:
            break
    os.close(ours)
    assert process.wait(timeout=20) == 0
    return shown.decode(errors="replace")


def test_the_demo_plays_an_evening_and_another_when_run_again(data_folder: Path) -> None:
    demo = data_folder / "demo"
    try:
        for evening in ("2026-10-01", "2026-10-02"):
            done = zhibo(data_folder, "demo")
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
        assert not (data_folder / "cluster").exists(), "the demo touched the user's own books"
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
