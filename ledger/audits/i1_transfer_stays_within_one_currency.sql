-- Both accounts of a transfer exist and are of one currency.
SELECT format('transfers seq %s: from account %s (%s) to account %s (%s)', t.seq,
              t.debit_account, coalesce(debit.currency, 'missing'),
              t.credit_account, coalesce(credit.currency, 'missing'))
FROM ledger.transfers AS t
LEFT JOIN ledger.accounts AS debit ON debit.id = t.debit_account
LEFT JOIN ledger.accounts AS credit ON credit.id = t.credit_account
WHERE debit.currency IS DISTINCT FROM credit.currency OR debit.currency IS NULL
ORDER BY t.seq
LIMIT 3
