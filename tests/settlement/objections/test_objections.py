"""Objections: a streamer's, in time, answered once, and put right by nothing but an adjustment. G22."""

import threading
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from api.wiring import desks
from ledger.database import Database
from ledger.instants import business_day, date_of, end_of_day
from ledger.journal.commands import Command, Outcome, derived_id
from ledger.journal.journal import Journal
from ledger.kernel.posted import posted_instant
from ledger.parties import Register
from settlement.accruals.commands import Adjust
from settlement.commands import Reward, Settle
from settlement.objections.commands import Answer, Object
from settlement.objections.reading import objection_page, objections_to
from settlement.objections.refusals import (
    AdjustmentNotFound,
    AlreadyAnswered,
    ObjectionNotFound,
    ObjectionWindowClosed,
    StatementLineNotFound,
    StatementNotFound,
)
from settlement.policies.publishing import PublishPolicy
from settlement.runs import finish
from settlement.statements.listing import Standing, statement_page
from settlement.statements.reading import statement
from settlement.statements.recompute import recompute
from tests.settlement.policies.writing import sample_policy
from tests.settlement.statements.months import FINANCE, GATEWAY
from tests.settlement.statements.worked import NOVEMBER, Month, settle, worked_month

LINES = 9


class Court(NamedTuple):
    """The worked month, and how it is objected to."""

    month: Month
    issued_at: int
    heard_until: int

    @property
    def statement(self) -> UUID:
        return self.month.statement

    def ask(self, command: Command) -> Outcome:
        return self.month.stage.journal.decide([command])[0]

    def object_(self, at: int, *, by: str = "bo", to: UUID | None = None, line: int | None = None) -> Outcome:
        said = Object(uuid4(), f"streamer:{by}", at, None, to or self.statement, by, "少算了", line)
        return self.ask(said)

    def answer(self, objection: UUID, adjustment: UUID | None = None) -> Outcome:
        return self.ask(Answer(uuid4(), FINANCE, self.issued_at, None, objection, "看过了", adjustment))

    def adjust(self, streamer: str, amount_minor: int) -> UUID:
        outcome = self.ask(
            Adjust(uuid4(), FINANCE, NOVEMBER + 9, None, streamer, amount_minor, "objection", None)
        )
        assert outcome.refusal is None
        return outcome.id

    def standing(self, at: int) -> Standing:
        with self.month.stage.database.app.connect() as connection:
            (found,) = statement_page(connection, "bo", at).statements
        return found.standing


@pytest.fixture(scope="module")
def court(server: Database, _migrated: str) -> Iterator[Court]:
    with server.scratch(copy_of=_migrated) as database:
        month = worked_month(database)
        with database.app.connect() as connection:
            issued_at = posted_instant(statement(connection, month.statement).entry)
        # The policies promise seven days after the day of issue.
        until = end_of_day(date_of(business_day(issued_at) + 7))
        yield Court(month, issued_at, until)


def test_an_objection_is_heard_until_the_last_moment_of_the_last_day(court: Court) -> None:
    for at in (court.issued_at, court.heard_until - 1):
        assert court.object_(at).refusal is None
    for at in (court.heard_until, court.heard_until + 10**9):
        assert court.object_(at).refusal == ObjectionWindowClosed(str(court.statement), court.heard_until)


def test_only_the_statements_own_streamer_objects(court: Court) -> None:
    refused = StatementNotFound(str(court.statement))
    assert court.object_(court.issued_at, by="mei").refusal == refused
    unknown = uuid4()
    assert court.object_(court.issued_at, to=unknown).refusal == StatementNotFound(str(unknown))


def test_an_objection_is_to_a_line_there_is_or_to_all_of_it(court: Court) -> None:
    assert court.object_(court.issued_at, line=1).refusal is None
    assert court.object_(court.issued_at, line=LINES).refusal is None
    beyond = StatementLineNotFound(str(court.statement), LINES + 1, LINES)
    assert court.object_(court.issued_at, line=LINES + 1).refusal == beyond


def test_an_objection_is_answered_once(court: Court) -> None:
    objection = court.object_(court.issued_at).id
    assert court.answer(objection).refusal is None
    assert court.answer(objection).refusal == AlreadyAnswered(str(objection))
    unknown = uuid4()
    assert court.answer(unknown).refusal == ObjectionNotFound(str(unknown))


def test_a_refused_objection_cannot_be_answered(court: Court) -> None:
    refused = court.object_(court.heard_until)
    assert court.answer(refused.id).refusal == ObjectionNotFound(str(refused.id))


def test_objection_and_answer_in_one_batch_see_each_other(court: Court) -> None:
    said = Object(uuid4(), "streamer:bo", court.issued_at, None, court.statement, "bo", "少算了")
    answers = [Answer(uuid4(), FINANCE, court.issued_at, None, said.id, word) for word in ("yes", "no")]
    outcomes = court.month.stage.journal.decide([said, *answers])
    assert [outcome.refusal for outcome in outcomes] == [None, None, AlreadyAnswered(str(said.id))]


def test_a_retry_gets_its_first_answer(court: Court) -> None:
    said = Object(uuid4(), "streamer:bo", court.issued_at, None, court.statement, "bo", "少算了")
    first, again = court.ask(said), court.ask(said)
    assert (again.seq, again.replayed) == (first.seq, True)


