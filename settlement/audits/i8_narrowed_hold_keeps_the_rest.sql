-- A late arrival out of which a tip went back ended then, and its rest is kept back under another hold, less than before and for as long.
WITH steps AS (
    SELECT n.hold, n.entry, n.rest,
           coalesce(lag(n.rest) OVER (PARTITION BY n.hold ORDER BY n.entry), n.hold) AS before
    FROM settlement.narrowed_holds AS n
)
SELECT format('narrowed_holds hold %s entry %s', s.hold, s.entry)
FROM steps AS s
LEFT JOIN settlement.returned_tips AS r ON r.entry = s.entry
LEFT JOIN ledger.hold_acts AS placed ON placed.hold = s.before AND placed.act = 'placed'
LEFT JOIN ledger.hold_acts AS ended ON ended.hold = s.before AND ended.act IN ('released', 'expired') AND ended.entry = s.entry
LEFT JOIN ledger.hold_acts AS rest ON rest.hold = s.rest AND rest.act = 'placed' AND rest.entry = s.entry
WHERE r.entry IS NULL OR placed.hold IS NULL OR ended.hold IS NULL
   OR s.rest IS NOT NULL AND ((rest.account, rest.expires_at) IS DISTINCT FROM (placed.account, placed.expires_at)
                              OR rest.amount_minor >= placed.amount_minor)
ORDER BY s.hold, s.entry
LIMIT 3
