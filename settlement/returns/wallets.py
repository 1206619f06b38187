"""A viewer's wallet as movements: what :mod:`settlement.returns.lots` works on."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from settlement.returns.lots import Movement, TopUpLot

_ROWS_A_FETCH = 1_000

_MOVEMENTS = text("""
SELECT t.entry, t.amount_minor AS coins, t.debit_account = wallet.id AS is_out, counter.kind AS counter,
       lot.coins AS lot_coins, lot.paid_minor, coalesce(undone.reversed, back.tip) AS undoes
FROM ledger.accounts AS wallet
CROSS JOIN LATERAL (
    SELECT *, credit_account AS other FROM ledger.transfers WHERE debit_account = wallet.id AND seq < :below
    UNION ALL
    SELECT *, debit_account FROM ledger.transfers WHERE credit_account = wallet.id AND seq < :below
) AS t
JOIN ledger.accounts AS counter ON counter.id = t.other
LEFT JOIN ledger.top_ups AS lot ON lot.entry = t.entry AND t.credit_account = wallet.id
LEFT JOIN ledger.reversals AS undone ON undone.entry = t.entry
LEFT JOIN settlement.returned_tips AS back ON back.entry = t.entry
WHERE wallet.kind = 'wallet' AND wallet.owner = :viewer
ORDER BY t.seq
""")


def wallet_movements(connection: Connection, viewer: str, below: int) -> Iterator[Movement]:
    """What came into a viewer's wallet and what left it before a number, in the order of posting."""
    fetching = {"yield_per": _ROWS_A_FETCH}
    asked = {"viewer": viewer, "below": below}
    with connection.execute(_MOVEMENTS, asked, execution_options=fetching) as rows:
        for row in rows:
            lot = None if row.lot_coins is None else TopUpLot(row.lot_coins, row.paid_minor)
            forfeited = row.counter == "coins_forfeited"
            yield Movement(row.entry, row.coins, row.is_out, lot, row.undoes, forfeited)
