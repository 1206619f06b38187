-- An account's debits and credits are what its transfers add up to.
WITH debits AS (
    SELECT debit_account AS id, sum(amount_minor) AS total FROM ledger.transfers GROUP BY debit_account
),
credits AS (
    SELECT credit_account AS id, sum(amount_minor) AS total FROM ledger.transfers GROUP BY credit_account
)
SELECT format('accounts id %s (%s of %s): debits %s and credits %s, its transfers add up to %s and %s', a.id, a.kind, a.owner,
              a.debits_minor, a.credits_minor, coalesce(debits.total, 0), coalesce(credits.total, 0))
FROM ledger.accounts AS a
LEFT JOIN debits USING (id)
LEFT JOIN credits USING (id)
WHERE a.debits_minor <> coalesce(debits.total, 0) OR a.credits_minor <> coalesce(credits.total, 0)
ORDER BY a.id
LIMIT 3
