-- A finding was judged by the rule book in force when it happened, a decision by that of its latest finding, and made by that of its own day. LIVE-RULE-1
WITH published AS (
    SELECT version, effective_at FROM moderation.rule_books UNION ALL SELECT 'sample', timestamptz '-infinity'
),
books AS (
    SELECT version, effective_at, lead(effective_at, 1, 'infinity') OVER (ORDER BY effective_at) AS superseded_at FROM published
),
judged AS (
    SELECT format('findings decision %s number %s: happened at %s and judged by %s; decided at %s', f.decision, f.n, f.happened_at,
                  f.rule_version, d.decided_at) AS breach
    FROM moderation.findings AS f
    JOIN moderation.decisions AS d ON d.decision = f.decision
    JOIN books AS b ON b.effective_at <= f.happened_at AND f.happened_at < b.superseded_at
    WHERE f.happened_at > d.decided_at OR f.rule_version <> b.version
),
made AS (
    SELECT format('decisions decision %s: judged by %s, made by %s at %s', d.decision, d.rule_version, d.procedure_version, d.decided_at) AS breach
    FROM moderation.decisions AS d
    JOIN books AS b ON b.effective_at <= d.decided_at AND d.decided_at < b.superseded_at
    LEFT JOIN LATERAL (
        SELECT rule_version FROM moderation.findings AS f WHERE f.decision = d.decision ORDER BY happened_at DESC LIMIT 1
    ) AS latest ON true
    WHERE d.procedure_version <> b.version OR d.rule_version <> coalesce(latest.rule_version, b.version)
)
SELECT breach FROM judged
UNION ALL SELECT breach FROM made
LIMIT 3
