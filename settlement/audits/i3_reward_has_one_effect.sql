-- An accepted reward has one record and one transfer of that amount, from reward_expense to the streamer's accruals. LIVE-TASK-1
WITH moved AS (
    SELECT t.entry, count(*) AS transfers, min(t.amount_minor) AS amount_minor,
           min(debit.kind) AS debit, min(credit.kind) AS credit, min(credit.owner) AS streamer
    FROM ledger.decisions AS d
    JOIN ledger.transfers AS t ON t.entry = d.seq
    JOIN ledger.accounts AS debit ON debit.id = t.debit_account
    JOIN ledger.accounts AS credit ON credit.id = t.credit_account
    WHERE d.kind = 'reward'
    GROUP BY t.entry
)
SELECT format('reward seq %s: recorded %s for %s; moved %s to %s of %s', coalesce(d.seq, r.entry),
              coalesce(r.amount_minor::text, 'nothing'), coalesce(r.streamer, 'nobody'),
              coalesce(m.amount_minor, 0), coalesce(m.credit, 'no account'), coalesce(m.streamer, 'nobody'))
FROM (SELECT seq, cause FROM ledger.decisions WHERE kind = 'reward' AND refusal IS NULL) AS d
FULL JOIN settlement.rewards AS r ON r.entry = d.seq
LEFT JOIN moved AS m ON m.entry = d.seq
WHERE (m.transfers, m.amount_minor, m.debit, m.credit, m.streamer, d.cause)
      IS DISTINCT FROM (1::bigint, r.amount_minor, 'reward_expense', 'accruals', r.streamer, 'task:' || r.task)
ORDER BY coalesce(d.seq, r.entry)
LIMIT 3
