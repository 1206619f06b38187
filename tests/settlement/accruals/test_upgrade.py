"""Books from before accruals: their rewards are accruals afterwards, and nothing else changes."""

from importlib.resources import files

from sqlalchemy import text

from api.audits import all_audits
from api.migrations import migrate
from ledger.audits.verify import verify
from ledger.database import Database
from settlement.commands import Reward
from tests.settlement.earning import House, at


def test_rewards_that_accrued_before_are_accruals_of_tasks(empty_database: Database) -> None:
    house = House(empty_database)
    (rewarded,) = house.done(Reward(*at(), "mei", "evening", 2_000))
    kept = (
        "SELECT entry, streamer, kind, amount_minor, reference, occurred_at, session FROM settlement.accruals"
    )
    as_made_today = house.rows(kept)
    first = files("settlement") / "migrations" / "versions" / "0001_runs.sql"
    with empty_database.owner.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA settlement CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA settlement; GRANT USAGE ON SCHEMA settlement TO zhibo_app")
        connection.exec_driver_sql(first.read_text(encoding="utf-8"))
        connection.exec_driver_sql(
            "CREATE TABLE settlement.alembic_version (version_num VARCHAR(32) PRIMARY KEY);"
            "INSERT INTO settlement.alembic_version VALUES ('0001')"
        )
        reward = {"entry": rewarded.seq}
        connection.execute(
            text("INSERT INTO settlement.rewards VALUES (:entry, 'mei', 'evening', 2000)"), reward
        )
    applied = migrate(empty_database)
    assert applied[0] == "settlement 0002"
    assert house.rows(kept) == as_made_today
    assert house.rows("SELECT to_regclass('settlement.rewards')") == [(None,)]
    audits = [audit for audit in all_audits() if audit.name.startswith(("i3_accrual", "i4_settlement"))]
    assert [str(breach) for breach in verify(empty_database.app, audits)] == []
