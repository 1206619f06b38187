-- What a wallet tipped on each day before its latest tipping day is kept as its accepted tips add up. LIVE-TIP-5
WITH days AS (
    SELECT t.debit_account AS account, (t.occurred_at AT TIME ZONE INTERVAL '8 hours')::date AS day,
           sum(t.amount_minor) AS minor, count(*) AS tips
    FROM ledger.tips AS r JOIN ledger.transfers AS t ON t.seq = r.entry
    GROUP BY 1, 2
),
latest AS (SELECT account, max(day) AS day FROM days GROUP BY account),
past AS (
    SELECT days.* FROM days JOIN latest USING (account) WHERE days.day < latest.day
)
SELECT format('tip_days account %s day %s: %s in %s, its tips say %s in %s', account, day,
              coalesce(kept.amount_minor, 0), coalesce(kept.count, 0), coalesce(past.minor, 0), coalesce(past.tips, 0))
FROM past FULL JOIN ledger.tip_days AS kept USING (account, day)
WHERE past.minor IS DISTINCT FROM kept.amount_minor OR past.tips IS DISTINCT FROM kept.count
ORDER BY account, day
LIMIT 3
