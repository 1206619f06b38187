-- An objection is its streamer's, to a line of a statement of theirs, heard for as long as the policy in force at its issue says; what its answer put right is an adjustment of that streamer.
WITH issued AS (
    SELECT o.objection, s.streamer, s.entry, s.document,
           timestamptz 'epoch' + s.entry / 256 * INTERVAL '1 microsecond' AS issued_at
    FROM settlement.objections AS o JOIN settlement.statements AS s ON s.statement = o.statement AND s.entry < o.entry
),
-- The latest version in force by then; before there was one, the first.
promised AS (
    SELECT i.*, coalesce((SELECT (convert_from(p.document, 'UTF8')::jsonb ->> 'objection_days')::integer
                          FROM settlement.policies AS p WHERE p.entry <= i.entry
                          ORDER BY p.effective_at <= i.issued_at DESC,
                                   abs(extract(epoch FROM p.effective_at - i.issued_at)) LIMIT 1), 30) AS days
    FROM issued AS i
),
adjusted AS (
    SELECT entry, streamer FROM settlement.accruals WHERE kind = 'adjustment'
    UNION ALL
    SELECT entry, streamer FROM settlement.deductions
)
SELECT format('objections objection %s of %s to line %s, heard until %s: its statement is of %s, with %s lines, for %s days%s', o.objection,
              o.streamer, coalesce(o.line::text, 'all'), o.heard_until, coalesce(p.streamer, 'nobody'),
              coalesce(jsonb_array_length(convert_from(p.document, 'UTF8')::jsonb -> 'lines'), 0), p.days,
              CASE WHEN a.adjustment IS NOT NULL THEN format('; adjusted %s by seq %s', coalesce(d.streamer, 'nobody'), a.adjustment) END)
FROM settlement.objections AS o
LEFT JOIN promised AS p USING (objection)
LEFT JOIN settlement.objection_answers AS a USING (objection)
LEFT JOIN adjusted AS d ON d.entry = a.adjustment
WHERE p.streamer IS DISTINCT FROM o.streamer
   OR o.heard_until <> ((p.issued_at AT TIME ZONE INTERVAL '8 hours')::date + p.days + 1)::timestamp AT TIME ZONE INTERVAL '8 hours'
   OR o.line > coalesce(jsonb_array_length(convert_from(p.document, 'UTF8')::jsonb -> 'lines'), 0)
   OR a.entry < o.entry
   OR a.adjustment IS NOT NULL AND d.streamer IS DISTINCT FROM o.streamer
ORDER BY o.entry
LIMIT 3
