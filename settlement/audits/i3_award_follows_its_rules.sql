-- An award is that of the version its streamer had pinned; every other result earned nothing. LIVE-ACT-1
SELECT format('activity %s of %s entry %s: %s by rules %s, enrolled under %s; accrued %s', r.activity, r.streamer, r.entry, r.result,
              r.rules, coalesce(pinned.rules::text, 'none'), coalesce(a.amount_minor, 0))
FROM settlement.activity_results AS r
LEFT JOIN settlement.activity_rules AS v ON v.entry = r.rules AND v.activity = r.activity
LEFT JOIN settlement.accruals AS a ON a.entry = r.entry
LEFT JOIN ledger.decisions AS d ON d.seq = r.entry AND d.refusal IS NULL
LEFT JOIN LATERAL (SELECT e.rules FROM settlement.enrolments AS e
                   WHERE e.activity = r.activity AND e.streamer = r.streamer AND e.entry < r.entry
                   ORDER BY e.entry DESC LIMIT 1) AS pinned ON true
WHERE v.entry IS NULL OR d.kind IS DISTINCT FROM CASE r.result WHEN 'WITHDRAWN' THEN 'award_withdraw' ELSE 'activity_evaluate' END
   OR (pinned.rules IS NULL) <> (r.result = 'NOT_ENROLLED') OR pinned.rules <> r.rules
   OR CASE WHEN r.result = 'AWARDED'
           THEN (a.kind, a.streamer) IS DISTINCT FROM ('activity_award', r.streamer) OR a.amount_minor NOT IN (v.award_minor, 0)
             OR a.amount_minor = 0 AND a.reason <> 'kind_disabled'
           ELSE a.amount_minor > 0 END
ORDER BY r.entry
LIMIT 3
