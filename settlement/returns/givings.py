"""What each streamer gives of the tips of a plan: for whoever has to leave that alone meanwhile."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

_GIVINGS = text("""
SELECT r.streamer, sum(r.unsettled_coins) AS coins, sum(r.streamer_minor) AS minor,
       coalesce((SELECT sum(k.amount_minor) FROM settlement.planned_holds AS k
                 JOIN ledger.holds AS h ON h.hold = k.hold
                 JOIN ledger.accounts AS a ON a.id = h.account
                 WHERE k.plan = :plan AND a.owner = r.streamer), 0) AS kept
FROM settlement.planned_returns AS r
WHERE r.plan = :plan GROUP BY r.streamer ORDER BY r.streamer
""")


class Giving(NamedTuple):
    """Coins that are not settled yet, and fen that were credited for those that are.

    ``kept_minor`` is what of these late arrivals (延时到账) kept back when it was planned.
    """

    streamer: str
    unsettled_coins: int
    streamer_minor: int
    kept_minor: int


def givings_of(connection: Connection, plan: UUID) -> list[Giving]:
    """What each streamer gives, in the order of names."""
    rows = connection.execute(_GIVINGS, {"plan": plan})
    return [Giving(row.streamer, int(row.coins), int(row.minor), int(row.kept)) for row in rows]
