-- In each currency the accounts' debits sum to their credits, and both to what the transfers moved.
WITH totals AS (
    SELECT currency, sum(debits_minor) AS debits_minor, sum(credits_minor) AS credits_minor
    FROM ledger.accounts GROUP BY currency
),
moved AS (
    SELECT a.currency, sum(t.amount_minor) AS amount_minor
    FROM (SELECT debit_account, sum(amount_minor) AS amount_minor FROM ledger.transfers GROUP BY debit_account) AS t
    JOIN ledger.accounts AS a ON a.id = t.debit_account
    GROUP BY a.currency
)
SELECT format('accounts in %s: debits %s, credits %s, transfers %s',
              totals.currency, debits_minor, credits_minor, coalesce(amount_minor, 0))
FROM totals LEFT JOIN moved USING (currency)
WHERE debits_minor <> credits_minor OR debits_minor <> coalesce(amount_minor, 0)
ORDER BY totals.currency
LIMIT 3
