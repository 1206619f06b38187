"""Bringing a database to the tables this program expects, and telling whether it has them.

Each package owns the PostgreSQL schema of its name, and a history of its own in
`<package>/migrations/versions/NNNN_name.py`, whose place is kept in `<package>.alembic_version`. So does
`api.work`, whose schema is called `work`.
"""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from ledger.database import APP_ROLE, Database, DatabaseUnavailable, as_unavailable

# By schema, in the order they are migrated: the others may refer to the ledger's tables.
_MODULES = {"ledger": "ledger", "settlement": "settlement", "moderation": "moderation", "work": "api.work"}
PACKAGES = tuple(_MODULES)

_VERSION_TABLE = "alembic_version"
_ONE_AT_A_TIME = 0x7A_68_69_62_6F  # "zhibo", as an advisory lock's number


class NotMigrated(DatabaseUnavailable):
    """The database lacks tables this program needs: an owner has to run `zhibo migrate`."""

    def __init__(self) -> None:
        super().__init__("the database is not ready for this version of zhibo: run `zhibo migrate`")


class MigratedByNewer(DatabaseUnavailable):
    """The database was migrated by a later version of this program, whose tables it does not know."""

    def __init__(self, package: str, revision: str) -> None:
        super().__init__(
            f"the database was made by a newer zhibo ({package} is at revision {revision}): update this one"
        )


def migrate(database: Database) -> list[str]:
    """Makes the role zhibo_app and applies every missing revision, all in one transaction.

    Returns what was applied, oldest first, such as `ledger 0001`; nothing when all was there. Two at
    once are fine: the second waits, then finds nothing to do.
    Raises MigratedByNewer, and DatabaseUnavailable when the owner may not do what is needed.
    """
    applied: list[str] = []
    with _clear_refusals(), database.owner.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ONE_AT_A_TIME})
        _make_app_role(connection, database)
        for package in PACKAGES:
            applied += _migrate_package(connection, package)
    return applied


def require_current(database: Database) -> None:
    """Raises NotMigrated or MigratedByNewer unless the database has just the tables this program expects."""
    engine = database.owner if database.is_embedded else database.app
    try:
        with engine.connect() as connection:
            is_current = all(_current(connection, package) == _head(package) for package in PACKAGES)
    except DBAPIError as error:
        if isinstance(
            error.orig, psycopg.errors.InvalidParameterValue | psycopg.errors.InsufficientPrivilege
        ):
            # There is no zhibo_app yet, it may not be taken on, or it may not look into the schemas.
            raise NotMigrated from error
        raise as_unavailable(error) or error from error
    except psycopg.Error as error:
        raise as_unavailable(error) or error from error
    if not is_current:
        raise NotMigrated


def ready(database: Database) -> None:
    """Sees to it that the database can be used: an embedded one is migrated here, when it needs to be.

    On a server of the user's own only `zhibo migrate` does that. Raises NotMigrated or MigratedByNewer.
    """
    try:
        require_current(database)
    except NotMigrated:
        if not database.is_embedded:
            raise
        migrate(database)


def _migrate_package(connection: Connection, package: str) -> list[str]:
    # The version table needs the schema before the first revision runs.
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {package}"))
    connection.execute(text(f"GRANT USAGE ON SCHEMA {package} TO {APP_ROLE}"))
    script = _script(package)
    before = _current(connection, package)
    applied: list[str] = []

    def missing(revision: Any, _context: MigrationContext) -> Any:
        steps = script._upgrade_revs("head", revision)
        applied.extend(f"{package} {step.revision.revision}" for step in steps)
        return steps

    if before != script.get_current_head():
        with EnvironmentContext(Config(), script, fn=missing) as environment:
            environment.configure(
                connection=connection, version_table=_VERSION_TABLE, version_table_schema=package
            )
            environment.run_migrations()
        connection.execute(text(f"GRANT SELECT ON {package}.{_VERSION_TABLE} TO {APP_ROLE}"))
    return applied


def _current(connection: Connection, package: str) -> str | None:
    """The revision a package's tables are at; None before the first.

    Raises MigratedByNewer when it is one this program does not know.
    """
    found = connection.execute(
        text("SELECT to_regclass(:name) IS NOT NULL"), {"name": f"{package}.{_VERSION_TABLE}"}
    ).scalar_one()
    if not found:
        return None
    revision: str | None = connection.execute(
        text(f"SELECT version_num FROM {package}.{_VERSION_TABLE}")  # noqa: S608 (names of ours)
    ).scalar_one_or_none()
    if revision is not None and revision not in {
        known.revision for known in _script(package).walk_revisions()
    }:
        raise MigratedByNewer(package, revision)
    return revision


def _head(package: str) -> str | None:
    return _script(package).get_current_head()


def _script(package: str) -> ScriptDirectory:
    spec = importlib.util.find_spec(_MODULES[package])
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "migrations"
    return ScriptDirectory(str(folder), version_locations=[str(folder / "versions")])


def _make_app_role(connection: Connection, database: Database) -> None:
    """Makes zhibo_app, and lets whoever the application logs in as take it on."""
    login = database.app_login
    if not _has_role(connection, APP_ROLE):
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        if login.user == APP_ROLE and login.password:
            # The server is only told the verifier, so no log of its can hold the password.
            verifier = driver.pgconn.encrypt_password(
                login.password.encode(), APP_ROLE.encode(), b"scram-sha-256"
            )
            options: sql.Composable = sql.SQL("LOGIN PASSWORD {}").format(sql.Literal(verifier.decode()))
        else:
            options = sql.SQL("NOLOGIN")
        try:
            with connection.begin_nested():
                driver.execute(sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(APP_ROLE), options))
        except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            pass  # Made meanwhile by a migration of another database: roles belong to the whole server.
    if login.acts_as and not _may_act_as_app(connection, login.user):
        grantee = connection.dialect.identifier_preparer.quote(login.user)
        connection.execute(text(f"GRANT {APP_ROLE} TO {grantee}"))


def _has_role(connection: Connection, name: str) -> bool:
    return bool(
        connection.execute(
            text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)"), {"name": name}
        ).scalar()
    )


def _may_act_as_app(connection: Connection, user: str) -> bool:
    # Superusers may be anyone. What a membership allows has a word of its own since PostgreSQL 16.
    return bool(
        connection.execute(
            text(
                "SELECT pg_has_role(CAST(:user AS name), :app, "
                "CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)"
            ),
            {"user": user, "app": APP_ROLE},
        ).scalar()
    )


@contextmanager
def _clear_refusals() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        raise as_unavailable(error) or error from error
