"""`zhibo policy`, as people run it."""

import getpass
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from tests.api.command_line import is_one_line, said, zhibo
from tests.api.warm import warm_zhibo
from tests.conftest import new_data_folder
from tests.settlement.policies.writing import SAMPLE, sample_policy

_SHA256 = "19382c51765d71131d17e3989026da202a8f62c0902e1a5e5e0cf40d8831b116"


@pytest.fixture(scope="module")
def no_books() -> Iterator[Path]:
    """A data folder in which no books may come to be."""
    folder = new_data_folder()
    yield folder
    assert not (folder / "cluster").exists(), "books were opened for what needs none"
    shutil.rmtree(folder)


def test_a_policy_is_checked_without_books(no_books: Path) -> None:
    done = zhibo(no_books, "policy", "check", str(SAMPLE))
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines()[:2] == [
        "policy 2026-10, in force from 2026-10-01 00:00:00 (+08:00)",
        f"sha256 {_SHA256}",
    ]
    piped = zhibo(no_books, "policy", "check", "-", stdin=SAMPLE.read_bytes())
    assert piped.stdout == done.stdout


def test_of_a_start_in_the_past_it_is_remarked_that_only_the_first_version_can_have_it(
    no_books: Path,
) -> None:
    remark = "remark: it would be in force from the past, as only the first version of all can be"
    for effective_at, remarks in (("2020-01-01T00:00:00+08:00", [remark]), ("2199-01-01T00:00:00+08:00", [])):
        source = sample_policy(None, effective_at)
        done = warm_zhibo(no_books, "policy", "check", "-", stdin=source.encode())
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.decode().splitlines()[2:] == remarks


def test_what_is_no_policy_is_told_in_one_line(no_books: Path, tmp_path: Path) -> None:
    gapped = tmp_path / "gapped.toml"
    gapped.write_text(sample_policy(None, None, ("below_coins = 1_000_000", "below_coins = 999_999")))
    dark = tmp_path / "dark.toml"
    dark.write_bytes(b'version = "\xff"')
    endless = tmp_path / "endless.toml"
    endless.write_bytes(b"#" * 200_001)
    cases = {
        str(gapped): f"{gapped}: classes.signed.tiers[0].below_coins: is 999999, and leaves a gap",
        str(dark): "dark.toml is not UTF-8 (byte 12)",
        str(endless): "endless.toml is too long for a policy",
        str(tmp_path / "none.toml"): "No such file or directory",
        str(tmp_path): "Is a directory",
    }
    for file, line in cases.items():
        done = warm_zhibo(no_books, "policy", "check", file)
        assert (done.returncode, done.stdout) == (1, b"")
        assert is_one_line(done.stderr), done.stderr
        assert said(done, [line]), done.stderr.decode()
    assert said(warm_zhibo(no_books, "policy", "publish", str(gapped)), ["leaves a gap before 1000000"])
    assert said(warm_zhibo(no_books, "policy", "diff", str(SAMPLE), "no/such"), ["there is no file no/such"])
    unsaid = warm_zhibo(no_books, "policy", "publish", str(SAMPLE), "--as", "a\nb")
    assert said(unsaid, ["--as is not a text of 1 to 200 characters"])


