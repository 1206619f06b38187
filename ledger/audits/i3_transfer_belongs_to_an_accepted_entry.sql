-- A transfer belongs to an accepted entry, shares its time in the world, and its number lies in the entry's microsecond.
SELECT format('transfers seq %s: %s', t.seq,
              CASE WHEN d.seq IS NULL THEN format('its entry %s is not there', t.entry)
                   WHEN d.refusal IS NOT NULL THEN format('its entry %s was refused (%s)', t.entry, d.refusal)
                   WHEN t.occurred_at <> d.occurred_at THEN format('occurred at %s, its entry at %s', t.occurred_at, d.occurred_at)
                   ELSE format('lies outside the microsecond of its entry %s', t.entry) END)
FROM ledger.transfers AS t
LEFT JOIN ledger.decisions AS d ON d.seq = t.entry
WHERE d.seq IS NULL OR d.refusal IS NOT NULL OR t.occurred_at <> d.occurred_at
   OR t.seq < t.entry OR t.seq / 256 <> t.entry / 256
ORDER BY t.seq
LIMIT 3
