-- No limited account fell below zero on its normal side, after any transfer there ever was.
SELECT format('transfers seq %s: leaves %s of %s at %s', line.seq, a.kind, a.owner, line.balance_minor)
FROM (
    SELECT seq, debit_account AS account, debit_balance_minor AS balance_minor
    FROM ledger.transfers WHERE debit_balance_minor < 0
    UNION ALL
    SELECT seq, credit_account, credit_balance_minor FROM ledger.transfers WHERE credit_balance_minor < 0
) AS line
JOIN ledger.accounts AS a ON a.id = line.account
WHERE a.limited
ORDER BY line.seq
LIMIT 3
