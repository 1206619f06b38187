-- An accepted price, limit, reversal or expiry has the one record or act that it was for.
WITH records AS (
    SELECT 'gift' AS kind, entry FROM ledger.gift_prices
    UNION ALL SELECT 'limit', entry FROM ledger.tip_limits
    UNION ALL SELECT 'reversal', entry FROM ledger.reversals
    UNION ALL SELECT 'expiry', entry FROM ledger.hold_acts WHERE act = 'expired'
)
SELECT format('decisions seq %s: a %s with %s records', d.seq, d.kind, count(r.entry))
FROM ledger.decisions AS d
LEFT JOIN records AS r ON r.entry = d.seq AND r.kind = d.kind
WHERE d.kind IN ('gift', 'limit', 'reversal', 'expiry') AND d.refusal IS NULL
GROUP BY d.seq, d.kind
HAVING count(r.entry) <> 1
ORDER BY d.seq
LIMIT 3
