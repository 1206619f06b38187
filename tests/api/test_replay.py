"""Event files played into real books: what must come out, however often and in whatever batches."""

import io
import json
import signal
import subprocess
import time
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import text

from api.audits import all_audits
from api.replay import LARGEST_BATCH, Tally, replay
from api.simulate import Evening
from api.wiring import desks
from ledger.audits.verify import verify
from ledger.database import Database, DatabaseSettings, open_database
from ledger.journal.journal import Journal
from settlement.runs import unfinished_runs
from tests.api.command_line import DATA, ROOT, command, environment
from tests.api.playing import balances_in, expected, first_difference, played
from tests.model.arbitrary import Gateway

EVENING = (DATA / "evening.jsonl").read_bytes()


def rows(name: str) -> list[dict[str, str | int]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("largest_batch", [1, 7, LARGEST_BATCH])
def test_the_sample_evening_gives_its_balances_and_refusals(
    empty_database: Database, largest_batch: int
) -> None:
    result = played(empty_database, EVENING, largest_batch=largest_batch)
    assert result.refusals == rows("evening.refusals.jsonl")
    assert result.balances == rows("evening.balances.jsonl")
    assert result.malformed == []


def test_malformed_lines_change_nothing_but_the_numbers_of_lines(empty_database: Database) -> None:
    result = played(empty_database, (DATA / "evening-bad.jsonl").read_bytes())
    assert result.refusals == rows("evening-bad.refusals.jsonl")
    assert result.balances == rows("evening.balances.jsonl")
    assert len(result.malformed) == 45


def test_played_twice_a_file_gives_the_same_refusals_and_moves_nothing(empty_database: Database) -> None:
    first = played(empty_database, EVENING)
    count = text("SELECT (SELECT count(*) FROM ledger.transfers), (SELECT count(*) FROM ledger.decisions)")
    with empty_database.app.connect() as connection:
        before = connection.execute(count).one()
    again = played(empty_database, EVENING)
    with empty_database.app.connect() as connection:
        after = connection.execute(count).one()
    assert first_difference(again, first) == ""
    assert after == before


@pytest.mark.parametrize(
    ("seed", "largest_batch"), [(11, LARGEST_BATCH), (12, 50), (13, 3), (14, 1), (15, 211)]
)
def test_a_file_that_tries_everything_comes_out_as_in_the_model(
    empty_database: Database, seed: int, largest_batch: int
) -> None:
    file = b"".join(Gateway(seed).lines(1_500))
    result = played(empty_database, file, largest_batch=largest_batch)
    assert first_difference(result, expected([file])) == ""
    assert verify(empty_database.app, all_audits()) == []


def test_two_files_one_after_the_other_are_as_one(empty_database: Database) -> None:
    files = [b"".join(Gateway(21).lines(600)), b"".join(Gateway(22).lines(600))]
    for file in files:
        result = played(empty_database, file)
    assert first_difference(result, expected(files)) == ""


def test_a_file_cut_anywhere_and_played_again_whole_comes_out_the_same(empty_database: Database) -> None:
    lines = EVENING.splitlines(keepends=True)
    for end in (1, 700, 2_901, 5_577):
        played(empty_database, b"".join(lines[:end]))
    result = played(empty_database, EVENING)
    assert result.refusals == rows("evening.refusals.jsonl")
    assert result.balances == rows("evening.balances.jsonl")


def test_an_empty_file_is_no_line(empty_database: Database) -> None:
    assert played(empty_database, b"") == ([], [], [])


def test_a_settlement_run_that_was_cut_short_is_finished_before_anything_else(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(empty_database.app, desks())
    with monkeypatch.context() as cut_short:
        # What a process that is killed right after it accepted the first settlement leaves behind.
        cut_short.setattr("api.replay.finish", _killed)
        with pytest.raises(KeyboardInterrupt):
            list(replay(journal, io.BytesIO(EVENING), Tally()))
    with empty_database.app.connect() as connection:
        assert len(unfinished_runs(connection)) == 1
    result = played(empty_database, EVENING)
    assert result.balances == rows("evening.balances.jsonl")
    with empty_database.app.connect() as connection:
        assert unfinished_runs(connection) == []


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_the_tally_counts_what_was_told(empty_database: Database) -> None:
    tally = Tally()
    journal = Journal(empty_database.app, desks())
    steps = list(replay(journal, io.BytesIO(EVENING + b"\n"), tally))
    assert tally.events == 5_644
    assert tally.refused.total() == sum(len(step.refused) for step in steps) == 1_135
    assert tally.malformed == 1
    assert sum(step.size_bytes for step in steps) == len(EVENING) + 1


def test_reading_stops_when_nobody_asks_for_more(empty_database: Database) -> None:
    class Endless(io.BytesIO):
        asked = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            self.asked += 1
            return b"\n"

    file = Endless()
    steps = replay(Journal(empty_database.app, desks()), file, Tally(), largest_batch=10)
    assert len(list(islice(steps, 3))) == 3
    steps.close()  # type: ignore[attr-defined]
    time.sleep(0.2)
    assert file.asked <= 10 * 5, "the reader went far ahead, or never stopped"


def test_killed_again_and_again_a_replay_resumes_to_the_same_balances(
    data_folder: Path, tmp_path: Path
) -> None:
    file, out = tmp_path / "evening.jsonl", tmp_path / "refusals.jsonl"
    content = "".join(Evening(seed=5, events=30_000).lines()).encode()
    file.write_bytes(content)
    out.write_text("what an earlier run left\n")
    with open_database(DatabaseSettings(data_folder)) as database:
        for decided in (1, 8_000, 21_000):
            process = _replay_started(data_folder, file, out)
            try:
                _wait_until_decided(database, decided, process)
            finally:
                process.send_signal(signal.SIGKILL)
                process.wait()
            assert process.returncode == -signal.SIGKILL, "it was over before it was killed"
            assert out.read_text() == "what an earlier run left\n"
        process = _replay_started(data_folder, file, out)
        assert process.wait(timeout=120) == 0
        wanted = expected([content])
        assert balances_in(database) == wanted.balances
        assert [json.loads(line) for line in out.read_text().splitlines()] == wanted.refusals
        assert verify(database.app, all_audits()) == []


def _replay_started(data_folder: Path, file: Path, out: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command("replay", str(file), "--refusals", str(out)),
        cwd=ROOT,
        env=environment(data_folder),
        stderr=subprocess.DEVNULL,
    )


def _wait_until_decided(database: Database, decided: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        with database.owner.connect() as connection:
            is_there = connection.scalar(text("SELECT to_regclass('ledger.decisions') IS NOT NULL"))
            if (
                is_there
                and (connection.scalar(text("SELECT count(*) FROM ledger.decisions")) or 0) >= decided
            ):
                return
        time.sleep(0.01)
    raise AssertionError(f"the replay never came to {decided} decisions")
