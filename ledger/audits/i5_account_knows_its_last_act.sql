-- An account's last_seq is the number of the newest act that touched it, or 0.
WITH newest AS (
    SELECT id, max(seq) AS seq FROM (
        SELECT debit_account AS id, max(seq) AS seq FROM ledger.transfers GROUP BY debit_account
        UNION ALL SELECT credit_account, max(seq) FROM ledger.transfers GROUP BY credit_account
        UNION ALL SELECT account, seq FROM ledger.hold_acts
        UNION ALL SELECT account, seq FROM ledger.account_events
    ) AS acts GROUP BY id
)
SELECT format('accounts id %s (%s of %s): last_seq is %s, its newest act %s',
              a.id, a.kind, a.owner, a.last_seq, coalesce(n.seq, 0))
FROM ledger.accounts AS a
LEFT JOIN newest AS n USING (id)
WHERE a.last_seq <> coalesce(n.seq, 0)
ORDER BY a.id
LIMIT 3
