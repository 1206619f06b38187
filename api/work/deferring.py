"""Deferring: a job that exists exactly when the rows it follows from are committed."""

from uuid import UUID

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from sqlalchemy import Connection

from api.work.schema import SEARCH_PATH
from ledger.journal.rows import driver_of

#: One run at a time, in the order they were accepted: a later one settles what an earlier one left.
SETTLEMENT = "settlement"
SETTLE = "settle"

_FIND_TABLES = """
WITH before AS MATERIALIZED (SELECT current_setting('search_path') AS path)
SELECT path, set_config('search_path', %s, true) FROM before
"""
_FIND_AS_BEFORE = "SELECT set_config('search_path', %s, true)"

# Never opened: it only knows how a job is written, on the connection it is given.
_app = App(connector=SyncPsycopgConnector())


def defer_run(connection: Connection, run: UUID) -> None:
    """Have a settlement run carried out, as soon as this transaction is committed.

    Raises what psycopg raises, so that a lost race is known as one.
    """
    driver = driver_of(connection)
    ((path, _),) = driver.execute(_FIND_TABLES, (SEARCH_PATH,)).fetchall()
    try:
        _app.configure_task(SETTLE, lock=SETTLEMENT, connection=driver).defer(run=str(run))
    except ConnectorException as failure:
        raise failure.__cause__ or failure from None
    driver.execute(_FIND_AS_BEFORE, (path,))
