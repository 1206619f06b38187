-- A wallet's latest tipping day, and the amounts and counts of that day and its month, are those of its accepted tips, reversed or not. LIVE-TIP-5
WITH days AS (
    SELECT t.debit_account AS id, (t.occurred_at AT TIME ZONE INTERVAL '8 hours')::date AS day,
           sum(t.amount_minor) AS minor, count(*) AS tips
    FROM ledger.tips AS r JOIN ledger.transfers AS t ON t.seq = r.entry
    GROUP BY 1, 2
),
latest AS (SELECT id, max(day) AS day FROM days GROUP BY id),
counted AS (
    SELECT latest.id, latest.day,
           sum(days.minor) FILTER (WHERE days.day = latest.day) AS day_minor,
           sum(days.tips) FILTER (WHERE days.day = latest.day) AS day_count,
           sum(days.minor) AS month_minor, sum(days.tips) AS month_count
    FROM latest JOIN days ON days.id = latest.id AND days.day >= date_trunc('month', latest.day)
    GROUP BY latest.id, latest.day
)
SELECT format('accounts id %s (%s of %s): on %s tipped %s in %s, %s in %s that month; its tips say on %s %s in %s, %s in %s', a.id, a.kind, a.owner,
              coalesce(a.tip_day::text, 'no day'), a.tip_day_minor, a.tip_day_count, a.tip_month_minor, a.tip_month_count,
              coalesce(c.day::text, 'no day'), coalesce(c.day_minor, 0), coalesce(c.day_count, 0),
              coalesce(c.month_minor, 0), coalesce(c.month_count, 0))
FROM ledger.accounts AS a
LEFT JOIN counted AS c USING (id)
WHERE a.tip_day IS DISTINCT FROM c.day
   OR a.tip_day_minor <> coalesce(c.day_minor, 0) OR a.tip_day_count <> coalesce(c.day_count, 0)
   OR a.tip_month_minor <> coalesce(c.month_minor, 0) OR a.tip_month_count <> coalesce(c.month_count, 0)
ORDER BY a.id
LIMIT 3
