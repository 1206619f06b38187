-- A party's account was opened by one event, before any other act of it; the platform's and the channels' came with the books.
WITH opened AS (
    SELECT account AS id, count(*) AS times, min(seq) AS seq FROM ledger.account_events WHERE event = 'opened' GROUP BY account
),
first_act AS (
    SELECT id, min(seq) AS seq FROM (
        SELECT debit_account AS id, min(seq) AS seq FROM ledger.transfers GROUP BY debit_account
        UNION ALL SELECT credit_account, min(seq) FROM ledger.transfers GROUP BY credit_account
        UNION ALL SELECT account, seq FROM ledger.hold_acts
        UNION ALL SELECT account, seq FROM ledger.account_events
    ) AS acts GROUP BY id
)
SELECT format('account %s (%s of %s): opened %s times, first at seq %s, first used at seq %s', coalesce(a.id, o.id, f.id),
              coalesce(a.kind, 'missing'), coalesce(a.owner, '?'), coalesce(o.times, 0), o.seq, f.seq)
FROM ledger.accounts AS a
FULL JOIN opened AS o USING (id)
FULL JOIN first_act AS f USING (id)
WHERE a.id IS NULL
   OR coalesce(o.times, 0) <> CASE WHEN a.owner IN ('platform', 'alipay', 'wechat') AND a.kind NOT IN ('wallet', 'gifts', 'accruals', 'earnings', 'debt', 'refunds_payable')
                                   THEN 0 ELSE 1 END
      -- Who was registered before there were debts, and refunds, was given these accounts by a migration.
      AND NOT (o.times IS NULL
               AND EXISTS (SELECT FROM ledger.accounts AS e
                           WHERE e.owner = a.owner AND e.id < a.id
                             AND (a.kind, e.kind) IN (('debt', 'earnings'), ('refunds_payable', 'wallet'))))
   OR o.seq > f.seq
ORDER BY id
LIMIT 3
