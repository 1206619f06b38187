"""LIVE-EARN-6: amounts are as counted by the system (以系统统计为准), and counted again they are the same."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.simulate import Evening
from tests.api.command_line import zhibo
from tests.conftest import new_data_folder

pytestmark = pytest.mark.rule("LIVE-EARN-6")


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("evening") / "evening.jsonl"
    file.write_text("".join(Evening(seed=6, events=4_000).lines()), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def books(evening: Path) -> Iterator[Path]:
    """Books into which the evening was played, with a settlement at its end."""
    folder = new_data_folder()
    played = zhibo(folder, "replay", str(evening))
    assert played.returncode == 0, played.stderr.decode()
    yield folder
    shutil.rmtree(folder)


def _balances(folder: Path) -> bytes:
    done = zhibo(folder, "balances", "--jsonl")
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_the_events_replayed_into_new_books_give_identical_balances(
    books: Path, evening: Path, data_folder: Path
) -> None:
    assert zhibo(data_folder, "replay", str(evening)).returncode == 0
    assert _balances(data_folder) == _balances(books)


def test_the_events_played_again_into_the_same_books_change_nothing(books: Path, evening: Path) -> None:
    before = _balances(books)
    again = zhibo(books, "replay", str(evening))
    assert again.returncode == 0
    assert _balances(books) == before
    # What conflicts with an earlier event is refused again; all the rest was decided before.
    assert "accepted" in again.stderr.decode()


def test_every_balance_and_statement_recomputed_from_the_journal_is_the_one_stored(books: Path) -> None:
    done = zhibo(books, "verify")
    assert done.returncode == 0, done.stdout.decode()
    recomputed = [line for line in done.stdout.decode().splitlines() if "LIVE-EARN-6" in line]
    assert recomputed, "no check recomputes a statement"
    assert all("holds" in line for line in recomputed)


def test_a_wrong_amount_is_corrected_by_an_event_of_its_own_and_nothing_is_rewritten(books: Path) -> None:
    """A reward taken back: its amount is frozen and forfeited under a case; the first entry stays a line."""
    ids = [f"7c0d1a52-0000-4000-8000-00000000000{n}" for n in range(3)]
    at = "2026-10-02T12:00:00+08:00"
    correction = [
        {
            "id": ids[0],
            "at": at,
            "type": "reward",
            "streamer": "s0001",
            "task": "counted-twice",
            "amount": "88.00",
        },
        {
            "id": ids[1],
            "at": at,
            "type": "freeze",
            "party": "s0001",
            "account": "accruals",
            "amount": "88.00",
            "case": "recount-1",
            "rule": "LIVE-EARN-6",
        },
        {
            "id": ids[2],
            "at": at,
            "type": "forfeit",
            "freeze": ids[1],
            "amount": None,
            "case": "recount-1",
            "rule": "LIVE-EARN-6",
        },
    ]
    before = _accruals(books)
    done = zhibo(books, "replay", "-", stdin="\n".join(map(json.dumps, correction)).encode())
    assert done.returncode == 0, done.stderr.decode()
    assert _accruals(books) == before
    lines = zhibo(books, "account", "accruals", "s0001", "--limit", "2").stdout.decode()
    assert "+88.00" in lines
    assert "-88.00" in lines
    assert "case:recount-1 rule:LIVE-EARN-6" in lines


def _accruals(folder: Path) -> int:
    rows = map(json.loads, _balances(folder).decode().splitlines())
    return sum(row["posted"] for row in rows if (row["kind"], row["owner"]) == ("accruals", "s0001"))
