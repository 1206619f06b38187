-- Every accepted appeal, answer and preview has its record, of the decision's time and by its actor; and no answer is of somebody who decided or approved.
SELECT format('%s %s: decided %s, recorded %s', coalesce(d.kind, r.kind), coalesce(d.id, r.id), coalesce(d.seq::text, 'never'),
              coalesce(r.entry::text, 'never'))
FROM (SELECT kind, id, seq, occurred_at, actor FROM ledger.decisions
      WHERE kind IN ('preview', 'appeal', 'appeal_decided') AND refusal IS NULL) AS d
FULL JOIN (
    SELECT 'preview' AS kind, preview AS id, entry, made_at AS at, made_by AS actor, true AS is_allowed FROM moderation.previews
    UNION ALL
    SELECT 'appeal', a.appeal, a.entry, a.filed_at, NULL, a.filed_at < x.appeal_until
    FROM moderation.appeals AS a LEFT JOIN moderation.decisions AS x USING (decision)
    UNION ALL
    SELECT 'appeal_decided', l.id, v.entry, v.decided_at, v.decided_by,
           a.appellant <> split_part(v.decided_by, ':', 2)
           AND split_part(x.decided_by, ':', 2) <> split_part(v.decided_by, ':', 2)
           AND NOT EXISTS (SELECT FROM moderation.decision_events AS e
                           WHERE e.decision = x.decision AND e.event = 'approved'
                             AND split_part(e.actor, ':', 2) = split_part(v.decided_by, ':', 2))
    FROM moderation.appeal_verdicts AS v
    JOIN moderation.appeals AS a USING (appeal)
    JOIN moderation.decisions AS x USING (decision)
    LEFT JOIN ledger.decisions AS l ON l.seq = v.entry
) AS r ON r.id = d.id
WHERE (d.kind, d.seq, d.occurred_at) IS DISTINCT FROM (r.kind, r.entry, r.at)
   OR d.actor <> coalesce(r.actor, d.actor) OR r.is_allowed IS NOT TRUE
ORDER BY coalesce(d.seq, r.entry)
LIMIT 3
