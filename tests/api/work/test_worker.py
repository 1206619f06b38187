"""The worker inside a process: what it does by itself, how it stops, and what it survives."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
import structlog
from sqlalchemy import text

from api.channels import channels
from api.wiring import House
from api.work.worker import Worker
from ledger.database import Database
from ledger.journal.journal import Journal
from moderation.commands import Freeze
from settlement import runs
from settlement.payouts.channels.sandbox import SandboxChannel
from settlement.payouts.sending import send
from tests.api.http.serving import Api, sandbox, serving
from tests.api.work.books import (
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
from tests.ledger.asked import evening, head
from tests.settlement.payees.sample import KEYS
from tests.settlement.payouts.playing import Payees

_STREAMERS = 40
#: Less than the time between two ticks.
_AT_ONCE_SECONDS = 4


@pytest.fixture
def journal(empty_database: Database) -> Journal:
    """Of empty books."""
    return journal_of(empty_database)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run takes long enough to be interrupted."""
    monkeypatch.setattr(runs, "STREAMERS_A_BATCH", 1)


@contextmanager
def working(database: Database, data: Path = Path()) -> Iterator[Worker]:
    """A worker in the sandbox, stopped at the end."""
    worker = Worker(House(database, journal_of(database)), sandbox(data))
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def test_an_accepted_run_is_carried_out_at_once_and_its_job_is_gone(
    empty_database: Database, journal: Journal
) -> None:
    with_streamers(journal, 3)
    with working(empty_database):
        accepted(journal, settle())
        until(lambda: are_finished(journal), "the run is finished")
        # The worker has come up by now: this one is told of by the commit.
        time.sleep(1)
        accepted(journal, settle(date(2027, 1, 31)))
        until(lambda: are_finished(journal), "the second run is finished", _AT_ONCE_SECONDS)
        until(lambda: jobs(empty_database.app) == [], "the jobs are gone")
    assert settled(empty_database) == [(f"s00{number}", 100, 1) for number in range(3)]


def test_a_hold_whose_time_is_over_is_ended_within_seconds(
    empty_database: Database, journal: Journal
) -> None:
    journal.decide(evening())
    soon = time.time_ns() // 1_000 + 1_000_000
    freeze = Freeze(*head("moderator:m1"), "ana", "wallet", 30, "c1", "R-1", soon)
    (outcome,) = journal.decide([freeze])
    assert outcome.refusal is None
    held = text("SELECT held_minor FROM ledger.accounts WHERE kind = 'wallet' AND owner = 'ana'")
    with working(empty_database), empty_database.app.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        assert connection.scalar(held) == 30
        until(lambda: connection.scalar(held) == 0, "the hold is ended", 15)


