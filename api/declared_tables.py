"""Whether the migrations make the tables that the code declares."""

import importlib
import pkgutil

from sqlalchemy import Connection, MetaData, text

from api.migrations import PACKAGES
from api.work import schema as work
from ledger.database import Database

_PARTS = """
    WITH tables AS (
        SELECT namespace.nspname || '.' || class.relname AS name, class.oid
        FROM pg_class AS class JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
        WHERE namespace.nspname = ANY(:packages)
          AND class.relkind IN ('r', 'p') AND class.relname <> 'alembic_version'
    )
    SELECT 'table ' || name, 'present' FROM tables
    UNION ALL
    SELECT 'column ' || name || '.' || attname,
           concat_ws(' ', format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'not null' END,
                     'default ' || pg_get_expr(adbin, adrelid),
                     CASE attidentity WHEN 'a' THEN 'always identity' WHEN 'd' THEN 'default identity' END,
                     CASE attgenerated WHEN '' THEN NULL ELSE 'generated' END)
    FROM tables JOIN pg_attribute ON attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    UNION ALL
    SELECT 'constraint ' || name || '.' || conname, pg_get_constraintdef(pg_constraint.oid)
    FROM tables JOIN pg_constraint ON conrelid = tables.oid AND contype <> 'n'
    UNION ALL
    SELECT 'index ' || name || '.' || indexrelid::regclass::text, pg_get_indexdef(indexrelid)
    FROM tables JOIN pg_index ON indrelid = tables.oid
"""


def differences(database: Database) -> list[str]:
    """What differs between the tables the code declares and those of a migrated database, a line each.

    Compared are tables, columns (type, nullability, default), constraints and indexes, all by PostgreSQL's
    own account of them: the declared tables are made in a scratch database beside this one. What is declared
    of the schema `work` is what the installed Procrastinate says of it.
    """
    with database.scratch() as declared, declared.owner.begin() as connection:
        for package in PACKAGES:
            connection.execute(text(f"CREATE SCHEMA {package}"))
            if package == work.SCHEMA:
                work.make_as_declared(connection)
            else:
                _declared(package).create_all(connection)
        wanted = _described(connection)
    with database.owner.connect() as connection:
        found = _described(connection)
    lines = []
    for part in sorted(wanted.keys() | found.keys()):
        if part not in found:
            lines.append(f"{part} is declared but no migration makes it")
        elif part not in wanted:
            lines.append(f"{part} is made by a migration but not declared")
        elif wanted[part] != found[part]:
            lines.append(f"{part} is declared as `{wanted[part]}` but migrated as `{found[part]}`")
    return lines


def _declared(package: str) -> MetaData:
    """All tables of a package: those of its modules called `tables`, which share one MetaData."""
    found = importlib.import_module(package)
    for module in pkgutil.walk_packages(found.__path__, f"{package}."):
        if module.name.endswith(".tables"):
            metadata = importlib.import_module(module.name).metadata
    assert isinstance(metadata, MetaData)
    return metadata


def _described(connection: Connection) -> dict[str, str]:
    rows = connection.execute(text(_PARTS), {"packages": list(PACKAGES)})
    return {str(part): str(description) for part, description in rows}
