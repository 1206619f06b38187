-- An entry that moves coins into or out of wallets, grants and gifts moves their face value in coin_liability, the same way.
WITH weights AS (
    SELECT id, CASE WHEN kind IN ('wallet', 'grants', 'gifts') THEN 10 WHEN kind = 'coin_liability' THEN -1 ELSE 0 END AS fen
    FROM ledger.accounts
),
-- Materialized, or the planner would pair all accounts of unlike weight before it looks at a transfer.
weighed AS MATERIALIZED (
    SELECT t.entry, t.amount_minor, credit.fen - debit.fen AS fen
    FROM ledger.transfers AS t
    JOIN weights AS debit ON debit.id = t.debit_account
    JOIN weights AS credit ON credit.id = t.credit_account
)
SELECT format('entry seq %s: leaves %s fen of coins without liability', entry, sum(amount_minor * fen))
FROM weighed
WHERE fen <> 0
GROUP BY entry
HAVING sum(amount_minor * fen) <> 0
ORDER BY entry
LIMIT 3
