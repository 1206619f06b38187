"""Procrastinate's tables: as the installed release wants them, no more open than the application needs."""

import re

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from api.work.schema import make_as_declared
from ledger.database import Database
from tests.api.work.books import accepted, journal_of, settle

pytestmark = pytest.mark.any_server

#: What the comparison of tables leaves out.
_BESIDE_THE_TABLES = text("""
SELECT 'function ' || proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'work'::regnamespace
UNION ALL
SELECT 'trigger ' || tgname, pg_get_triggerdef(t.oid) || t.tgenabled::text
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE NOT tgisinternal AND relnamespace = 'work'::regnamespace
UNION ALL
SELECT 'type ' || typname,
       (SELECT string_agg(enumlabel, ' ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid)
FROM pg_type AS t WHERE typnamespace = 'work'::regnamespace AND typtype = 'e'
""")
_OUR_PATH = re.compile(r"^ SET search_path TO 'work', 'pg_temp'\n", re.MULTILINE)


def described(connection: Connection) -> dict[str, str]:
    return {
        part: _OUR_PATH.sub("", definition) for part, definition in connection.execute(_BESIDE_THE_TABLES)
    }


def test_the_migrations_make_the_functions_triggers_and_types_of_the_installed_release(
    empty_database: Database,
) -> None:
    with empty_database.scratch() as declared, declared.owner.begin() as connection:
        connection.execute(text("CREATE SCHEMA work"))
        make_as_declared(connection)
        wanted = described(connection)
    with empty_database.owner.connect() as connection:
        found = described(connection)
    assert len(wanted) > 20
    assert found == wanted


def test_every_function_finds_its_tables_whatever_the_search_path(empty_database: Database) -> None:
    (run,) = accepted(journal_of(empty_database), settle())
    with empty_database.owner.begin() as connection:
        unset = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'work'::regnamespace AND proconfig IS NULL"
        assert connection.scalar(text(unset)) == 0
        assert connection.scalar(text("SHOW search_path")) == '"$user", public'
        gone = connection.execute(text("DELETE FROM work.procrastinate_jobs RETURNING args ->> 'run'"))
        assert gone.scalars().all() == [str(run)]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM work.procrastinate_events",
        "UPDATE work.procrastinate_events SET type = 'failed'",
        "TRUNCATE work.procrastinate_jobs CASCADE",
        "DROP TABLE work.procrastinate_events",
        "ALTER FUNCTION work.procrastinate_unregister_worker_v1(bigint) RESET search_path",
        "UPDATE work.alembic_version SET version_num = ''",
    ],
)
def test_the_application_cannot_change_the_history_of_jobs_nor_how_they_are_kept(
    empty_database: Database, statement: str
) -> None:
    with (
        empty_database.app.begin() as connection,
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
    ):
        connection.execute(text(statement))
