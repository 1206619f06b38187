-- No taking is remitted by more than was shown; and what an appeal remitted of measures that were executed moved back in its entry, from the platform's accounts, to the fen. LIVE-MOD-10
WITH remitted AS (
    SELECT r.preview, r.n, r.entry, r.appeal, r.amount_minor, taking ->> 'account' AS account,
           (taking ->> 'amount_minor')::bigint AS shown_minor,
           sum(r.amount_minor) OVER (PARTITION BY r.preview, r.n ORDER BY r.entry) AS so_far
    FROM moderation.remissions AS r
    LEFT JOIN moderation.previews AS p ON p.preview = r.preview
    LEFT JOIN LATERAL json_array_elements(convert_from(p.document, 'UTF8')::json -> 'takings')
        WITH ORDINALITY AS taken (taking, n) ON taken.n = r.n + 1
),
given AS (
    SELECT r.entry, sum(r.amount_minor * CASE WHEN r.account IN ('gifts', 'wallet') THEN 10 ELSE 1 END) AS fen
    FROM remitted AS r
    JOIN moderation.measures AS m ON m.preview = r.preview
    JOIN moderation.decision_events AS x ON x.decision = m.decision AND x.event = 'executed' AND x.entry < r.entry
    GROUP BY r.entry
),
moved AS (
    -- Of a compensation that is given no more, the platform's expense falls; its other transfers are of coins.
    SELECT t.entry, sum(t.amount_minor) AS fen
    FROM ledger.decisions AS d
    JOIN ledger.transfers AS t ON t.seq >= d.seq AND t.seq < (d.seq / 256 + 1) * 256 AND t.entry = d.seq
    JOIN ledger.accounts AS debit ON debit.id = t.debit_account
    JOIN ledger.accounts AS credit ON credit.id = t.credit_account
    WHERE d.kind = 'appeal_decided' AND d.refusal IS NULL
      AND (debit.kind IN ('penalty_income', 'damages_income') OR credit.kind = 'adjustments')
    GROUP BY t.entry
)
(SELECT format('remissions of preview %s, taking %s: %s of %s', preview, n, so_far, coalesce(shown_minor::text, 'nothing'))
 FROM remitted
 WHERE shown_minor IS NULL OR so_far > shown_minor
    OR NOT EXISTS (SELECT FROM moderation.appeal_verdicts AS v WHERE (v.appeal, v.entry) = (remitted.appeal, remitted.entry))
 ORDER BY preview, n LIMIT 3)
UNION ALL
(SELECT format('appeal_verdicts entry %s: %s fen were to move back, and %s did', coalesce(g.entry, m.entry), coalesce(g.fen, 0), coalesce(m.fen, 0))
 FROM given AS g FULL JOIN moved AS m ON m.entry = g.entry
 WHERE g.fen IS DISTINCT FROM m.fen
 ORDER BY coalesce(g.entry, m.entry) LIMIT 3)
LIMIT 3
