-- What an appeal gives back of gifts and accruals is received as of when it was first received, for the same, and at most what the measure took of it; of gifts it is written whose coins they are. LIVE-MOD-10
WITH again AS (
    SELECT r.entry, r.hold, r.accrual, r.amount_minor, d.kind AS entry_kind, t.amount_minor AS moved_minor, t.occurred_at, a.id AS account,
           first.credit_account, first.occurred_at AS first_at, coalesce(before.accrual, first.entry) AS accrued, a.kind,
           took.amount_minor AS taken_minor, took.debit_account
    FROM settlement.received_again AS r
    LEFT JOIN ledger.decisions AS d ON d.seq = r.entry AND d.refusal IS NULL
    LEFT JOIN ledger.transfers AS first ON first.seq = r.receipt
    LEFT JOIN settlement.received_again AS before ON before.entry = first.entry
    LEFT JOIN ledger.accounts AS a ON a.id = first.credit_account
    LEFT JOIN ledger.transfers AS t
      ON t.seq >= r.entry AND t.seq < (r.entry / 256 + 1) * 256 AND t.entry = r.entry AND t.credit_account = first.credit_account
    LEFT JOIN ledger.holds AS h ON h.hold = r.hold AND h.ended = 'captured'
    LEFT JOIN ledger.transfers AS took ON took.seq = h.ended_seq + 1
),
whose AS (
    SELECT m.entry, sum(m.coins) AS coins,
           bool_and(m.account = again.account AND again.kind = 'gifts' AND came.entry IS NOT NULL) AS is_of_gifts,
           bool_and(m.coins_before = m.others) AS is_in_order
    FROM (SELECT *, sum(coins) OVER (PARTITION BY entry ORDER BY coins_before) - coins AS others FROM settlement.received_again_tips) AS m
    LEFT JOIN again ON again.entry = m.entry
    LEFT JOIN LATERAL (SELECT entry FROM ledger.transfers
                       WHERE seq >= m.tip AND seq < (m.tip / 256 + 1) * 256 AND entry = m.tip AND credit_account = m.account
                         AND seq < m.entry AND amount_minor >= m.coins LIMIT 1) AS came ON true
    GROUP BY m.entry
)
(SELECT format('received_again entry %s: %s of what was received at %s; moved %s at %s', entry, amount_minor, first_at,
               coalesce(moved_minor::text, 'nothing'), occurred_at)
 FROM again
 WHERE entry_kind IS DISTINCT FROM 'received_again' OR moved_minor IS DISTINCT FROM amount_minor OR occurred_at IS DISTINCT FROM first_at
    OR kind IS NULL OR kind NOT IN ('gifts', 'accruals') OR debit_account IS DISTINCT FROM account
    OR accrual IS DISTINCT FROM CASE kind WHEN 'accruals' THEN accrued END
 ORDER BY entry LIMIT 3)
UNION ALL
(SELECT format('received_again hold %s: %s of %s', hold, sum(amount_minor), coalesce(min(taken_minor)::text, 'nothing'))
 FROM again GROUP BY hold HAVING sum(amount_minor) > coalesce(min(taken_minor), 0)
 ORDER BY hold LIMIT 3)
UNION ALL
(SELECT format('received_again entry %s: it is said whose %s coins are, of %s', coalesce(again.entry, w.entry), coalesce(w.coins, 0),
               coalesce(again.amount_minor, 0))
 FROM (SELECT * FROM again WHERE kind = 'gifts') AS again FULL JOIN whose AS w ON w.entry = again.entry
 WHERE w.coins IS DISTINCT FROM again.amount_minor OR NOT w.is_of_gifts OR NOT w.is_in_order
 ORDER BY coalesce(again.entry, w.entry) LIMIT 3)
UNION ALL
(SELECT format('received_again entry %s: is not recorded', d.seq)
 FROM ledger.decisions AS d
 WHERE d.kind = 'received_again' AND d.refusal IS NULL
   AND NOT EXISTS (SELECT FROM settlement.received_again AS r WHERE r.entry = d.seq)
 ORDER BY d.seq LIMIT 3)
LIMIT 3
