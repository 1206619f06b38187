-- How each report stands is what befell it: numbered without gaps, beginning with its receipt, nothing after its end.
WITH befell AS (
    SELECT report, count(*) AS events, max(number) AS last_number,
           max(number) FILTER (WHERE event IN ('accepted', 'rejected', 'closed')) AS ended,
           count(*) FILTER (WHERE event IN ('accepted', 'rejected', 'closed')) AS ends,
           (array_agg(event ORDER BY number))[1] AS first_event,
           (array_agg(event ORDER BY number DESC) FILTER (WHERE event NOT IN ('claimed', 'let_go')))[1] AS last_event,
           (array_agg(materials_due ORDER BY number DESC) FILTER (WHERE event NOT IN ('claimed', 'let_go')))[1] AS materials_due,
           coalesce((array_agg(event ORDER BY number DESC) FILTER (WHERE event IN ('handed_in', 'awaiting_materials')))[1]
                    = 'handed_in', false) AS has_proof,
           (array_agg(actor ORDER BY number DESC) FILTER (WHERE event = 'claimed'))[1] AS last_claim,
           coalesce(max(number) FILTER (WHERE event = 'claimed'), 0) AS claimed,
           coalesce(max(number) FILTER (WHERE event IN ('let_go', 'awaiting_materials', 'accepted', 'rejected', 'closed')), 0) AS let_go,
           max("case") AS "case"
    FROM moderation.report_events GROUP BY report
),
stands AS (
    SELECT b.*, CASE WHEN last_event IN ('received', 'handed_in') THEN 'received' ELSE last_event END AS state,
           CASE WHEN claimed > let_go THEN last_claim END AS claimed_by
    FROM befell AS b
)
SELECT format('report %s stands as its events do not say', coalesce(r.report, s.report, p.report))
FROM moderation.reports AS r
FULL JOIN stands AS s ON s.report = r.report
FULL JOIN moderation.report_states AS p ON p.report = coalesce(r.report, s.report)
WHERE r.report IS NULL OR s.report IS NULL OR p.report IS NULL
   OR s.first_event <> 'received' OR s.events <> s.last_number OR s.ends > 1 OR s.ended < s.last_number
   OR (p.entry, p.harm, p.flagged) IS DISTINCT FROM (r.entry, r.harm, r.flagged)
   OR (p.state, p.events, p.has_proof, p.claimed_by, p.materials_due, p."case")
      IS DISTINCT FROM (s.state, s.events, s.has_proof, s.claimed_by, s.materials_due, s."case")
ORDER BY coalesce(r.entry, p.entry)
LIMIT 3
