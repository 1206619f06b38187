"""Procrastinate's tables and functions, as of its release 3.4, in a schema of their own."""

import re
from pathlib import Path

from alembic import op
from procrastinate.schema import SchemaManager
from psycopg import Connection

from api.work.schema import IN_SCHEMA

revision = "0001"
down_revision = None

_LAST = "03.04.00_50"
# With all their labels at once: before PostgreSQL 17 none can be used in the transaction that adds it.
_ENUMS = """
CREATE TYPE procrastinate_job_status AS ENUM
    ('todo', 'doing', 'succeeded', 'failed', 'cancelled', 'aborting', 'aborted');
CREATE TYPE procrastinate_job_event_type AS ENUM
    ('deferred', 'started', 'deferred_for_retry', 'failed', 'succeeded', 'cancelled', 'abort_requested',
     'aborted', 'scheduled', 'retried');
"""
_OF_ENUMS = re.compile(r"^(CREATE|ALTER) TYPE procrastinate_job_(status|event_type) [^;]*;", re.MULTILINE)


def upgrade() -> None:
    """Procrastinate's own migrations, which it keeps as they were, up to the last we know."""
    driver = op.get_bind().connection.driver_connection
    assert isinstance(driver, Connection)
    driver.execute(IN_SCHEMA)
    driver.execute(_ENUMS)
    for file in sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql")):
        if file.name[: len(_LAST)] <= _LAST:
            driver.execute(_OF_ENUMS.sub("", file.read_text(encoding="utf-8")).encode())
    driver.execute("RESET search_path")
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
