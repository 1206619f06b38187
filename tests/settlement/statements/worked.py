"""A worked month of one streamer, bo: two policies, sessions, a guild, tiers, tasks, goods, an adjustment."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from api.wiring import desks
from ledger.database import Database
from ledger.instants import MICROSECONDS_PER_DAY
from ledger.journal.journal import Journal
from ledger.parties import Register
from settlement.accruals.commands import Adjust, GiveCommission, RecordSale, ReturnGoods
from settlement.commands import Reward, SettlePeriod
from settlement.policies.classes import Classify
from settlement.runs import finish
from settlement.sessions.commands import CloseSession, OpenSession, RecordFact
from tests.settlement.statements.months import CHANGE, FINANCE, GATEWAY, OCTOBER, Stage

HOUR = MICROSECONDS_PER_DAY // 24
DAY = MICROSECONDS_PER_DAY
NOVEMBER = OCTOBER + 31 * DAY


class Month(NamedTuple):
    """The stage with October settled: bo's statement, and the sessions."""

    stage: Stage
    statement: UUID
    sessions: tuple[UUID, UUID]


def stage_on(database: Database) -> Stage:
    """The stage of :mod:`months` set on empty books, with a guild that bo is of."""
    stage = Stage(database, Journal(database.app, desks()))
    stage.set()
    stage.decide(Register, GATEWAY, OCTOBER - DAY, "公会", ("guild",))
    assert stage.decide(Classify, GATEWAY, OCTOBER - DAY, "bo", "standard", "公会").refusal is None
    return stage


def settle(stage: Stage, period: str, at: int = NOVEMBER) -> UUID:
    """A run under the policies, to its end."""
    run = stage.decide(SettlePeriod, FINANCE, at, period)
    assert run.refusal is None, run.refusal
    finish(stage.journal, run.id)
    return run.id


def worked_month(database: Database) -> Month:
    """Play the month, and settle it."""
    stage = stage_on(database)

    def done(*asked: Any) -> UUID:
        outcome = stage.decide(*asked)
        assert outcome.refusal is None, outcome.refusal
        return outcome.id

    good = done(OpenSession, GATEWAY, OCTOBER + DAY, "bo", "r1", "职场", ())
    stage.tip("bo", OCTOBER + DAY + 1, 7)
    stage.tip("bo", OCTOBER + DAY + HOUR, 24)
    done(RecordFact, GATEWAY, OCTOBER + DAY + HOUR, good, "quality_bps", 150)
    done(CloseSession, GATEWAY, OCTOBER + DAY + 2 * HOUR, good)
    stage.tip("bo", OCTOBER + DAY + 3 * HOUR, 13)
    plain = done(OpenSession, GATEWAY, OCTOBER + 2 * DAY, "bo", "r1", "职场", ())
    # The tier ends at 50 coins, within the second of these.
    stage.tip("bo", OCTOBER + 2 * DAY + 1, 3)
    stage.tip("bo", OCTOBER + 2 * DAY + 2, 11)
    stage.tip("bo", OCTOBER + 2 * DAY + 3, 1)
    done(CloseSession, GATEWAY, OCTOBER + 2 * DAY + HOUR, plain)
    stage.tip("bo", OCTOBER + 3 * DAY, 9)
    for number in range(33):
        stage.tip("bo", CHANGE + number * HOUR, 1)
    done(Reward, GATEWAY, OCTOBER + DAY, "bo", "600 minutes", 2_000)
    done(Reward, GATEWAY, OCTOBER + 4 * DAY, "bo", "10 sessions", 1_050)
    done(GiveCommission, GATEWAY, OCTOBER, "C-1", "bo", "tea", 1_000)
    for number in range(9):
        done(
            RecordSale,
            GATEWAY,
            OCTOBER + 2 * DAY + number * HOUR // 20,
            f"O-{number}",
            "C-1",
            "bo",
            plain,
            1_111,
        )
    done(ReturnGoods, GATEWAY, OCTOBER + 5 * DAY, "O-3", 555)
    done(Adjust, FINANCE, OCTOBER + 6 * DAY, "bo", 500, "counted too little", None)
    run = settle(stage, "2026-10")
    with database.app.connect() as connection:
        statement = connection.scalar(
            text("SELECT statement FROM settlement.statements WHERE run = :run AND streamer = 'bo'"),
            {"run": run},
        )
    assert statement is not None
    return Month(stage, statement, (good, plain))
