-- Every record of a report, of evidence and every notice was written by an accepted entry that may write such a one.
WITH records (what, entry, kinds) AS (
    SELECT format('reports report %s', report), entry, ARRAY['report'] FROM moderation.reports
    UNION ALL
    SELECT format('report_events report %s number %s', report, number), entry,
           CASE event WHEN 'received' THEN ARRAY['report'] WHEN 'awaiting_materials' THEN ARRAY['report', 'report_materials_asked']
                      WHEN 'handed_in' THEN ARRAY['report', 'report_materials'] ELSE ARRAY['report_' || event] END
    FROM moderation.report_events
    UNION ALL
    SELECT format('report_files report %s', report), entry, ARRAY['report_file'] FROM moderation.report_files
    UNION ALL
    SELECT format('evidence case %s', "case"), entry, ARRAY['evidence', 'report_accepted'] FROM moderation.evidence
    UNION ALL
    SELECT format('notices notice %s', notice), entry, NULL FROM moderation.notices
)
SELECT format('%s belongs to no accepted entry of its kind', r.what)
FROM records AS r
LEFT JOIN ledger.decisions AS d ON d.seq = r.entry AND d.refusal IS NULL AND (r.kinds IS NULL OR d.kind = ANY (r.kinds))
WHERE d.seq IS NULL
ORDER BY r.entry, r.what
LIMIT 3
