"""From an empty database to the declared tables, by whoever may, once, or not at all."""

import multiprocessing
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from api.declared_tables import differences
from api.migrations import PACKAGES, MigratedByNewer, NotMigrated, migrate, ready, require_current
from ledger.database import APP_ROLE, Database, DatabaseSettings, DatabaseUnavailable, open_database

pytestmark = pytest.mark.any_server


@pytest.fixture
def unmigrated(server: Database, _migrated: str) -> Iterator[Database]:
    # On a server that has the application's role, as any that was migrated for before has.
    with server.scratch() as database:
        yield database


@pytest.fixture
def of_the_users_own(unmigrated: Database) -> Iterator[Database]:
    """Seen as on a server that is not ours, whichever it is."""
    database = replace(unmigrated, is_embedded=False)
    yield database
    database.dispose()


def migrated_at_once(*databases: Database) -> list[list[str]]:
    """What each of several processes applied."""
    fork = multiprocessing.get_context("fork")
    answers: multiprocessing.Queue[list[str]] = fork.Queue()
    processes = [fork.Process(target=lambda d=database: answers.put(migrate(d))) for database in databases]
    for process in processes:
        process.start()
    applied = [answers.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    return applied


def execute(database: Database, *statements: str) -> None:
    with database.owner.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def schemas(database: Database) -> set[str]:
    with database.owner.connect() as connection:
        names = connection.execute(text("SELECT nspname FROM pg_namespace")).scalars()
        return set(names) & set(PACKAGES)


def one_line(caught: "pytest.ExceptionInfo[DatabaseUnavailable]") -> str:
    message = str(caught.value)
    assert "\n" not in message, f"not one line: {message}"
    return message


def test_the_migrations_make_the_declared_tables(empty_database: Database) -> None:
    assert differences(empty_database) == []


def test_a_table_that_differs_from_its_declaration_is_named(empty_database: Database) -> None:
    with empty_database.owner.begin() as connection:
        table, check = connection.execute(
            text(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint "
                "WHERE contype = 'c' AND connamespace = 'ledger'::regnamespace ORDER BY 1, 2 LIMIT 1"
            )
        ).one()
    execute(
        empty_database,
        f'ALTER TABLE {table} DROP CONSTRAINT "{check}"',
        f"ALTER TABLE {table} ADD COLUMN stray integer",
        "CREATE TABLE settlement.stray (stray integer)",
    )
    assert differences(empty_database) == [
        f"column {table}.stray is made by a migration but not declared",
        "column settlement.stray.stray is made by a migration but not declared",
        f"constraint {table}.{check} is declared but no migration makes it",
        "table settlement.stray is made by a migration but not declared",
    ]


def test_each_revision_is_applied_once(unmigrated: Database) -> None:
    applied = migrate(unmigrated)
    assert {revision.split()[0] for revision in applied} == set(PACKAGES)
    assert migrate(unmigrated) == []
    require_current(unmigrated)


def test_two_that_migrate_at_once_share_the_work(unmigrated: Database) -> None:
    assert [len(applied) > 0 for applied in sorted(migrated_at_once(unmigrated, unmigrated))] == [False, True]
    require_current(unmigrated)


def test_databases_of_one_server_can_be_migrated_at_once(server: Database) -> None:
    with server.scratch() as one, server.scratch() as other:
        assert all(migrated_at_once(one, other))


def test_a_migration_that_fails_leaves_nothing_behind(unmigrated: Database) -> None:
    # Something of the last package's is in the way, after all others have been migrated.
    execute(unmigrated, "CREATE SCHEMA moderation", "CREATE TABLE moderation.alembic_version (stray integer)")
    with pytest.raises(ProgrammingError):
        migrate(unmigrated)
    assert schemas(unmigrated) == {"moderation"}


def test_a_database_never_migrated_is_refused_with_what_to_do(of_the_users_own: Database) -> None:
    with pytest.raises(NotMigrated) as caught:
        require_current(of_the_users_own)
    assert "run `zhibo migrate`" in one_line(caught)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_database_with_a_revision_missing_is_refused_with_what_to_do(
    empty_database: Database, package: str
) -> None:
    execute(empty_database, f"DELETE FROM {package}.alembic_version")
    with pytest.raises(NotMigrated) as caught:
        require_current(empty_database)
    assert "run `zhibo migrate`" in one_line(caught)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_database_made_by_a_newer_program_is_refused(empty_database: Database, package: str) -> None:
    execute(empty_database, f"UPDATE {package}.alembic_version SET version_num = '9999'")
    for attempt in (require_current, ready, migrate):
        with pytest.raises(MigratedByNewer) as caught:
            attempt(empty_database)
        assert f"{package} is at revision 9999" in one_line(caught)


def test_on_a_server_of_the_users_own_only_migrate_migrates(of_the_users_own: Database) -> None:
    with pytest.raises(NotMigrated):
        ready(of_the_users_own)
    assert schemas(of_the_users_own) == set()


def test_an_embedded_database_is_migrated_when_it_is_first_used(new_folder: Path) -> None:
    with open_database(DatabaseSettings(new_folder)) as database:
        ready(database)
        require_current(database)
        ready(database)


def test_the_application_acts_as_a_role_that_can_make_and_own_nothing(empty_database: Database) -> None:
    with empty_database.app.connect() as connection:
        assert connection.execute(text("SELECT current_user")).scalar_one() == APP_ROLE
        owned = connection.execute(
            text("SELECT count(*) FROM pg_class WHERE relowner = CAST(current_user AS regrole)")
        )
        assert owned.scalar_one() == 0
    for schema in (*PACKAGES, "public"):
        with (
            empty_database.app.begin() as connection,
            pytest.raises(ProgrammingError, match="permission denied"),
        ):
            connection.execute(text(f"CREATE TABLE {schema}.stray (stray integer)"))


def test_the_applications_role_cannot_change_what_is_migrated(empty_database: Database) -> None:
    for statement in (
        "DELETE FROM ledger.alembic_version",
        "UPDATE ledger.alembic_version SET version_num = ''",
    ):
        with (
            empty_database.app.begin() as connection,
            pytest.raises(ProgrammingError, match="permission denied"),
        ):
            connection.execute(text(statement))


def test_an_owner_who_may_not_is_told_so_in_one_line(server: Database, unmigrated: Database) -> None:
    if server.is_embedded:
        pytest.skip("the embedded server lets nobody else log in")
    role, password = f"zhibo_plain_{secrets.token_hex(4)}", secrets.token_hex(16)
    execute(server, f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
    try:
        parameters = {**unmigrated.owner_login.parameters, "user": role, "password": password}
        plain = replace(unmigrated, owner_login=replace(unmigrated.owner_login, parameters=parameters))
        with pytest.raises(DatabaseUnavailable) as caught:
            migrate(plain)
        assert "does not permit this: permission denied" in one_line(caught)
    finally:
        execute(server, f"DROP ROLE {role}")