def test_two_files_are_compared_without_books(no_books: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(sample_policy("2026-11", None, ("hold_days = 7", "hold_days = 10")))
    done = zhibo(no_books, "policy", "diff", str(SAMPLE), str(other))
    assert done.stdout.decode().splitlines() == [
        "  version: 2026-10 -> 2026-11",
        "! classes.standard.hold_days: 7 days -> 10 days",
    ]
    assert zhibo(no_books, "policy", "diff", str(SAMPLE), str(SAMPLE)).stdout == b"nothing differs\n"


def test_a_policy_is_published_once_listed_shown_and_compared(data_folder: Path, tmp_path: Path) -> None:
    assert warm_zhibo(data_folder, "policy", "list").stdout == b"no policy is published\n"
    first = zhibo(data_folder, "policy", "publish", str(SAMPLE))
    assert first.returncode == 0, first.stderr.decode()
    assert first.stdout.decode().splitlines() == [
        f"published policy 2026-10 as finance:{getpass.getuser()}",
        "in force from 2026-10-01 00:00:00 (+08:00)",
        f"sha256 {_SHA256}",
    ]
    again = zhibo(data_folder, "policy", "publish", str(SAMPLE))
    assert again.returncode == 1
    assert is_one_line(again.stderr)
    assert said(again, ["not published: policy '2026-10' was published before; a change is a new version"])

    next_one = tmp_path / "next.toml"
    soon = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    next_one.write_text(sample_policy("2026-next", soon, ("major = false", "major = true")))
    hurried = warm_zhibo(data_folder, "policy", "publish", str(next_one))
    assert is_one_line(hurried.stderr)
    assert said(hurried, ["policy '2026-next' is a major change: with 7 days of notice"])
    next_one.write_text(sample_policy("2026-next", soon, ("hold_days = 7", "hold_days = 5")))
    second = warm_zhibo(data_folder, "policy", "publish", str(next_one), "--as", "财务 小王")
    assert second.stdout.decode().startswith("published policy 2026-next as finance:财务 小王\n")

    listed = zhibo(data_folder, "policy", "list").stdout.decode()
    lines = [line for line in listed.splitlines() if "2026-10 " in line or "2026-next" in line]
    assert len(lines) == 2
    assert all(word in lines[0] for word in ("2026-10 ", "in force", "2026-10-01 00:00:00", _SHA256[:16]))
    assert all(word in lines[1] for word in ("2026-next", "to come"))
    assert warm_zhibo(data_folder, "policy", "show", "2026-next").stdout == next_one.read_bytes()
    assert warm_zhibo(data_folder, "policy", "show", "2026-10").stdout == SAMPLE.read_bytes()
    compared = warm_zhibo(data_folder, "policy", "diff", "2026-10", str(next_one))
    assert "  classes.standard.hold_days: 7 days -> 5 days" in compared.stdout.decode().splitlines()
    assert (
        warm_zhibo(data_folder, "policy", "diff", "2026-next", str(next_one)).stdout == b"nothing differs\n"
    )
    missing = warm_zhibo(data_folder, "policy", "show", "2027-01")
    assert (missing.returncode, missing.stdout) == (1, b"")
    assert is_one_line(missing.stderr)
    assert said(missing, ["no policy '2027-01' was published"])


def test_a_policy_is_tried_on_a_period_and_nothing_moves(data_folder: Path, tmp_path: Path) -> None:
    tried = tmp_path / "tried.toml"
    tried.write_text(
        sample_policy(
            "tried",
            None,
            ("share_bps = 5000", "share_bps = 6000"),
            ("task = { enabled = true }", "task = { enabled = false }"),
        )
    )
    alone = zhibo(data_folder, "policy", "try", str(tried), "--period", "2026-10")
    assert alone.returncode == 1
    assert is_one_line(alone.stderr)
    assert said(alone, ["no policy is published to compare with"])
    assert zhibo(data_folder, "policy", "publish", str(SAMPLE)).returncode == 0
    at = '"at": "2026-10-20T20:00:00+08:00"'
    events = [
        '"type": "register", "party": "ana", "roles": ["viewer"]',
        '"type": "register", "party": "bo", "roles": ["streamer"]',
        '"type": "register", "party": "mei", "roles": ["streamer"]',
        '"type": "gift", "gift": "rose", "coins": 10',
        '"type":"topup","viewer":"ana","coins": 999, "paid": "9.00", "channel": "wechat", "channel_txn":"1"',
        '"type": "tip", "viewer": "ana", "streamer": "bo", "room": "r", "gift": "rose", "quantity": 20',
        '"type": "reward", "streamer": "mei", "task": "evening", "amount": "12.50"',
    ]
    lines = [f'{{"id": "{uuid4()}", {at}, {event}}}\n' for event in events]
    played = zhibo(data_folder, "replay", "-", stdin="".join(lines).encode())
    assert played.returncode == 0, played.stderr.decode()
    before = zhibo(data_folder, "balances", "--jsonl").stdout
    done = zhibo(data_folder, "policy", "try", str(tried), "--period", "2026-10")
    assert done.returncode == 0, done.stderr.decode()
    shown = [" ".join(line.replace("│", " ").split()) for line in done.stdout.decode().splitlines()]
    # 200 coins are 20.00: half of it, and 60 % of it. The task would not have paid.
    assert shown[:4] == [
        "policy tried on 2026-10: 1 would gain, 1 would lose, 0 neither. Nothing was moved.",
        "streamers: 22.50 元 -> 12.00 元 (-10.50)",
        "guilds: 0.00 元 -> 0.00 元 (+0.00)",
        "the platform, of gifts: 10.00 元 -> 8.00 元 (-2.00)",
    ]
    assert "bo 10.00 12.00 +2.00" in shown
    assert "mei 12.50 0.00 -12.50" in shown
    assert zhibo(data_folder, "balances", "--jsonl").stdout == before
    wrong = zhibo(data_folder, "policy", "try", str(tried), "--period", "2026-13")
    assert is_one_line(wrong.stderr)
    assert said(wrong, ["--period '2026-13' is not a month such as 2026-10"])
