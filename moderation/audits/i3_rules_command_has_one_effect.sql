-- Every accepted rules command published one rule book, and every accepted rule_switch switched one rule, named by their causes; there is no other. LIVE-RULE-1
WITH effects (entry, cause) AS (
    SELECT entry, 'rules:' || version FROM moderation.rule_books
    UNION ALL
    SELECT entry, 'rule:' || rule FROM moderation.rule_switches
)
SELECT format('rules entry %s: its command %s, and there is %s', coalesce(e.entry, d.seq), coalesce('says ' || d.cause, 'is not there'),
              coalesce(e.cause, 'no effect'))
FROM (SELECT seq, cause FROM ledger.decisions WHERE kind IN ('rules', 'rule_switch') AND refusal IS NULL) AS d
FULL JOIN effects AS e ON e.entry = d.seq
WHERE d.cause IS DISTINCT FROM e.cause
ORDER BY coalesce(e.entry, d.seq)
LIMIT 3
