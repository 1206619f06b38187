-- A withdrawal or a deduction says what its entry took from accruals, earnings and debt, and of which receipts; of one accrual never more than it was. LIVE-ACT-2
WITH taken AS (
    SELECT entry, streamer, amount_minor AS accruals_minor, earnings_minor, debt_minor, 'withdrawals' AS record, occurred_at
    FROM settlement.withdrawals
    UNION ALL
    SELECT entry, streamer, accruals_minor, earnings_minor, debt_minor, 'deductions', occurred_at FROM settlement.deductions
),
moved AS (
    SELECT k.entry, coalesce(sum(t.amount_minor) FILTER (WHERE a.kind = 'accruals'), 0) AS accruals_minor,
           coalesce(sum(t.amount_minor) FILTER (WHERE a.kind = 'earnings'), 0) AS earnings_minor,
           coalesce(sum(t.amount_minor) FILTER (WHERE a.kind = 'debt'), 0) AS debt_minor,
           count(*) FILTER (WHERE a.owner <> k.streamer OR t.occurred_at <> k.occurred_at) AS strangers
    FROM taken AS k
    JOIN ledger.transfers AS t ON t.entry = k.entry AND t.seq >= k.entry AND t.seq < (k.entry / 256 + 1) * 256
    JOIN ledger.accounts AS a ON a.id = t.debit_account
    GROUP BY k.entry
),
unrecorded AS (
    SELECT d.seq FROM ledger.decisions AS d
    JOIN ledger.transfers AS t ON t.entry = d.seq
    JOIN ledger.accounts AS a ON a.id = t.debit_account AND a.kind IN ('accruals', 'earnings', 'debt')
    WHERE d.kind IN ('activity_evaluate', 'award_withdraw', 'goods_returned', 'adjustment')
      AND NOT EXISTS (SELECT FROM taken AS k WHERE k.entry = d.seq)
),
overdrawn AS (
    SELECT a.entry, a.amount_minor, sum(w.amount_minor + w.earnings_minor + w.debt_minor) AS taken_minor
    FROM settlement.withdrawals AS w LEFT JOIN settlement.accruals AS a ON a.entry = w.accrual AND a.streamer = w.streamer
    GROUP BY w.accrual, a.entry, a.amount_minor
),
of_receipts AS (
    SELECT r.entry, sum(r.amount_minor) AS amount_minor,
           count(*) FILTER (WHERE coalesce(again.accrual, r.received_by) IS DISTINCT FROM w.accrual) AS strangers
    FROM settlement.withdrawn_receipts AS r
    LEFT JOIN settlement.withdrawals AS w ON w.entry = r.entry
    LEFT JOIN settlement.received_again AS again ON again.entry = r.received_by
    GROUP BY r.entry
)
(SELECT format('%s entry %s: took %s, %s and %s from %s; moved %s, %s and %s', k.record, k.entry, k.accruals_minor, k.earnings_minor,
               k.debt_minor, k.streamer, coalesce(m.accruals_minor, 0), coalesce(m.earnings_minor, 0), coalesce(m.debt_minor, 0))
 FROM taken AS k LEFT JOIN moved AS m ON m.entry = k.entry
 WHERE (m.accruals_minor, m.earnings_minor, m.debt_minor, m.strangers)
       IS DISTINCT FROM (k.accruals_minor::numeric, k.earnings_minor::numeric, k.debt_minor::numeric, 0::bigint)
 ORDER BY k.entry LIMIT 3)
UNION ALL
(SELECT format('entry %s took something that is not recorded', seq) FROM unrecorded ORDER BY seq LIMIT 3)
UNION ALL
(SELECT format('accrual %s of %s: %s was taken back', coalesce(entry::text, '(not there)'), coalesce(amount_minor, 0), taken_minor)
 FROM overdrawn WHERE amount_minor IS NULL OR taken_minor > amount_minor ORDER BY entry LIMIT 3)
UNION ALL
(SELECT format('withdrawals entry %s: %s of its receipts, of %s from accruals', coalesce(w.entry, r.entry), coalesce(r.amount_minor, 0),
               coalesce(w.amount_minor, 0))
 FROM settlement.withdrawals AS w FULL JOIN of_receipts AS r ON r.entry = w.entry
 WHERE coalesce(r.amount_minor, 0) <> coalesce(w.amount_minor, 0) OR r.strangers > 0
 ORDER BY coalesce(w.entry, r.entry) LIMIT 3)
UNION ALL
(SELECT format('receipt %s of accruals: %s of %s was taken back', r.received_by, r.taken_minor, r.came_minor)
 FROM (SELECT r.received_by, sum(r.amount_minor) AS taken_minor, min(coalesce(again.amount_minor, a.amount_minor)) AS came_minor
       FROM settlement.withdrawn_receipts AS r
       LEFT JOIN settlement.received_again AS again ON again.entry = r.received_by
       LEFT JOIN settlement.accruals AS a ON a.entry = r.received_by
       GROUP BY r.received_by) AS r
 WHERE r.taken_minor > r.came_minor ORDER BY r.received_by LIMIT 3)
LIMIT 3
