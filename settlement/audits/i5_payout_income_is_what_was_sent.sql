-- A payout counts as income, with its tax, in the year it was sent, to the person it is paid to; and is taken out, all of it, when it failed or came back.
WITH wanted AS (
    SELECT s.payout, s.entry, r.payee, r.amount_minor AS gross_minor, s.tax_minor
    FROM settlement.payout_sendings AS s JOIN settlement.payout_requests AS r ON r.payout = s.payout
    UNION ALL
    SELECT s.payout, e.entry, r.payee, -r.amount_minor, -s.tax_minor
    FROM settlement.payout_sendings AS s JOIN settlement.payout_requests AS r ON r.payout = s.payout
    JOIN settlement.payout_events AS e ON e.payout = s.payout AND e.state IN ('failed', 'returned')
),
person AS (
    SELECT DISTINCT ON (s.payout) s.payout, v.number_hash FROM settlement.payout_sendings AS s
    JOIN settlement.payout_requests AS r ON r.payout = s.payout
    JOIN settlement.verifications AS v ON v.party = r.payee AND v.entry < s.entry
    ORDER BY s.payout, v.entry DESC
),
sent AS (
    SELECT e.payout, e.occurred_at AT TIME ZONE 'Asia/Shanghai' AS day FROM settlement.payout_events AS e WHERE e.state = 'sent'
)
SELECT format('payout %s: counts %s fen and %s of tax in %s-%s by seq %s; it is %s fen and %s of tax',
              coalesce(i.payout, w.payout), coalesce(i.gross_minor, 0), coalesce(i.tax_minor, 0), i.year, i.month,
              coalesce(i.entry, w.entry), coalesce(w.gross_minor, 0), coalesce(w.tax_minor, 0))
FROM settlement.payout_income AS i
FULL JOIN wanted AS w ON w.entry = i.entry AND w.payout = i.payout
LEFT JOIN person AS p ON p.payout = i.payout
LEFT JOIN sent AS s ON s.payout = i.payout
WHERE (i.payee, i.gross_minor, i.tax_minor) IS DISTINCT FROM (w.payee, w.gross_minor, w.tax_minor)
   OR i.number_hash IS DISTINCT FROM p.number_hash
   OR i.year <> extract(year FROM s.day) OR i.month < extract(month FROM s.day)
ORDER BY coalesce(i.entry, w.entry)
LIMIT 3
