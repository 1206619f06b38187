-- Whatever was handed to an authority was handed over under a legal hold on that party, not ended before. LIVE-MOD-9
SELECT format('disclosures disclosure %s: of %s, under %s of %s', d.disclosure, d.party, coalesce(m.kind, 'nothing'),
              coalesce(m.party, 'nobody'))
FROM moderation.disclosures AS d
LEFT JOIN moderation.measures AS m ON m.measure = d.measure
LEFT JOIN moderation.measure_ends AS e ON e.measure = d.measure AND e.entry < d.entry
WHERE (m.kind, m.party) IS DISTINCT FROM ('legal_hold', d.party) OR m.entry >= d.entry OR e.entry IS NOT NULL
ORDER BY d.entry
LIMIT 3
