"""Reading what befell payees' earnings, as the classes of income are reckoned from it."""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from settlement.kinds import EXPENSE_OF_KIND, EarningKind
from settlement.tax.classes import (
    CLASS_OF_KIND,
    CameBack,
    Event,
    Failed,
    IncomeClass,
    Moved,
    Part,
    Sent,
    classed,
)

# Every transfer of the earnings but those of payouts, which come from their own events; and of what a
# statement took from the accruals, the kinds it names.
_MOVED = text("""
WITH mine AS (
    SELECT id, owner COLLATE "C" AS party FROM ledger.accounts
    WHERE kind = 'earnings' AND owner = ANY (:parties)
),
moved AS (
    SELECT mine.party, t.entry, t.seq, t.debit_account AS counter, t.amount_minor
    FROM mine JOIN ledger.transfers AS t ON t.credit_account = mine.id WHERE t.seq <= :upto_seq
    UNION ALL
    SELECT mine.party, t.entry, t.seq, t.credit_account, -t.amount_minor
    FROM mine JOIN ledger.transfers AS t ON t.debit_account = mine.id WHERE t.seq <= :upto_seq
)
SELECT m.party, m.entry, m.seq, counter.kind AS counter, m.amount_minor, s.kinds
FROM moved AS m
JOIN ledger.decisions AS d ON d.seq = m.entry
JOIN ledger.accounts AS counter ON counter.id = m.counter
LEFT JOIN LATERAL (
    SELECT jsonb_object_agg(kind, minor) AS kinds FROM (
        SELECT line ->> 'kind' AS kind, sum((line ->> 'amount_minor')::bigint) AS minor
        FROM settlement.statements AS s,
             jsonb_array_elements(convert_from(s.document, 'UTF8')::jsonb -> 'lines') AS line
        WHERE s.entry = m.entry AND s.streamer = m.party AND line ->> 'kind' <> 'gift'
        GROUP BY line ->> 'kind'
    ) AS lines
) AS s ON counter.kind = 'accruals' AND d.kind = 'settlement'
WHERE d.kind NOT IN ('payout_paid', 'payout_returned')
ORDER BY m.party, m.seq
""")

_PAYOUTS = text("""
SELECT r.payee COLLATE "C" AS party, e.entry, e.payout, e.state, r.amount_minor, s.tax_minor
FROM settlement.payout_events AS e
JOIN settlement.payout_requests AS r USING (payout)
JOIN settlement.payout_sendings AS s USING (payout)
WHERE r.payee = ANY (:parties) AND e.state IN ('sent', 'failed', 'returned') AND e.entry <= :upto_seq
ORDER BY party, e.entry
""")

#: Where what a class earned comes from, and goes back to.
_CLASS_OF_COUNTER = {
    "coin_liability": IncomeClass.TIPS,
    **{expense: CLASS_OF_KIND[kind] for kind, expense in EXPENSE_OF_KIND.items() if expense != "adjustments"},
}


def income_by_class(
    connection: Connection, parties: Collection[str], upto_seq: int
) -> dict[UUID, dict[IncomeClass, Part]]:
    """The classes of the payouts that these parties were sent, as posted up to ``upto_seq``."""
    asked = {"parties": list(parties), "upto_seq": upto_seq}
    events: dict[str, list[tuple[int, Event]]] = {party: [] for party in parties}
    for row in connection.execute(_MOVED, asked):
        events[row.party] += [(row.seq, moved) for moved in _moved(row)]
    for row in connection.execute(_PAYOUTS, asked):
        events[row.party].append((row.entry, _of_payout(row)))
    found: dict[UUID, dict[IncomeClass, Part]] = {}
    for theirs in events.values():
        # One number is of one entry, and an entry does not both move earnings and end a payout's way.
        theirs.sort(key=lambda numbered: numbered[0])
        found |= classed(event for _, event in theirs)
    return found


def _moved(row: Any) -> Iterator[Moved]:
    named = 0
    for kind, minor in sorted((row.kinds or {}).items()):
        named += int(minor)
        yield Moved(CLASS_OF_KIND[EarningKind(kind)], int(minor))
    if row.amount_minor != named:
        yield Moved(_CLASS_OF_COUNTER.get(row.counter), row.amount_minor - named)


def _of_payout(row: Any) -> Event:
    match row.state:
        case "sent":
            return Sent(row.payout, row.amount_minor, row.tax_minor)
        case "failed":
            return Failed(row.payout)
        case _:
            return CameBack(row.payout)
