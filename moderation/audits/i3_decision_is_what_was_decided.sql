-- Every accepted decision on a case has its record, by who asked for it, and every event of a decision the accepted command it came from. LIVE-MOD-6
WITH decided AS (
    SELECT format('decisions decision %s: decided by %s at %s, recorded of %s at %s', coalesce(d.decision, c.id), coalesce(c.actor, 'nobody'),
                  coalesce(c.seq::text, 'never'), coalesce(d.decided_by, 'nobody'), coalesce(d.entry::text, 'never')) AS breach
    FROM (SELECT id, seq, actor FROM ledger.decisions WHERE kind = 'decide' AND refusal IS NULL) AS c
    FULL JOIN moderation.decisions AS d ON d.decision = c.id
    WHERE (d.entry, d.decided_by) IS DISTINCT FROM (c.seq, c.actor)
),
happened AS (
    SELECT format('decision_events decision %s entry %s: is %s by %s, the command was %s by %s', e.decision, e.entry, e.event, e.actor,
                  coalesce(c.kind, 'none'), coalesce(c.actor, 'nobody')) AS breach
    FROM moderation.decision_events AS e
    LEFT JOIN ledger.decisions AS c ON c.seq = e.entry AND c.refusal IS NULL
    WHERE (c.kind, c.actor) IS DISTINCT FROM (CASE e.event WHEN 'decided' THEN 'decide' WHEN 'approved' THEN 'decision_approved'
        WHEN 'refused' THEN 'decision_refused' WHEN 'executed' THEN 'decision_executed' WHEN 'finished' THEN 'returns_finished'
        ELSE 'appeal_decided' END, e.actor)
),
measured AS (
    SELECT format('measures measure %s: number %s of decision %s, which has %s at entry %s', m.measure, m.n, m.decision,
                  count(*) OVER of_decision, coalesce(d.entry::text, 'none')) AS breach,
           m.n <> row_number() OVER (PARTITION BY m.decision ORDER BY m.n) - 1 OR m.entry IS DISTINCT FROM d.entry AS is_broken
    FROM moderation.measures AS m LEFT JOIN moderation.decisions AS d ON d.decision = m.decision
    WINDOW of_decision AS (PARTITION BY m.decision)
)
SELECT breach FROM decided
UNION ALL SELECT breach FROM happened
UNION ALL SELECT breach FROM measured WHERE is_broken
LIMIT 3
