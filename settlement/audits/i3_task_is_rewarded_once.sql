-- Every task that was evaluated reached its target and has one accrual of its reward, or of nothing with the reason. LIVE-TASK-1
SELECT format('task %s: evaluated entry %s reached %s of %s; rewarded %s of %s', coalesce(e.task, t.task), e.entry, e.reached, t.target,
              a.amount_minor, t.reward_minor)
FROM settlement.task_evaluations AS e
LEFT JOIN settlement.tasks AS t ON t.task = e.task
LEFT JOIN settlement.accruals AS a ON a.entry = e.entry
LEFT JOIN ledger.decisions AS d ON d.seq = e.entry AND d.refusal IS NULL
LEFT JOIN ledger.decisions AS assigned ON assigned.seq = t.entry AND assigned.id = t.task AND assigned.refusal IS NULL
WHERE (d.kind, d.cause) IS DISTINCT FROM ('task_evaluate', 'task:' || e.task) OR assigned.kind IS DISTINCT FROM 'task'
   OR (a.kind, a.streamer, a.reference) IS DISTINCT FROM ('task', t.streamer, e.task::text)
   OR e.reached < t.target OR a.amount_minor <> t.reward_minor AND (a.amount_minor, a.reason) IS DISTINCT FROM (0::bigint, 'kind_disabled')
ORDER BY e.task
LIMIT 3
