-- Every accepted payout command brought one payout into the state it is for, in an order that can be, and nothing else did; within the bound the request approves too.
WITH kinds (kind, state) AS (VALUES
    ('payout_request', 'requested'), ('payout_request', 'approved'), ('payout_approval', 'approved'),
    ('payout_refusal', 'refused'), ('payout_cancellation', 'cancelled'), ('payout_sending', 'sent'),
    ('payout_paid', 'paid'), ('payout_failed', 'failed'), ('payout_unknown', 'unknown'),
    ('payout_returned', 'returned')
),
follows (before, state) AS (VALUES
    (NULL, 'requested'), ('requested', 'approved'), ('requested', 'refused'), ('requested', 'cancelled'),
    ('approved', 'refused'), ('approved', 'cancelled'), ('approved', 'sent'), ('sent', 'paid'), ('sent', 'failed'),
    ('sent', 'unknown'), ('unknown', 'paid'), ('unknown', 'failed'), ('paid', 'returned')
),
events AS (
    SELECT e.*, lag(e.state) OVER of_payout AS before, lag(e.entry) OVER of_payout AS entry_before,
           row_number() OVER of_payout AS place
    FROM settlement.payout_events AS e
    WINDOW of_payout AS (PARTITION BY e.payout ORDER BY e.number)
),
broken AS (
    SELECT e.payout, format('is %s as number %s after %s', e.state, e.number, coalesce(e.before, 'nothing')) AS what
    FROM events AS e
    WHERE e.number <> e.place OR e.entry_before > e.entry
       OR NOT EXISTS (SELECT FROM follows AS f WHERE f.before IS NOT DISTINCT FROM e.before AND f.state = e.state)
    UNION ALL
    SELECT e.payout, format('is %s by seq %s, which is %s', e.state, e.entry, coalesce(d.kind, 'not there'))
    FROM events AS e LEFT JOIN ledger.decisions AS d ON d.seq = e.entry
    WHERE d.refusal IS NOT NULL OR d.occurred_at IS DISTINCT FROM e.occurred_at
       OR NOT EXISTS (SELECT FROM kinds AS k WHERE k.kind = d.kind AND k.state = e.state)
       OR e.actor <> d.actor AND NOT (d.kind = 'payout_request' AND e.state = 'approved' AND e.actor = 'policy')
       OR split_part(d.cause, ' ', 1) <> 'payout:' || e.payout
    UNION ALL
    SELECT split_part(split_part(d.cause, ' ', 1), ':', 2)::uuid, format('has no event of seq %s (%s)', d.seq, d.kind)
    FROM ledger.decisions AS d
    WHERE d.refusal IS NULL AND d.kind IN (SELECT kind FROM kinds)
      AND NOT EXISTS (SELECT FROM settlement.payout_events AS e WHERE e.entry = d.seq)
)
SELECT format('payout %s: %s', payout, what) FROM broken ORDER BY payout, what LIMIT 3
