-- Every accepted policy command published one version, named by its cause, and there is no other version. LIVE-EARN-4
SELECT format('policies version %s (entry %s): its command %s', coalesce(p.version, 'not there'), coalesce(p.entry, d.seq),
              coalesce('published ' || d.cause, 'is not there'))
FROM (SELECT seq, cause FROM ledger.decisions WHERE kind = 'policy' AND refusal IS NULL) AS d
FULL JOIN settlement.policies AS p ON p.entry = d.seq
WHERE d.cause IS DISTINCT FROM 'policy:' || p.version
ORDER BY coalesce(p.entry, d.seq)
LIMIT 3
