-- An accepted lift released one freeze and moved nothing; an accepted forfeit captured one, into penalty_income or coins_forfeited with their face value. LIVE-MOD-7
WITH done AS (
    SELECT d.seq, d.kind, count(*) FILTER (WHERE h.act = CASE d.kind WHEN 'lift' THEN 'released' ELSE 'captured' END) AS ends,
           count(h.hold) AS acts, count(f.freeze) AS freezes, sum(h.amount_minor) AS captured_minor, min(a.currency) AS currency
    FROM ledger.decisions AS d
    LEFT JOIN ledger.hold_acts AS h ON h.entry = d.seq
    LEFT JOIN moderation.freezes AS f ON f.freeze = h.hold
    LEFT JOIN ledger.accounts AS a ON a.id = h.account
    WHERE d.kind IN ('lift', 'forfeit') AND d.refusal IS NULL
    GROUP BY d.seq, d.kind
),
taken AS (
    SELECT t.entry, sum(t.amount_minor) FILTER (WHERE credit.kind = 'coins_forfeited') AS coins,
           sum(t.amount_minor) FILTER (WHERE credit.kind = 'penalty_income') AS fen,
           count(*) FILTER (WHERE credit.kind NOT IN ('coins_forfeited', 'penalty_income')) AS elsewhere
    FROM done
    JOIN ledger.transfers AS t ON t.seq >= done.seq AND t.seq < (done.seq / 256 + 1) * 256 AND t.entry = done.seq
    JOIN ledger.accounts AS credit ON credit.id = t.credit_account
    GROUP BY t.entry
)
SELECT format('%s seq %s: ended %s freezes, captured %s, took %s coins and %s fen', d.kind, d.seq, d.ends,
              coalesce(d.captured_minor, 0), coalesce(t.coins, 0), coalesce(t.fen, 0))
FROM done AS d LEFT JOIN taken AS t ON t.entry = d.seq
WHERE (d.ends, d.acts, d.freezes, coalesce(t.elsewhere, 0)) <> (1, 1, 1, 0)
   OR coalesce(t.coins, 0) <> CASE WHEN d.kind = 'forfeit' AND d.currency = 'ZLB' THEN d.captured_minor ELSE 0 END
   OR coalesce(t.fen, 0) <> CASE WHEN d.kind = 'lift' THEN 0 WHEN d.currency = 'ZLB' THEN d.captured_minor * 10 ELSE d.captured_minor END
ORDER BY d.seq
LIMIT 3
