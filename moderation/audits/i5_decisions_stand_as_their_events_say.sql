-- How a decision stands follows from its events, and the newest decision of each case is the one its next has to know. LIVE-MOD-2
WITH told AS (
    SELECT d.decision, d.needs_second, d.execute_at, bool_or(e.event = 'approved') AS approved, bool_or(e.event = 'refused') AS refused,
           bool_or(e.event = 'executed') AS executed, bool_or(e.event = 'overturned') AS overturned
    FROM moderation.decisions AS d
    LEFT JOIN moderation.decision_events AS e ON e.decision = d.decision
    GROUP BY d.decision, d.needs_second, d.execute_at
),
wanted AS (
    SELECT t.decision,
           CASE WHEN t.overturned THEN 'overturned' WHEN t.refused THEN 'refused'
                WHEN t.executed THEN CASE WHEN EXISTS (
                    SELECT FROM moderation.measures AS m WHERE m.decision = t.decision AND m.kind IN ('return_tips', 'return_minors_tips')
                      AND NOT EXISTS (SELECT FROM moderation.measure_ends AS n WHERE n.measure = m.measure)
                      AND NOT EXISTS (SELECT FROM moderation.decision_events AS f
                                      WHERE f.decision = t.decision AND f.event = 'finished' AND f.detail = m.measure::text)
                    ) THEN 'executing' ELSE 'executed' END
                WHEN t.needs_second AND NOT coalesce(t.approved, false) THEN 'awaiting_approval'
                ELSE 'decided' END AS state
    FROM told AS t
)
SELECT format('decision_states decision %s: is %s, its events say %s', coalesce(s.decision, w.decision), coalesce(s.state, 'missing'),
              coalesce(w.state, 'nothing'))
FROM wanted AS w FULL JOIN moderation.decision_states AS s ON s.decision = w.decision
WHERE s.state IS DISTINCT FROM w.state
UNION ALL
SELECT format('decision_states decision %s: is due %s, money moves %s', s.decision, coalesce(s.execute_at::text, 'never'),
              coalesce(moves.at::text, 'never'))
FROM moderation.decision_states AS s
JOIN moderation.decisions AS d USING (decision)
CROSS JOIN LATERAL (
    SELECT CASE WHEN EXISTS (
        SELECT FROM moderation.measures AS m WHERE m.decision = d.decision AND m.preview IS NOT NULL
          AND NOT EXISTS (SELECT FROM moderation.measure_ends AS e WHERE e.measure = m.measure)
        ) THEN d.execute_at END AS at
) AS moves
WHERE s.state = 'decided' AND s.execute_at IS DISTINCT FROM moves.at
UNION ALL
SELECT format('case_states case %s: latest is %s, decided last was %s', coalesce(s."case", c."case"), coalesce(s.latest::text, 'none'),
              coalesce(newest.decision::text, 'none'))
FROM moderation.cases AS c
FULL JOIN moderation.case_states AS s ON s."case" = c."case"
LEFT JOIN LATERAL (SELECT d.decision FROM moderation.decisions AS d WHERE d."case" = c."case" ORDER BY d.entry DESC LIMIT 1) AS newest ON true
WHERE c."case" IS NULL OR s."case" IS NULL OR s.latest IS DISTINCT FROM newest.decision
LIMIT 3
