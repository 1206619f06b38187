-- Whose everything is frozen has each account frozen whole by that measure, those too that were opened after it. LIVE-MOD-4
SELECT format('accounts id %s (%s of %s): not held by measure %s, which freezes everything', a.id, a.kind, a.owner, m.measure)
FROM moderation.measures AS m
JOIN ledger.accounts AS a ON a.owner = m.party AND a.kind IN ('wallet', 'gifts', 'accruals', 'earnings')
WHERE m.account = 'everything' AND (m.until IS NULL OR m.until > now())
  AND NOT EXISTS (SELECT FROM moderation.measure_ends AS e WHERE e.measure = m.measure)
  AND NOT EXISTS (SELECT FROM moderation.measure_holds AS h
                  JOIN ledger.holds AS o ON o.hold = h.hold AND o.amount_minor IS NULL AND o.ended IS NULL
                  WHERE h.measure = m.measure AND o.account = a.id)
ORDER BY a.id, m.measure
LIMIT 3
