-- Of a plan that is carried out, every tip up to where it came went back or was passed by, no other did, and a finished one came to the end.
WITH dealt AS (
    SELECT r.plan, r.tip FROM settlement.returned_tips AS r
    UNION ALL
    SELECT plan, tip FROM settlement.passed_returns
),
behind AS (
    SELECT run.plan, p.tip FROM settlement.return_runs AS run
    JOIN settlement.planned_returns AS p ON p.plan = run.plan AND p.tip <= run.done_to
    WHERE run.way = 'return'
),
broken AS (
    SELECT plan, tip, 'was not dealt with' AS what FROM (SELECT * FROM behind EXCEPT ALL SELECT * FROM dealt) AS missing
    UNION ALL
    SELECT plan, tip, 'was dealt with before its turn' FROM (SELECT * FROM dealt EXCEPT ALL SELECT * FROM behind) AS surplus
    UNION ALL
    SELECT run.plan, p.tip, 'is left of what is finished' FROM settlement.return_runs AS run
    JOIN settlement.planned_returns AS p ON p.plan = run.plan AND p.tip > run.done_to
    WHERE run.way = 'return' AND run.finished_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM settlement.return_runs AS again WHERE again.plan = run.plan AND again.way = 'restore')
    UNION ALL
    SELECT run.plan, r.tip, 'does not stand again' FROM settlement.return_runs AS run
    JOIN settlement.returned_tips AS r ON r.plan = run.plan AND (r.tip <= run.done_to OR run.finished_at IS NOT NULL)
    WHERE run.way = 'restore' AND NOT EXISTS (SELECT FROM settlement.restored_tips AS s WHERE s.tip = r.tip)
)
SELECT format('return_runs plan %s: tip %s %s', plan, tip, what) FROM broken ORDER BY plan, tip, what LIMIT 3