def test_what_was_wrong_is_put_right_by_an_adjustment_of_the_same_streamer_only(court: Court) -> None:
    objection = court.object_(court.issued_at, line=2).id
    for wrong in (uuid4(), court.adjust("mei", 100), court.month.sessions[0]):
        refused = AdjustmentNotFound(str(wrong), "bo")
        assert court.answer(objection, wrong).refusal == refused
    given = court.adjust("bo", 100)
    assert court.answer(objection, given).refusal is None
    taken = court.adjust("bo", -100)
    assert court.answer(court.object_(court.issued_at).id, taken).refusal is None
    with court.month.stage.database.app.connect() as connection:
        answers = {one.objection: one.answer for one in objections_to(connection, court.statement)}
    answer = answers[objection]
    assert answer is not None
    assert (answer.text, answer.adjustment) == ("看过了", given)


def test_nothing_of_the_statement_changes_by_it(court: Court) -> None:
    with court.month.stage.database.app.connect() as connection:
        issued = statement(connection, court.statement).document
    objection = court.object_(court.issued_at).id
    assert court.answer(objection, court.adjust("bo", 100)).refusal is None
    with court.month.stage.database.app.connect() as connection:
        assert statement(connection, court.statement).document == issued
        assert recompute(connection, court.statement) == issued


def test_objections_are_read_newest_first_page_by_page_and_the_open_ones_alone(court: Court) -> None:
    made = [court.object_(court.issued_at).id for _ in range(3)]
    court.answer(made[1])
    with court.month.stage.database.app.connect() as connection:
        first = objection_page(connection, limit=2)
        assert first.next_cursor is not None
        second = objection_page(connection, before=first.next_cursor, limit=2)
        waiting = objection_page(connection, limit=2, open_only=True)
    assert [one.objection for one in (*first.objections, *second.objections)][:3] == made[::-1]
    assert [one.objection for one in waiting.objections] == [made[2], made[0]]


def test_two_answers_at_once_are_one_answer(court: Court) -> None:
    """From two processes, so to say: each with a journal and connections of its own."""
    objection = court.object_(court.issued_at).id
    outcomes: list[Outcome] = []
    start = threading.Barrier(4)

    def answer() -> None:
        journal = Journal(court.month.stage.database.app, desks())
        start.wait()
        outcomes.extend(
            journal.decide([Answer(uuid4(), FINANCE, court.issued_at, None, objection, "first!")])
        )

    threads = [threading.Thread(target=answer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refusals = [outcome.refusal for outcome in outcomes]
    assert refusals.count(None) == 1
    assert refusals.count(AlreadyAnswered(str(objection))) == 3
    with court.month.stage.database.app.connect() as connection:
        count = text("SELECT count(*) FROM settlement.objection_answers WHERE objection = :objection")
        assert connection.execute(count, {"objection": objection}).scalar_one() == 1


def test_a_statement_is_final_after_its_time_unless_an_objection_waits(empty_database: Database) -> None:
    month = worked_month(empty_database)
    with empty_database.app.connect() as connection:
        issued_at = posted_instant(statement(connection, month.statement).entry)
    until = end_of_day(date_of(business_day(issued_at) + 7))
    court = Court(month, issued_at, until)
    assert (court.standing(until - 1), court.standing(until)) == (Standing.OPEN, Standing.FINAL)
    objection = court.object_(issued_at).id
    assert (court.standing(until - 1), court.standing(until)) == (Standing.OBJECTED, Standing.OBJECTED)
    court.answer(objection)
    assert (court.standing(until - 1), court.standing(until)) == (Standing.OPEN, Standing.FINAL)


def test_without_a_policy_there_are_thirty_days_and_a_later_policy_does_not_shorten_them(
    empty_database: Database,
) -> None:
    journal = Journal(empty_database.app, desks())
    month = worked_flat(journal)
    with empty_database.app.connect() as connection:
        found = statement_page(connection, "bo", NOVEMBER).statements[0]
        until = end_of_day(date_of(business_day(found.issued_at) + 30))
        assert found.heard_until == until
    publish = PublishPolicy(
        uuid4(), FINANCE, NOVEMBER, None, sample_policy("v1", "2026-01-01T00:00:00+08:00")
    )
    assert journal.decide([publish])[0].refusal is None
    said = [Object(uuid4(), "streamer:bo", at, None, month, "bo", "少算了") for at in (until - 1, until)]
    refusals = [outcome.refusal for outcome in journal.decide(said)]
    assert refusals == [None, ObjectionWindowClosed(str(month), until)]


def worked_flat(journal: Journal) -> UUID:
    """A reward settled at a flat share, without any policy: the statement."""
    run = Settle(uuid4(), FINANCE, NOVEMBER, None, date(2026, 10, 31), 5_000)
    journal.decide(
        [
            Register(uuid4(), GATEWAY, NOVEMBER - 9, None, "bo", ("streamer",)),
            Reward(uuid4(), GATEWAY, NOVEMBER - 9, None, "bo", "t", 1_000),
        ]
    )
    journal.decide([run])
    finish(journal, run.id)
    return derived_id(run.id, "settlement:bo")


def test_a_correction_is_settled_by_the_next_run_and_the_first_stays_as_it_is(
    empty_database: Database,
) -> None:
    month = worked_month(empty_database)
    stage = month.stage
    with empty_database.app.connect() as connection:
        issued_at = posted_instant(statement(connection, month.statement).entry)
        issued = statement(connection, month.statement).document
    court = Court(month, issued_at, issued_at)
    assert court.object_(issued_at, line=9).refusal is None
    put_right = stage.decide(Adjust, FINANCE, NOVEMBER + 9, "bo", 700, "one task was missing", "objection")
    assert put_right.refusal is None
    settle(stage, "2026-11-01")
    with empty_database.app.connect() as connection:
        page = statement_page(connection, "bo", issued_at)
        assert [one.accruals_minor for one in page.statements] == [700, 4_494]
        assert statement(connection, month.statement).document == issued
