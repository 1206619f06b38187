-- An entry that moves coins into or out of wallets, grants and gifts moves their face value in coin_liability, the same way.
WITH weights AS (
    SELECT id, CASE WHEN kind IN ('wallet', 'grants', 'gifts') THEN 10 WHEN kind = 'coin_liability' THEN -1 ELSE 0 END AS fen
    FROM ledger.accounts
)
SELECT format('entry seq %s: leaves %s fen of coins without liability', t.entry, sum(t.amount_minor * (credit.fen - debit.fen)))
FROM ledger.transfers AS t
JOIN weights AS debit ON debit.id = t.debit_account
JOIN weights AS credit ON credit.id = t.credit_account
WHERE credit.fen <> debit.fen
GROUP BY t.entry
HAVING sum(t.amount_minor * (credit.fen - debit.fen)) <> 0
ORDER BY t.entry
LIMIT 3
