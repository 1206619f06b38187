-- A reversal moved exactly what the entry it undoes had moved, the other way, and later; no reversal undoes two entries.
WITH undone AS (
    SELECT r.reversed, r.entry, t.credit_account AS debit_account, t.debit_account AS credit_account, t.amount_minor
    FROM ledger.reversals AS r JOIN ledger.transfers AS t ON t.entry = r.reversed
),
undoing AS (
    SELECT r.reversed, r.entry, t.debit_account, t.credit_account, t.amount_minor
    FROM ledger.reversals AS r JOIN ledger.transfers AS t ON t.entry = r.entry
),
broken AS (
    SELECT reversed, entry, 'has transfers that the entry does not undo' AS what
    FROM (SELECT * FROM undone EXCEPT ALL SELECT * FROM undoing) AS missing
    UNION ALL
    SELECT reversed, entry, 'never moved what the entry undoes'
    FROM (SELECT * FROM undoing EXCEPT ALL SELECT * FROM undone) AS surplus
    UNION ALL
    SELECT r.reversed, r.entry, 'is not an entry that moved something before'
    FROM ledger.reversals AS r
    WHERE r.entry <= r.reversed OR NOT EXISTS (SELECT FROM undone WHERE undone.reversed = r.reversed)
    UNION ALL
    SELECT max(reversed), entry, 'is not the only one that the entry undoes'
    FROM ledger.reversals GROUP BY entry HAVING count(*) > 1
)
SELECT format('reversals entry %s: its reversed entry %s %s', entry, reversed, what)
FROM broken
ORDER BY entry, reversed
LIMIT 3
