-- A streamer is in one session at a time, and each session was opened, closed and measured by accepted commands. LIVE-TIME-1
WITH spans AS (
    SELECT s.session, s.streamer, s.entry, s.opened_at, e.closed_at, e.entry AS end_entry,
           lead(s.opened_at) OVER (PARTITION BY s.streamer ORDER BY s.opened_at, s.entry) AS next_opened_at
    FROM settlement.sessions AS s LEFT JOIN settlement.session_ends AS e ON e.session = s.session
)
(SELECT format('session %s of %s: opened %s, closed %s, the next opened %s', p.session, p.streamer, p.opened_at,
               coalesce(p.closed_at::text, 'never'), coalesce(p.next_opened_at::text, 'never'))
 FROM spans AS p
 LEFT JOIN ledger.decisions AS d ON d.seq = p.entry AND d.id = p.session AND d.kind = 'session_open' AND d.refusal IS NULL
 LEFT JOIN ledger.decisions AS c ON c.seq = p.end_entry AND c.kind = 'session_close' AND c.cause = 'session:' || p.session AND c.refusal IS NULL
 WHERE d.seq IS NULL OR d.occurred_at <> p.opened_at OR p.closed_at < p.opened_at
    OR p.end_entry IS NOT NULL AND c.occurred_at IS DISTINCT FROM p.closed_at
    OR p.next_opened_at IS NOT NULL AND (p.closed_at IS NULL OR p.next_opened_at < p.closed_at)
 ORDER BY p.entry LIMIT 3)
UNION ALL
(SELECT format('fact entry %s: %s of session %s', f.entry, f.metric, f.session)
 FROM settlement.facts AS f
 LEFT JOIN settlement.sessions AS s ON s.session = f.session
 LEFT JOIN ledger.decisions AS d ON d.seq = f.entry AND d.kind = 'fact' AND d.refusal IS NULL
 WHERE s.session IS NULL OR (d.cause, d.occurred_at) IS DISTINCT FROM ('session:' || f.session || ' metric:' || f.metric, f.occurred_at)
 ORDER BY f.entry LIMIT 3)
LIMIT 3
