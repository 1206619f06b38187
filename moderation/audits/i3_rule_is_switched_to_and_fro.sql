-- A rule is switched off first, and then on and off in turn: no switch says what was so already. LIVE-SEV-1
SELECT format('rule_switches entry %s: %s was switched %s when it was', entry, rule, CASE WHEN is_on THEN 'on' ELSE 'off' END)
FROM (SELECT entry, rule, is_on, lag(is_on, 1, true) OVER (PARTITION BY rule ORDER BY entry) AS was_on FROM moderation.rule_switches) AS switched
WHERE is_on = was_on
ORDER BY entry
LIMIT 3
