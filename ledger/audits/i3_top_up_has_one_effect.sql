-- An accepted top-up has one record; it issued those coins to a wallet, for that payment and the platform's promotion. LIVE-TIP-3
WITH moved AS (
    SELECT t.entry,
           count(*) FILTER (WHERE debit.kind = 'coins_issued' AND credit.kind = 'wallet') AS issues,
           sum(t.amount_minor) FILTER (WHERE debit.kind = 'coins_issued' AND credit.kind = 'wallet') AS coins,
           sum(t.amount_minor) FILTER (WHERE debit.kind = 'channel_clearing' AND credit.kind = 'coin_liability') AS paid_minor,
           min(debit.owner) FILTER (WHERE debit.kind = 'channel_clearing') AS channel,
           sum(t.amount_minor) FILTER (WHERE debit.kind = 'promotion_expense' AND credit.kind = 'coin_liability') AS promotion_minor,
           sum(t.amount_minor) FILTER (WHERE credit.kind = 'coin_liability') AS liability_minor
    FROM ledger.decisions AS d
    JOIN ledger.transfers AS t ON t.entry = d.seq
    JOIN ledger.accounts AS debit ON debit.id = t.debit_account
    JOIN ledger.accounts AS credit ON credit.id = t.credit_account
    WHERE d.kind = 'topup'
    GROUP BY t.entry
)
SELECT format('top-up seq %s: %s', d.seq,
              CASE WHEN r.entry IS NULL THEN 'has no record'
                   ELSE format('was of %s coins for %s fen through %s, but moved %s coins, %s fen through %s and %s of promotion',
                               r.coins, r.paid_minor, r.channel, coalesce(m.coins, 0), coalesce(m.paid_minor, 0),
                               coalesce(m.channel, 'none'), coalesce(m.promotion_minor, 0)) END)
FROM ledger.decisions AS d
LEFT JOIN ledger.top_ups AS r ON r.entry = d.seq
LEFT JOIN moved AS m ON m.entry = d.seq
WHERE d.kind = 'topup' AND d.refusal IS NULL
  AND (r.entry IS NULL OR m.entry IS NULL OR m.issues <> 1 OR m.coins <> r.coins
       OR m.paid_minor IS DISTINCT FROM r.paid_minor OR m.channel IS DISTINCT FROM r.channel
       OR coalesce(m.promotion_minor, 0) <> r.coins * 10 - r.paid_minor OR m.liability_minor <> r.coins * 10
       OR d.cause <> 'payment:' || r.channel || ':' || r.channel_txn)
ORDER BY d.seq
LIMIT 3
