-- A report that needs proof was accepted only with name and number under seal, and by whoever had claimed it.
SELECT format('report %s was accepted %s', e.report, CASE WHEN c.actor IS NULL THEN 'by somebody who had not claimed it'
                                                          ELSE 'without proof of who reports' END)
FROM moderation.report_events AS e
JOIN moderation.reports AS r ON r.report = e.report
LEFT JOIN LATERAL (SELECT actor FROM moderation.report_events AS c
                   WHERE c.report = e.report AND c.number < e.number AND c.event = 'claimed' AND c.actor = e.actor
                   LIMIT 1) AS c ON true
WHERE e.event = 'accepted'
  AND (c.actor IS NULL
       OR r.needs_proof AND 2 > (SELECT count(DISTINCT field) FROM moderation.sealed_values AS s
                                 WHERE s.subject = e.report AND s.party = r.reporter AND s.field IN ('name', 'number')))
ORDER BY e.entry
LIMIT 3