def test_a_payout_whose_answer_was_lost_is_asked_about_and_paid_once(
    empty_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The house of the payouts' tests seals with keys of its own.
    monkeypatch.setattr("api.work.tasks.require_sealing_keys", lambda _: KEYS)
    payees = Payees(empty_database)
    bo = payees.payee("bo", 50_000)
    payout = payees.did(payees.request(bo))
    (channel,) = channels(sandbox(tmp_path))
    assert isinstance(channel, SandboxChannel)
    channel.fate = "paid_unanswered"
    send(payees.journal, channel, KEYS, payees.send(payout))
    assert payees.payout(payout).state == "unknown"
    with working(empty_database, tmp_path):
        until(lambda: payees.payout(payout).state == "paid", "the payout is known to be paid", 70)
    assert channel.paid_minor() == 50_000


@pytest.mark.usefixtures("small_batches")
def test_a_worker_told_to_stop_finishes_the_batch_in_hand_and_the_next_goes_on(
    empty_database: Database, journal: Journal
) -> None:
    with_streamers(journal, _STREAMERS)
    (run,) = accepted(journal, settle())
    with structlog.testing.capture_logs() as logs:
        with working(empty_database):
            until(lambda: (done_to(journal, run) or "") >= "s002", "the run is under way")
        assert not are_finished(journal)
        assert jobs(empty_database.app) == [(str(run), "todo")]
        left = done_to(journal, run)
        with working(empty_database):
            until(lambda: are_finished(journal), "the run is finished", _AT_ONCE_SECONDS)
            until(lambda: jobs(empty_database.app) == [], "the job is gone")
    assert left is not None
    assert settled(empty_database) == [(f"s{number:03}", 100, 1) for number in range(_STREAMERS)]
    assert [(entry["event"], entry["run"]) for entry in logs] == [("settlement run finished", str(run))]


@pytest.mark.usefixtures("small_batches")
def test_two_workers_at_once_carry_out_each_run_once_and_in_order(
    empty_database: Database, journal: Journal
) -> None:
    with_streamers(journal, _STREAMERS)
    with structlog.testing.capture_logs() as logs, working(empty_database), working(empty_database):
        wanted = accepted(journal, *(settle(date(2027, month, 1)) for month in range(1, 6)))
        until(lambda: are_finished(journal), "the runs are finished")
        until(lambda: jobs(empty_database.app) == [], "the jobs are gone")
    assert [(entry["event"], entry.get("run")) for entry in logs] == [
        ("settlement run finished", str(run)) for run in wanted
    ]
    assert settled(empty_database) == [(f"s{number:03}", 100, 1) for number in range(_STREAMERS)]


def test_a_run_whose_job_is_lost_is_carried_out_too(empty_database: Database, journal: Journal) -> None:
    with_streamers(journal, 1)
    accepted(journal, settle())
    with empty_database.owner.begin() as owner:
        owner.execute(text("DELETE FROM work.procrastinate_jobs"))
    with working(empty_database):
        until(lambda: are_finished(journal), "the run is finished", 70)


def test_a_job_that_fails_is_done_again_and_logged_without_what_the_failure_says(
    empty_database: Database, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[None] = []

    def fail(*_: object) -> None:
        failures.append(None)
        raise RuntimeError("ana owes 5 yuan")

    monkeypatch.setattr("api.work.tasks.carry_out", fail)
    with_streamers(journal, 1)
    (run,) = accepted(journal, settle())
    with structlog.testing.capture_logs() as logs, working(empty_database):
        until(lambda: len(failures) == 1, "the job fails")
        until(lambda: jobs(empty_database.app) == [(str(run), "todo")], "the job waits again")
        monkeypatch.setattr("api.work.tasks.carry_out", runs.carry_out)
        until(lambda: are_finished(journal), "the run is finished")
    assert [entry["event"] for entry in logs] == ["a job failed", "settlement run finished"]
    assert logs[0]["task"] == "settle"
    assert "ana" not in str({**logs[0], "exc_info": None})


def test_a_worker_that_loses_its_connections_goes_on_by_itself(
    empty_database: Database, journal: Journal
) -> None:
    with_streamers(journal, 1)
    cut_off = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'zhibo worker' AND datname = current_database()
    """
    with working(empty_database) as worker:
        accepted(journal, settle())
        until(lambda: are_finished(journal), "the first run is finished")
        for month in (1, 2):
            with empty_database.app.begin() as connection:
                # Only the role that logged in may end its sessions.
                connection.execute(text("SET LOCAL ROLE NONE"))
                assert len(connection.execute(text(cut_off)).all()) > 0
            accepted(journal, settle(date(2027, month, 1)))
            until(lambda: are_finished(journal), "the next run is finished")
        assert worker.is_alive


def test_a_server_whose_worker_is_dead_is_not_ready(own_api: Api) -> None:
    running = own_api.app.state.service.running
    ready = own_api.http.get("/readyz")
    assert (ready.status_code, ready.json()["writer"]) == (200, True)
    running.worker.stop()
    unready = own_api.http.get("/readyz")
    assert (unready.status_code, unready.json()["writer"]) == (503, False)


def test_a_worker_that_cannot_work_says_so_and_makes_its_server_unready(
    empty_database: Database, sandbox_data: Path
) -> None:
    with empty_database.owner.begin() as owner:
        owner.execute(text("ALTER FUNCTION work.procrastinate_register_worker_v1() RENAME TO gone"))
    with (
        structlog.testing.capture_logs() as logs,
        serving(empty_database, sandbox(sandbox_data)) as api,
    ):
        until(lambda: api.http.get("/readyz").status_code == 503, "the server is not ready")
    assert {entry["log_level"] for entry in logs if entry["event"] == "the worker ended by itself"} == {
        "error"
    }


def test_a_server_without_a_worker_takes_runs_and_leaves_them_to_one(
    empty_database: Database, sandbox_data: Path, journal: Journal
) -> None:
    with serving(empty_database, sandbox(sandbox_data, worker=False)) as api:
        with_streamers(journal, 1)
        body = {"through": "2026-12-31", "share_bps": 5_000}
        response = api.ask("POST", "/v1/settlements", "finance", body)
        assert response.status_code == 202
        assert api.http.get("/readyz").status_code == 200
        time.sleep(1)
        assert api.done("GET", response.headers["location"], "finance")["state"] != "finished"
        with working(empty_database):
            until(lambda: are_finished(journal), "the run is finished")
