-- What a measure holds was placed by the entry that it names, and is free once the measure has ended, was refused or was carried out. LIVE-MOD-4
SELECT format('measure_holds hold %s: of measure %s, placed on %s of %s at %s, ended %s', h.hold, h.measure, coalesce(a.kind, 'nothing'),
              coalesce(a.owner, 'nobody'), coalesce(placed.entry::text, 'no entry'), coalesce(ended.act::text, 'never'))
FROM moderation.measure_holds AS h
LEFT JOIN ledger.hold_acts AS placed ON placed.hold = h.hold AND placed.act = 'placed'
LEFT JOIN ledger.accounts AS a ON a.id = placed.account
LEFT JOIN ledger.hold_acts AS ended ON ended.hold = h.hold AND ended.act <> 'placed'
LEFT JOIN moderation.measures AS m ON m.measure = h.measure
LEFT JOIN moderation.decision_states AS s ON s.decision = m.decision
WHERE (placed.entry, a.kind::text, a.owner::text) IS DISTINCT FROM (h.entry, h.account, h.owner) OR m.measure IS NULL
   OR ended.act IS NULL AND (EXISTS (SELECT FROM moderation.measure_ends AS e WHERE e.measure = h.measure)
                             OR m.preview IS NOT NULL AND s.state IN ('refused', 'executed', 'overturned'))
ORDER BY h.hold
LIMIT 3
