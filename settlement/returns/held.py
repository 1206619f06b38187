"""What of gifts other measures hold: a hold names no coins, so it is the oldest that nothing has taken yet.

That is what it would take if its money is taken, as with any outflow that names no tip. Tips of which
something is held so do not go back: what a plan shows would otherwise depend on who is first.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from psycopg import errors
from sqlalchemy import Connection, text
from sqlalchemy.exc import NoResultFound

from settlement.returns.standing import Strata, strata_before
from settlement.statements.receipts import EVERYTHING, reach
from settlement.statements.taking import extended, taken_before

_HELD = text("""
SELECT a.id, a.held_minor - coalesce((
    SELECT sum(h.amount_minor) FROM ledger.holds AS h
    WHERE h.account = a.id AND h.ended IS NULL AND h.hold = ANY (:but)), 0)::bigint AS minor
FROM ledger.accounts AS a WHERE a.id = ANY (:accounts) AND a.held_minor > 0
""")


def held_now(connection: Connection, accounts: Collection[int], but: Collection[UUID]) -> dict[int, int]:
    """What is held of these accounts by other holds than those named, coins; where nothing is, none."""
    rows = connection.execute(_HELD, {"accounts": list(accounts), "but": list(but)})
    return {row.id: row.minor for row in rows if row.minor > 0}


def with_holds(connection: Connection, strata: Strata, held: Mapping[int, int], below: int) -> Strata:
    """Strata as they were before a number, as if what is held now had been taken, too.

    Where accounts are not locked they may move on while this reads; then it raises what has a transaction
    run again.
    """
    if not held:
        return strata
    now = strata_before(connection, held, EVERYTHING)
    found = dict(strata)
    for account, minor in held.items():
        all_there = extended(now[account], EVERYTHING)
        try:
            end = reach(connection, account, all_there, minor, below=EVERYTHING)
        except NoResultFound:
            raise errors.SerializationFailure("gifts were taken while it was read what is held") from None
        mine = extended(strata[account], below - 1)
        found[account] = taken_before(mine, (end.at, end.seq), end.part)
    return found
