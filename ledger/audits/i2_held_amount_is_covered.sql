-- What was held on a limited account never exceeded its balance, after any act there ever was, nor does it now.
WITH held_on AS (
    SELECT DISTINCT account FROM ledger.hold_acts WHERE act = 'placed' AND amount_minor IS NOT NULL
),
moves AS (
    SELECT account, seq, amount_minor AS debit_minor, 0 AS credit_minor, 0 AS held_minor
    FROM held_on JOIN ledger.transfers ON debit_account = account
    UNION ALL
    SELECT account, seq, 0, amount_minor, 0
    FROM held_on JOIN ledger.transfers ON credit_account = account
    UNION ALL
    SELECT done.account, done.seq, 0, 0, CASE done.act WHEN 'placed' THEN placed.amount_minor ELSE -placed.amount_minor END
    FROM ledger.hold_acts AS done
    JOIN ledger.hold_acts AS placed ON placed.hold = done.hold AND placed.act = 'placed'
    WHERE placed.amount_minor IS NOT NULL
),
running AS (
    SELECT account, seq, sum(held_minor) OVER so_far AS held_minor,
           sum(credit_minor) OVER so_far - sum(debit_minor) OVER so_far AS credit_balance_minor
    FROM moves WINDOW so_far AS (PARTITION BY account ORDER BY seq)
),
now AS (
    SELECT id AS account, last_seq AS seq, held_minor, credits_minor - debits_minor AS credit_balance_minor
    FROM ledger.accounts
)
SELECT format('%s of %s after act seq %s: %s is held of a balance of %s', a.kind, a.owner, s.seq, s.held_minor,
              CASE a.normal_side WHEN 'credit' THEN s.credit_balance_minor ELSE -s.credit_balance_minor END)
FROM (SELECT account, seq, held_minor, credit_balance_minor FROM running UNION ALL SELECT * FROM now) AS s
JOIN ledger.accounts AS a ON a.id = s.account
WHERE a.limited
  AND s.held_minor > CASE a.normal_side WHEN 'credit' THEN s.credit_balance_minor ELSE -s.credit_balance_minor END
ORDER BY s.seq
LIMIT 3
