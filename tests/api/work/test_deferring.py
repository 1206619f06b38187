"""A job exists exactly when the rows it follows from are committed."""

from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Connection, text

from api.work.deferring import defer_run
from ledger.database import Database
from ledger.parties import PartyPage
from tests.api.work.books import accepted, jobs, journal_of, settle
from tests.ledger.asked import viewer

pytestmark = pytest.mark.any_server


class Never(Exception):
    """Why a batch is given up."""


def test_an_accepted_run_and_its_job_are_committed_as_one(empty_database: Database) -> None:
    journal, command = journal_of(empty_database), settle()
    with journal.engine.begin() as connection:
        (outcome,) = journal.decide_in(connection, [command])
        assert outcome.refusal is None
        assert jobs(empty_database.app) == [], "others see the job before the run"
    assert jobs(empty_database.app) == [(str(command.id), "todo")]


def test_a_run_that_is_rolled_back_leaves_no_job(empty_database: Database) -> None:
    journal = journal_of(empty_database)
    with journal.engine.connect() as connection:
        with connection.begin() as transaction:
            journal.decide_in(connection, [settle()])
            assert _runs_and_jobs(connection) == (1, 1)
            transaction.rollback()
        assert _runs_and_jobs(connection) == (0, 0)


def _runs_and_jobs(connection: Connection) -> tuple[int, int]:
    counted = "SELECT (SELECT count(*) FROM settlement.runs), (SELECT count(*) FROM work.procrastinate_jobs)"
    runs, jobs = connection.execute(text(counted)).one()
    return runs, jobs


def test_a_batch_that_fails_after_its_run_was_written_leaves_no_job(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = journal_of(empty_database)
    monkeypatch.setattr(PartyPage, "write", _fail)
    with pytest.raises(Never):
        journal.decide([settle(), viewer("ana")])
    with journal.engine.connect() as connection:
        assert _runs_and_jobs(connection) == (0, 0)


def _fail(_page: object, _connection: Connection) -> None:
    raise Never


def test_a_run_accepted_twice_has_one_job(empty_database: Database) -> None:
    journal, command = journal_of(empty_database), settle()
    accepted(journal, command)
    (again,) = journal.decide([command])
    assert again.replayed
    assert jobs(empty_database.app) == [(str(command.id), "todo")]


def test_runs_of_one_batch_have_a_job_each_in_their_order(empty_database: Database) -> None:
    runs = accepted(journal_of(empty_database), settle(), settle(), settle())
    assert jobs(empty_database.app) == [(str(run), "todo") for run in runs]


def test_deferring_leaves_the_search_path_as_it_was(empty_database: Database) -> None:
    with empty_database.app.begin() as connection:
        connection.execute(text("SET LOCAL search_path = ledger, public"))
        defer_run(connection, uuid4())
        assert connection.scalar(text("SHOW search_path")) == "ledger, public"
    with empty_database.app.connect() as connection:
        assert connection.scalar(text("SHOW search_path")) == '"$user", public'


def test_what_keeps_a_job_from_being_deferred_is_told_by_its_own_name(empty_database: Database) -> None:
    with empty_database.owner.begin() as owner:
        owner.execute(text("REVOKE INSERT ON work.procrastinate_jobs FROM zhibo_app"))
    with empty_database.app.begin() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        defer_run(connection, uuid4())
