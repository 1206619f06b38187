"""A plan whose carrying out is killed, or done by two at once, ends as if nothing had happened."""

import multiprocessing
import os
import signal
import time
from multiprocessing.context import SpawnProcess
from uuid import UUID

import pytest
from sqlalchemy import text

from api.wiring import desks
from ledger.database import Database, Login
from ledger.journal.journal import Journal
from settlement.returns import carrying
from settlement.returns.carrying import begin_restoring, begin_returns, carry_out, runs
from settlement.returns.selections import StreamerTips
from tests.settlement.returns.playing import ALWAYS, assert_sound, balance, planned
from tests.settlement.statements.months import OCTOBER, VIEWER, Stage
from tests.settlement.statements.worked import DAY, settle, stage_on

_TIPS = 90
_SPAWN = multiprocessing.get_context("spawn")
_DONE = text("SELECT count(*) FROM settlement.returned_tips")


@pytest.fixture
def stage(empty_database: Database) -> Stage:
    """Mei got thirty gifts that are settled, and sixty that are not."""
    stage = stage_on(empty_database)
    for number in range(_TIPS):
        stage.tip("mei", OCTOBER + DAY + number, 1 + number % 7)
        if number == _TIPS // 3:
            settle(stage, "2026-10")
    return stage


def _carrying(database: Database, plan: UUID) -> SpawnProcess:
    login = database.app_login
    process = _SPAWN.Process(target=carry_out_apart, args=(login.parameters, login.acts_as, plan))
    process.start()
    return process


def carry_out_apart(parameters: dict[str, str], acts_as: str | None, plan: UUID) -> None:
    """In a process of its own, a tip at a time, so that there is much between two commits."""
    carrying.TIPS_A_BATCH = 1
    login = Login(parameters, acts_as)
    database = Database(login, login, is_embedded=False)
    for _ in carry_out(Journal(database.app, desks()), plan):
        pass
    database.dispose()


def _done(database: Database) -> int:
    with database.app.connect() as connection:
        return int(connection.scalar(_DONE) or 0)


def test_killed_in_the_middle_it_goes_on_where_it_was(stage: Stage) -> None:
    database = stage.database
    plan = planned(stage.journal, StreamerTips("mei", *ALWAYS))
    with stage.journal.engine.begin() as connection:
        begin_returns(connection, plan)
    process = _carrying(database, plan)
    deadline = time.monotonic() + 60
    while not _done(database) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert 0 < _done(database) < _TIPS
    for _ in carry_out(stage.journal, plan):
        pass
    with database.app.connect() as connection:
        (run,) = runs(connection)
    assert (run.done, run.tips, run.passed, run.state) == (_TIPS, _TIPS, 0, "finished")
    assert balance(database, "wallet", VIEWER) == 1_000_000
    assert balance(database, "earnings", "mei") == 0
    assert balance(database, "debt", "mei") == 0
    assert_sound(database)


def test_two_at_once_send_each_tip_back_once(stage: Stage) -> None:
    database = stage.database
    plan = planned(stage.journal, StreamerTips("mei", *ALWAYS))
    with stage.journal.engine.begin() as connection:
        begin_returns(connection, plan)
    both = [_carrying(database, plan) for _ in range(2)]
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    assert balance(database, "wallet", VIEWER) == 1_000_000
    assert_sound(database)


def test_restored_before_it_is_done_the_rest_does_not_go_back(stage: Stage) -> None:
    database = stage.database
    plan = planned(stage.journal, StreamerTips("mei", *ALWAYS))
    before = balance(database, "wallet", VIEWER), balance(database, "earnings", "mei")
    with stage.journal.engine.begin() as connection:
        begin_returns(connection, plan)
    carrying_out = carry_out(stage.journal, plan)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(carrying, "TIPS_A_BATCH", 40)
        assert next(carrying_out).done == 40
    with stage.journal.engine.begin() as connection:
        begin_restoring(connection, plan)
    assert list(carrying_out) == []
    for _ in carry_out(stage.journal, plan, "restore"):
        pass
    with database.app.connect() as connection:
        came = {(run.plan, run.way): (run.done, run.tips, run.state) for run in runs(connection)}
    assert came == {(plan, "return"): (40, _TIPS, "stopped"), (plan, "restore"): (40, 40, "finished")}
    assert before == (balance(database, "wallet", VIEWER), balance(database, "earnings", "mei"))
    assert_sound(database)
