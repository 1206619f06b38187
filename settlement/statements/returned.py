"""Tips that went back since a streamer's last statement, or stand again: what the next one tells of them.

They left the earnings when they went back, by entries of their own; the statement says so, and takes nothing.
"""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection, text

_WHO = text("""
SELECT a.account FROM unnest(CAST(:accounts AS bigint[])) AS a (account)
WHERE EXISTS (SELECT FROM settlement.returned_tips AS r WHERE r.account = a.account AND r.entry < :below)
""")
_SINCE = text("""
SELECT a.id AS account, flow.way, count(*) AS tips, sum(flow.coins)::bigint AS coins,
       sum(flow.unsettled_coins)::bigint AS unsettled_coins,
       sum(flow.earnings_minor)::bigint AS earnings_minor, sum(flow.debt_minor)::bigint AS debt_minor
FROM ledger.accounts AS a
CROSS JOIN LATERAL (SELECT coalesce(max(entry), 0) AS entry FROM settlement.statements
                    WHERE streamer = a.owner AND entry < :below) AS latest
CROSS JOIN LATERAL (
    SELECT 'returned' AS way, coins, unsettled_coins, earnings_minor, debt_minor
    FROM settlement.returned_tips WHERE account = a.id AND entry > latest.entry AND entry < :below
    UNION ALL
    SELECT 'restored', r.coins, r.unsettled_coins, again.earnings_minor, again.debt_minor
    FROM settlement.returned_tips AS r JOIN settlement.restored_tips AS again ON again.tip = r.tip
    WHERE r.account = a.id AND again.entry > latest.entry AND again.entry < :below
) AS flow
WHERE a.id = ANY (:accounts)
GROUP BY a.id, flow.way
ORDER BY a.id, flow.way DESC
""")


class Returned(NamedTuple):
    """Tips that went back (``way`` is returned) or stand again (restored): coins, and fen.

    ``unsettled_coins`` are of the gifts; for the others the earnings, and what is owed, changed by so much.
    """

    way: str
    tips: int
    coins: int
    unsettled_coins: int
    earnings_minor: int
    debt_minor: int


def returned_since(
    connection: Connection, gifts: Collection[int], below: int
) -> dict[int, tuple[Returned, ...]]:
    """By the accounts of gifts, what went back since the statement before a number, where something did."""
    accounts = list(connection.scalars(_WHO, {"accounts": list(gifts), "below": below}))
    found: dict[int, tuple[Returned, ...]] = {}
    rows = connection.execute(_SINCE, {"accounts": accounts, "below": below}) if accounts else ()
    for account, *flow in rows:
        found[account] = (*found.get(account, ()), Returned(*flow))
    return found
