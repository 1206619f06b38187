-- Of a batch that was cancelled nothing was sent, and it was cancelled by a decision of whoever is named.
WITH broken AS (
    SELECT c.batch, 'was cancelled, and payout ' || s.payout || ' was sent in it' AS what
    FROM settlement.payout_batch_cancellations AS c JOIN settlement.payout_sendings AS s ON s.batch = c.batch
    UNION ALL
    SELECT c.batch, 'was cancelled by no decision of ' || c.actor
    FROM settlement.payout_batch_cancellations AS c
    LEFT JOIN ledger.decisions AS d ON d.seq = c.entry AND d.refusal IS NULL
    WHERE (d.kind, d.actor, d.cause) IS DISTINCT FROM ('payout_batch_cancellation', c.actor, 'batch:' || c.batch)
    UNION ALL
    SELECT c.batch, 'was cancelled, and never made' FROM settlement.payout_batch_cancellations AS c
    WHERE NOT EXISTS (SELECT FROM settlement.payout_batches AS b WHERE b.batch = c.batch)
)
SELECT format('batch %s %s', batch, what) FROM broken ORDER BY batch, what LIMIT 3
