"""What was received again, for whoever counts what came in at first, and must not count it twice."""

from typing import NamedTuple

from sqlalchemy import Connection, text

from ledger.instants import datetime_of, instant_of

_WITHIN = text("""
SELECT t.credit_account AS account, t.seq, t.occurred_at, a.session, a.policy_version,
       CASE WHEN r.accrual IS NULL THEN 'gift' ELSE coalesce(a.kind, 'task') END AS kind,
       (coalesce((SELECT sum(amount_minor) FROM settlement.withdrawn_receipts
                  WHERE received_by = r.entry), 0)
        + coalesce((SELECT sum(coins) FROM settlement.returned_again
                    WHERE account = t.credit_account AND receipt = t.seq), 0))::bigint AS withdrawn_minor
FROM settlement.received_again AS r
JOIN ledger.transfers AS first ON first.seq = r.receipt
JOIN LATERAL (SELECT * FROM ledger.transfers
              WHERE seq >= r.entry AND seq < (r.entry / 256 + 1) * 256 AND entry = r.entry
                AND credit_account = first.credit_account
              OFFSET 0) AS t ON true
LEFT JOIN settlement.accruals AS a ON a.entry = r.accrual
WHERE t.occurred_at >= :since AND t.occurred_at < :until
ORDER BY t.credit_account, t.seq
""")


class Again(NamedTuple):
    """Something received again on an account: the number of the transfer, and as of when (an instant).

    Of an accrual it says which it is a part of. ``withdrawn_minor`` is what of it was taken back, or went
    back with a tip: minor units.
    """

    seq: int
    at: int
    kind: str
    session: str | None
    policy: str | None
    withdrawn_minor: int


def received_again_within(connection: Connection, since: int, until: int) -> dict[int, list[Again]]:
    """What was received again as of a time, by account, in the order of its numbers."""
    found: dict[int, list[Again]] = {}
    for row in connection.execute(_WITHIN, {"since": datetime_of(since), "until": datetime_of(until)}):
        session = str(row.session) if row.session else None
        again = Again(
            row.seq,
            instant_of(row.occurred_at),
            row.kind,
            session,
            row.policy_version,
            row.withdrawn_minor,
        )
        found.setdefault(row.account, []).append(again)
    return found
