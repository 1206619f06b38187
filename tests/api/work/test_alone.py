"""`zhibo worker` as a process: how it stops, and what it survives."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from api.migrations import ready
from ledger.database import Database, DatabaseSettings, open_database
from ledger.journal.journal import Journal
from settlement.runs import finish
from tests.api.command_line import ROOT, environment, zhibo
from tests.api.work.books import (
    PATIENCE_SECONDS,
    accepted,
    are_finished,
    done_to,
    jobs,
    journal_of,
    settle,
    settled,
    until,
    with_streamers,
)

_STREAMERS = 120

# `zhibo worker`, with batches so small that a run takes a while.
_WORKER = """
from api.cli import main
from settlement import runs
runs.STREAMERS_A_BATCH = 1
import sys
sys.argv = ["zhibo", "worker"]
main()
"""


class Books:
    """An embedded database of the test's own, with a run to carry out."""

    def __init__(self, data_folder: Path, database: Database) -> None:
        self.data_folder = data_folder
        self.database = database
        self.journal: Journal = journal_of(database)
        with_streamers(self.journal, _STREAMERS)
        self.run: UUID = accepted(self.journal, settle())[0]

    @contextmanager
    def worker(self) -> Iterator["subprocess.Popen[bytes]"]:
        """A worker, gone at the end."""
        process = subprocess.Popen(
            [sys.executable, "-c", _WORKER],
            cwd=ROOT,
            env=environment(self.data_folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        with process:
            try:
                yield process
            except AssertionError as failure:
                process.kill()
                failure.add_note((process.communicate()[0] or b"").decode())
                raise
            finally:
                process.kill()

    def wait_until_under_way(self, streamer: str) -> None:
        """Until the run has settled this streamer."""
        until(lambda: (done_to(self.journal, self.run) or "") >= streamer, "the run is under way")

    def wait_until_finished(self) -> None:
        """Until the run is over, and its job gone."""
        until(lambda: are_finished(self.journal), "the run is finished")
        until(lambda: jobs(self.database.app) == [], "the job is gone")


@pytest.fixture
def books(data_folder: Path) -> Iterator[Books]:
    """Nobody serves them yet."""
    with open_database(DatabaseSettings(data_folder)) as database:
        ready(database)
        yield Books(data_folder, database)


def events(process: "subprocess.Popen[bytes]") -> list[str]:
    assert process.stdout is not None
    return [json.loads(line)["event"] for line in process.stdout]


def assert_as_if_undisturbed(books: Books) -> None:
    assert settled(books.database) == [(f"s{number:03}", 100, 1) for number in range(_STREAMERS)]
    verified = zhibo(books.data_folder, "verify")
    assert verified.returncode == 0, (verified.stdout + verified.stderr).decode()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_told_to_stop_finishes_the_batch_in_hand_ends_well_and_the_next_goes_on(
    books: Books, how: signal.Signals
) -> None:
    with books.worker() as process:
        books.wait_until_under_way("s003")
        process.send_signal(how)
        assert process.wait(PATIENCE_SECONDS) == 0
        assert events(process) == ["working", "stopped"]
    assert not are_finished(books.journal), "it carried out all of the run before it stopped"
    assert jobs(books.database.app) == [(str(books.run), "todo")]
    with books.worker() as process:
        books.wait_until_finished()
        process.send_signal(how)
        assert process.wait(PATIENCE_SECONDS) == 0
        assert events(process) == ["working", "settlement run finished", "stopped"]
    assert_as_if_undisturbed(books)


def test_what_a_worker_that_was_killed_left_is_taken_up_by_another(books: Books) -> None:
    for streamer in ("s003", "s010"):
        with books.worker() as process:
            books.wait_until_under_way(streamer)
            process.kill()
            process.wait()
        assert jobs(books.database.app) == [(str(books.run), "doing")], "it had time to put things in order"
    with books.worker() as process:
        books.wait_until_finished()
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0
        assert events(process) == [
            "working",
            "jobs of a lost worker taken up",
            "settlement run finished",
            "stopped",
        ]
    assert_as_if_undisturbed(books)


def test_two_workers_and_a_hand_at_once_settle_everyone_once(books: Books) -> None:
    with books.worker(), books.worker():
        books.wait_until_under_way("s003")
        finish(books.journal, books.run)
        books.wait_until_finished()
    assert_as_if_undisturbed(books)


def test_a_worker_without_books_says_why_in_one_line(new_folder: Path) -> None:
    (new_folder / "start.lock").unlink()
    (new_folder / "socket").rmdir()
    (new_folder / "letter.txt").touch()
    done = zhibo(new_folder, "worker")
    assert done.returncode == 1
    assert done.stderr.decode().startswith(f"zhibo: {new_folder} holds something else")
    assert done.stderr.count(b"\n") == 1
