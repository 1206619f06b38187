-- What the execution of a decision took, from each account, is what was shown of its measures, less what was remitted before. LIVE-MOD-7
WITH executed AS (
    SELECT e.decision, min(e.entry) AS entry FROM moderation.decision_events AS e
    WHERE e.event = 'executed' GROUP BY e.decision
),
shown AS (
    SELECT x.entry, taking ->> 'account' AS account, taking ->> 'owner' AS owner,
           (taking ->> 'amount_minor')::bigint
           - coalesce((SELECT sum(r.amount_minor) FROM moderation.remissions AS r
                       WHERE r.preview = p.preview AND r.n = taken.n - 1 AND r.entry < x.entry), 0) AS minor
    FROM executed AS x
    JOIN moderation.measures AS m ON m.decision = x.decision
     AND NOT EXISTS (SELECT FROM moderation.measure_ends AS e WHERE e.measure = m.measure AND e.entry < x.entry)
    JOIN moderation.previews AS p ON p.preview = m.preview
    CROSS JOIN LATERAL json_array_elements(convert_from(p.document, 'UTF8')::json -> 'takings')
        WITH ORDINALITY AS taken (taking, n)
),
wanted AS (SELECT entry, account, owner, sum(minor)::bigint AS minor FROM shown GROUP BY entry, account, owner HAVING sum(minor) > 0),
moved AS (
    SELECT t.entry, a.kind AS account, a.owner, sum(t.amount_minor)::bigint AS minor
    FROM ledger.decisions AS d
    JOIN ledger.transfers AS t ON t.seq >= d.seq AND t.seq < (d.seq / 256 + 1) * 256 AND t.entry = d.seq
    JOIN ledger.accounts AS a ON a.id = t.debit_account OR a.id = t.credit_account
    WHERE d.kind = 'decision_executed' AND d.refusal IS NULL AND a.owner <> 'platform'
    GROUP BY t.entry, a.kind, a.owner
)
SELECT format('decision_events entry %s: %s of %s was to move %s, and moved %s', coalesce(w.entry, m.entry),
              coalesce(w.account, m.account), coalesce(w.owner, m.owner), coalesce(w.minor, 0), coalesce(m.minor, 0))
FROM wanted AS w
FULL JOIN moved AS m ON (m.entry, m.account, m.owner) = (w.entry, w.account, w.owner)
WHERE w.minor IS DISTINCT FROM m.minor
ORDER BY coalesce(w.entry, m.entry), coalesce(w.account, m.account)
LIMIT 3
