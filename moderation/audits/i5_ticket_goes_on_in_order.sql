-- A ticket is filed, escalated only when it is due, and answered last; its steps are counted without a gap. LIVE-CONTACT-1
SELECT format('tickets ticket %s: %s steps up to number %s, the last %s', t.ticket, count(e.number),
              coalesce(max(e.number), 0), coalesce((array_agg(e.event ORDER BY e.number DESC))[1], 'none'))
FROM moderation.tickets AS t LEFT JOIN moderation.ticket_events AS e ON e.ticket = t.ticket
GROUP BY t.ticket, t.entry, t.due_at
HAVING count(e.number) = 0 OR max(e.number) <> count(e.number)
    OR (array_agg(e.event ORDER BY e.number))[1] IS DISTINCT FROM 'filed'
    OR bool_or(e.event = 'answered' AND e.number < (SELECT count(*) FROM moderation.ticket_events AS all_of WHERE all_of.ticket = t.ticket))
    OR bool_or(e.event = 'escalated' AND e.occurred_at < t.due_at)
ORDER BY t.entry
LIMIT 3
