-- Every accepted objection, and every accepted answer to one, is recorded once, as it was said, and nothing else is.
WITH recorded AS (
    SELECT entry, objection, 'objection' AS kind, objection AS id, occurred_at, 'statement:' || statement AS cause
    FROM settlement.objections
    UNION ALL
    SELECT entry, objection, 'objection_answer', NULL, occurred_at, 'objection:' || objection FROM settlement.objection_answers
)
SELECT format('%s objection %s (seq %s): recorded of %s at %s; decided of %s at %s', coalesce(r.kind, d.kind), coalesce(r.objection, d.id),
              coalesce(r.entry, d.seq), coalesce(r.cause, 'nothing'), r.occurred_at, coalesce(d.cause, 'nothing'), d.occurred_at)
FROM (SELECT * FROM ledger.decisions WHERE kind IN ('objection', 'objection_answer') AND refusal IS NULL) AS d
FULL JOIN recorded AS r ON r.entry = d.seq
WHERE (r.kind, coalesce(r.id, d.id), r.cause, r.occurred_at) IS DISTINCT FROM (d.kind, d.id, d.cause, d.occurred_at)
ORDER BY coalesce(r.entry, d.seq)
LIMIT 3
