-- A statement at a flat share follows from the journal: received in time, not undone, withdrawn or sent back, less what had left and was held, at that share. LIVE-EARN-6
WITH parts AS (
    SELECT s.run, s.streamer, s.entry, a.id AS account, a.kind,
           (r.through + 1)::timestamp AT TIME ZONE INTERVAL '8 hours' AS cutoff, r.share_bps,
           CASE a.kind WHEN 'gifts' THEN s.coins ELSE s.accruals_minor END AS settled_minor,
           s.gift_share_minor, s.platform_share_minor
    FROM settlement.statements AS s
    JOIN settlement.runs AS r USING (run)
    JOIN ledger.accounts AS a ON a.owner = s.streamer AND a.kind IN ('gifts', 'accruals')
    WHERE r.share_bps IS NOT NULL
),
moves AS (
    SELECT p.entry, p.account, t.amount_minor
    FROM parts AS p JOIN ledger.transfers AS t ON t.credit_account = p.account AND t.seq < p.entry AND t.occurred_at < p.cutoff
    WHERE NOT EXISTS (SELECT FROM ledger.reversals AS r WHERE r.reversed = t.entry AND r.entry < p.entry)
    UNION ALL
    SELECT p.entry, p.account, -t.amount_minor
    FROM parts AS p JOIN ledger.transfers AS t ON t.debit_account = p.account AND t.seq < p.entry
    WHERE NOT EXISTS (SELECT FROM ledger.reversals AS r WHERE r.entry = t.entry)
      AND NOT EXISTS (SELECT FROM settlement.returned_tips AS r WHERE r.entry = t.entry)
      AND NOT EXISTS (SELECT FROM settlement.withdrawals AS w WHERE w.entry = t.entry)
    UNION ALL
    SELECT p.entry, p.account, -r.unsettled_coins
    FROM parts AS p
    JOIN settlement.returned_tips AS r ON r.account = p.account AND r.entry < p.entry AND r.unsettled_coins > 0
    JOIN ledger.transfers AS t ON t.seq = r.receipt AND t.occurred_at < p.cutoff
    UNION ALL
    SELECT p.entry, p.account, -w.amount_minor
    FROM parts AS p
    JOIN settlement.withdrawals AS w ON p.kind = 'accruals' AND w.streamer = p.streamer AND w.entry < p.entry
    JOIN settlement.accruals AS a ON a.entry = w.accrual AND a.occurred_at < p.cutoff
    UNION ALL
    SELECT p.entry, p.account, -h.amount_minor
    FROM parts AS p JOIN ledger.hold_acts AS h ON h.account = p.account AND h.act = 'placed' AND h.seq < p.entry
    WHERE h.amount_minor IS NOT NULL
      AND NOT EXISTS (SELECT FROM ledger.hold_acts AS e WHERE e.hold = h.hold AND e.act <> 'placed' AND e.seq < p.entry)
),
ready AS (SELECT entry, account, sum(amount_minor) AS minor FROM moves GROUP BY entry, account),
stopped AS (
    SELECT p.entry, p.account
    FROM parts AS p JOIN ledger.hold_acts AS h ON h.account = p.account AND h.act = 'placed' AND h.seq < p.entry
    WHERE h.amount_minor IS NULL
      AND NOT EXISTS (SELECT FROM ledger.hold_acts AS e WHERE e.hold = h.hold AND e.act <> 'placed' AND e.seq < p.entry)
    UNION
    SELECT p.entry, p.account
    FROM parts AS p
    JOIN LATERAL (SELECT until FROM ledger.account_events AS b
                  WHERE b.account = p.account AND b.event = 'outgoing_barred' AND b.seq < p.entry
                  ORDER BY b.seq DESC LIMIT 1) AS bar ON bar.until > timestamptz 'epoch' + p.entry / 256 * INTERVAL '1 microsecond'
),
recomputed AS (
    SELECT p.*, CASE WHEN stopped.entry IS NULL THEN greatest(coalesce(ready.minor, 0), 0) ELSE 0 END AS minor
    FROM parts AS p LEFT JOIN ready USING (entry, account) LEFT JOIN stopped USING (entry, account)
)
SELECT format('statements run %s streamer %s: settled %s from %s, shares %s and %s; recomputed %s from %s, at %s bps', run, streamer,
              settled_minor, kind, gift_share_minor, platform_share_minor, minor, kind, share_bps)
FROM recomputed
WHERE settled_minor <> minor
   OR kind = 'gifts' AND (gift_share_minor <> div(settled_minor::numeric * 10 * share_bps + 5000, 10000)
                          OR gift_share_minor + platform_share_minor <> settled_minor * 10)
ORDER BY entry, kind
LIMIT 3
