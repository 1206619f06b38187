-- Every accepted command that settles has one run, with that command's id, actor and time, and there is no other run.
SELECT format('runs run %s: its settle command is %s', coalesce(r.run, d.id), coalesce(d.seq::text, 'not there or not of this run'))
FROM (SELECT * FROM ledger.decisions WHERE kind IN ('settle', 'settle_period') AND refusal IS NULL) AS d
FULL JOIN settlement.runs AS r ON r.run = d.id
WHERE (r.entry, r.actor, r.occurred_at, CASE WHEN r.first IS NULL THEN 'through:' || to_char(r.through, 'YYYY-MM-DD') ELSE 'period:' || r.period END)
      IS DISTINCT FROM (d.seq, d.actor, d.occurred_at, d.cause)
ORDER BY coalesce(r.run, d.id)
LIMIT 3
