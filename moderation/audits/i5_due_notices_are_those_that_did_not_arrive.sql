-- Every notice has arrived once, or is due; tries are numbered without gaps, and none follows the one that arrived.
WITH tried AS (
    SELECT notice, count(*) AS attempts, max(attempt) AS last_attempt, max(attempt) FILTER (WHERE failure IS NULL) AS arrived
    FROM moderation.deliveries GROUP BY notice
)
SELECT format('notice %s is neither delivered nor due as its deliveries say', coalesce(n.notice, t.notice, d.notice))
FROM moderation.notices AS n
FULL JOIN tried AS t ON t.notice = n.notice
FULL JOIN moderation.due_notices AS d ON d.notice = coalesce(n.notice, t.notice)
WHERE n.notice IS NULL OR t.attempts <> t.last_attempt OR t.arrived < t.last_attempt
   OR (t.arrived IS NULL) <> (d.notice IS NOT NULL) OR d.attempts <> coalesce(t.attempts, 0)
ORDER BY 1
LIMIT 3
