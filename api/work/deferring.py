"""Deferring: a job that exists exactly when the rows it follows from are committed."""

from collections.abc import Sequence
from uuid import UUID

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.types import JSONValue
from sqlalchemy import Connection

from api.work.schema import SEARCH_PATH
from ledger.journal.rows import driver_of
from settlement.returns.carrying import begin_restoring, begin_returns

#: One run at a time, in the order they were accepted: a later one settles what an earlier one left.
SETTLEMENT = "settlement"
SETTLE = "settle"
#: Channels are told and asked by one at a time.
PAYOUTS = "payouts"
TELL = "tell"
#: Who is new among the verified or the listed is looked for by one at a time.
SCREENING = "screening"
SCREEN = "screen"
#: One plan of tips at a time.
RETURNS = "returns"
CARRY_OUT = "carry_out_returns"

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
    _defer(connection, SETTLE, SETTLEMENT, [{"run": str(run)}])


def defer_telling(connection: Connection, payouts: Sequence[UUID]) -> None:
    """Have channels told of payouts that are sent, as soon as this transaction is committed.

    Raises likewise.
    """
    _defer(connection, TELL, PAYOUTS, [{"payout": str(payout)} for payout in payouts])


def defer_screening(connection: Connection, facts: Sequence[UUID]) -> None:
    """Have verifications and imports of blacklists, named by their commands, screened once committed.

    Raises likewise.
    """
    _defer(connection, SCREEN, SCREENING, [{"fact": str(fact)} for fact in facts])


def defer_returns(connection: Connection, plans: Sequence[UUID]) -> None:
    """Have the tips of these plans go back, as soon as this transaction is committed.

    Raises likewise.
    """
    for plan in plans:
        begin_returns(connection, plan)
    _defer(connection, CARRY_OUT, RETURNS, [{"plan": str(plan), "way": "return"} for plan in plans])


def defer_restorations(connection: Connection, plans: Sequence[UUID]) -> None:
    """Have the tips that went back by these plans stand again, as soon as this transaction is committed.

    Raises likewise.
    """
    for plan in plans:
        begin_restoring(connection, plan)
    _defer(connection, CARRY_OUT, RETURNS, [{"plan": str(plan), "way": "restore"} for plan in plans])


def _defer(connection: Connection, task: str, lock: str, each: Sequence[dict[str, JSONValue]]) -> None:
    driver = driver_of(connection)
    ((path, _),) = driver.execute(_FIND_TABLES, (SEARCH_PATH,)).fetchall()
    try:
        _app.configure_task(task, lock=lock, connection=driver).batch_defer(*each)
    except ConnectorException as failure:
        raise failure.__cause__ or failure from None
    driver.execute(_FIND_AS_BEFORE, (path,))
