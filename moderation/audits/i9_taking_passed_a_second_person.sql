-- Nobody decided on themselves or approved what they decided, and nothing that needs a second person, or more time, was executed without. LIVE-MOD-2
WITH person AS (
    SELECT d.decision, d.needs_second, d.execute_at, split_part(d.decided_by, ':', 1) AS role,
           substr(d.decided_by, strpos(d.decided_by, ':') + 1) AS decider,
           substr(a.actor, strpos(a.actor, ':') + 1) AS approver, x.entry AS executed, done.occurred_at AS executed_at,
           ARRAY(SELECT c.party FROM moderation.cases AS c WHERE c."case" = d."case"
                 UNION SELECT m.party FROM moderation.measures AS m WHERE m.decision = d.decision
                 UNION SELECT h.owner FROM moderation.measures AS m JOIN moderation.measure_holds AS h USING (measure)
                 WHERE m.decision = d.decision) AS parties
    FROM moderation.decisions AS d
    LEFT JOIN moderation.decision_events AS a ON a.decision = d.decision AND a.event = 'approved'
    LEFT JOIN moderation.decision_events AS x ON x.decision = d.decision AND x.event = 'executed'
    LEFT JOIN ledger.decisions AS done ON done.seq = x.entry
)
SELECT format('decisions decision %s: on %s, decided by %s, approved by %s, executed %s', decision, array_to_string(parties, ', '), decider,
              coalesce(approver, 'nobody'), coalesce(executed_at::text, 'never'))
FROM person
WHERE decider = ANY (parties) OR approver = ANY (parties) OR approver = decider
   OR executed IS NOT NULL AND (needs_second AND approver IS NULL OR execute_at IS NULL OR executed_at < execute_at)
ORDER BY decision
LIMIT 3
