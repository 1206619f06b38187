-- Whoever let a payout pass is neither who asked for it nor who is paid; above the policy's bound that is a person; and whoever sent a batch is not who made it.
WITH broken AS (
    SELECT e.payout, format('was approved by %s, and asked for by %s for %s', e.actor, d.actor, r.payee) AS what
    FROM settlement.payout_events AS e
    JOIN settlement.payout_requests AS r ON r.payout = e.payout
    JOIN ledger.decisions AS d ON d.seq = r.entry
    WHERE e.state = 'approved' AND e.actor <> 'policy'
      AND substr(e.actor, strpos(e.actor, ':') + 1) IN (substr(d.actor, strpos(d.actor, ':') + 1), r.payee)
    UNION ALL
    SELECT e.payout, format('of %s fen was approved by the policy %s', r.amount_minor, r.policy)
    FROM settlement.payout_events AS e
    JOIN settlement.payout_requests AS r ON r.payout = e.payout
    LEFT JOIN settlement.policies AS p ON p.version = r.policy
    WHERE e.state = 'approved' AND e.actor = 'policy'
      AND coalesce((convert_from(p.document, 'UTF8')::jsonb -> 'payout' ->> 'approval_above_minor')::bigint, -1) < r.amount_minor
    UNION ALL
    SELECT s.payout, format('was sent by %s in batch %s, made by %s', d.actor, s.batch, coalesce(b.maker, 'nobody'))
    FROM settlement.payout_sendings AS s
    JOIN ledger.decisions AS d ON d.seq = s.entry
    LEFT JOIN settlement.payout_batches AS b ON b.batch = s.batch
    LEFT JOIN ledger.decisions AS made ON made.seq = b.entry AND made.id = b.batch AND made.kind = 'payout_batch'
    WHERE (s.batch IS NOT NULL OR s.channel = 'bank')
      AND (b.batch IS NULL OR made.actor IS DISTINCT FROM b.maker OR b.channel <> s.channel OR s.payout <> ALL (b.payouts)
           OR substr(d.actor, strpos(d.actor, ':') + 1) = substr(b.maker, strpos(b.maker, ':') + 1))
)
SELECT format('payout %s: %s', payout, what) FROM broken ORDER BY payout, what LIMIT 3
