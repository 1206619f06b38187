-- No taking is remitted by more than was shown; and what an appeal remitted of measures that were executed moved back in its entries, from the platform's accounts, to the fen. LIVE-MOD-10
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
answer AS (
    -- What is received again follows the appeal in entries of its own, for the same cause.
    SELECT seq, seq AS own FROM ledger.decisions WHERE kind = 'appeal_decided' AND refusal IS NULL
    UNION ALL
    SELECT d.seq, again.seq
    FROM ledger.decisions AS d
    JOIN ledger.decisions AS again ON again.cause = d.cause AND again.kind = 'received_again' AND again.refusal IS NULL
    WHERE d.kind = 'appeal_decided' AND d.refusal IS NULL
),
moved AS (
    -- Of a compensation that is given no more, the platform's expense falls; its other transfers are of coins.
    SELECT a.seq AS entry, sum(t.amount_minor) AS fen
    FROM answer AS a
    JOIN ledger.transfers AS t ON t.seq >= a.own AND t.seq < (a.own / 256 + 1) * 256 AND t.entry = a.own
    JOIN ledger.accounts AS debit ON debit.id = t.debit_account
    JOIN ledger.accounts AS credit ON credit.id = t.credit_account
    WHERE debit.kind IN ('penalty_income', 'damages_income') OR credit.kind = 'adjustments'
    GROUP BY a.seq
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
