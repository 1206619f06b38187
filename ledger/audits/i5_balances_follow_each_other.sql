-- Each line of an account leaves the balance of the line before it, raised or lowered by what the line moved; the first starts from zero.
WITH lines AS (
    SELECT seq, debit_account AS account, 'debit' AS side, amount_minor, debit_balance_minor AS balance_minor
    FROM ledger.transfers
    UNION ALL
    SELECT seq, credit_account, 'credit', amount_minor, credit_balance_minor FROM ledger.transfers
),
chain AS (
    SELECT seq, account, side, amount_minor, balance_minor,
           lag(balance_minor, 1, 0::bigint) OVER (PARTITION BY account ORDER BY seq) AS before_minor
    FROM lines
)
SELECT format('transfers seq %s: %s balance %s of %s of %s does not follow %s %s %s', c.seq, c.side, c.balance_minor,
              a.kind, a.owner, c.before_minor, CASE WHEN c.side = a.normal_side THEN '+' ELSE '-' END, c.amount_minor)
FROM chain AS c
JOIN ledger.accounts AS a ON a.id = c.account
WHERE c.balance_minor <> c.before_minor + CASE WHEN c.side = a.normal_side THEN c.amount_minor ELSE -c.amount_minor END
ORDER BY c.seq
LIMIT 3
