-- Every accepted class command told one class, from its own time on, and there is no other class told.
SELECT format('streamer_classes entry %s: class %s of %s since %s; its command: %s at %s', coalesce(c.entry, d.seq), coalesce(c.class, 'none'),
              coalesce(c.streamer, 'nobody'), c.since, coalesce(d.cause, 'not there'), d.occurred_at)
FROM (SELECT seq, cause, occurred_at FROM ledger.decisions WHERE kind = 'class' AND refusal IS NULL) AS d
FULL JOIN settlement.streamer_classes AS c ON c.entry = d.seq
WHERE (d.cause, d.occurred_at) IS DISTINCT FROM ('class:' || c.class, c.since)
ORDER BY coalesce(c.entry, d.seq)
LIMIT 3
