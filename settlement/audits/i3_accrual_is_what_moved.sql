-- What an entry credits to a streamer's accruals is one record of that amount, from the expense of its kind or from the bank. LIVE-EARN-2
WITH kinds (kind, source) AS (
    VALUES ('task', 'reward_expense'), ('activity_award', 'award_expense'), ('interaction_promo', 'promotion_expense'),
           ('commerce', 'commission_expense'), ('ip_proceeds', 'bank'), ('adjustment', 'adjustments')
),
moved AS (
    SELECT t.entry, count(*) AS transfers, min(t.amount_minor) AS amount_minor, min(debit.kind) AS source,
           min(credit.owner) AS streamer, min(t.occurred_at) AS occurred_at
    FROM ledger.accounts AS credit
    JOIN ledger.transfers AS t ON t.credit_account = credit.id
    JOIN ledger.accounts AS debit ON debit.id = t.debit_account
    WHERE credit.kind = 'accruals' AND NOT EXISTS (SELECT FROM ledger.reversals AS r WHERE r.entry = t.entry)
      -- What an appeal gives back was recorded when it accrued.
      AND NOT EXISTS (SELECT FROM ledger.decisions AS d WHERE d.seq = t.entry AND d.kind = 'received_again')
    GROUP BY t.entry
)
(SELECT format('accruals entry %s: recorded %s of %s for %s; moved %s from %s to %s', coalesce(a.entry, m.entry),
              coalesce(a.amount_minor::text, 'nothing'), coalesce(a.kind, 'no kind'), coalesce(a.streamer, 'nobody'),
              coalesce(m.amount_minor, 0), coalesce(m.source, 'no account'), coalesce(m.streamer, 'nobody'))
FROM settlement.accruals AS a
FULL JOIN moved AS m ON m.entry = a.entry
LEFT JOIN kinds AS k ON k.kind = a.kind
LEFT JOIN ledger.decisions AS d ON d.seq = a.entry AND d.refusal IS NULL
WHERE a.entry IS NULL OR d.seq IS NULL OR a.occurred_at <> d.occurred_at
   OR d.kind = 'reward' AND (a.kind, 'task:' || a.reference) IS DISTINCT FROM ('task', d.cause)
   OR CASE WHEN a.amount_minor = 0 THEN m.entry IS NOT NULL
           ELSE (m.transfers, m.amount_minor, m.source, m.streamer)
                IS DISTINCT FROM (1::bigint, a.amount_minor, k.source, a.streamer) END
ORDER BY coalesce(a.entry, m.entry) LIMIT 3)
UNION ALL
(SELECT format('accruals entry %s: %s is not recorded', d.seq, d.kind)
 FROM ledger.decisions AS d
 WHERE d.kind IN ('reward', 'task_evaluate', 'promotion', 'sale', 'ip_proceeds') AND d.refusal IS NULL
   AND NOT EXISTS (SELECT FROM settlement.accruals AS a WHERE a.entry = d.seq)
 ORDER BY d.seq LIMIT 3)
LIMIT 3
