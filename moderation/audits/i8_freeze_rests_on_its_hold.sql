-- Every accepted freeze has one hold with its id, on the account it names, and a record of the case and rule it rests on; one that a decision used up has another with the same, once the decision was refused or lifted. LIVE-MOD-4
WITH asked AS (
    SELECT id, seq, cause FROM ledger.decisions WHERE kind = 'freeze' AND refusal IS NULL
),
again AS (
    SELECT f.freeze, ended.kind IN ('decision_refused', 'measure_lifted')
           AND EXISTS (SELECT FROM moderation.freezes AS first JOIN asked AS a ON a.id = first.freeze
                       JOIN ledger.hold_acts AS used ON used.hold = first.freeze AND used.act = 'released'
                       JOIN moderation.decisions AS d ON d.entry = used.entry
                       WHERE (first.party, first.account, first."case", first.rule) = (f.party, f.account, f."case", f.rule)
                         AND used.entry < f.entry) AS is_right
    FROM moderation.freezes AS f
    LEFT JOIN ledger.decisions AS ended ON ended.seq = f.entry AND ended.refusal IS NULL
    WHERE NOT EXISTS (SELECT FROM asked AS a WHERE a.id = f.freeze)
)
SELECT format('freezes freeze %s: decided %s, recorded for %s of %s, held on %s of %s', coalesce(f.freeze, d.id),
              coalesce(d.seq::text, 'never'), coalesce(f.account, 'nothing'), coalesce(f.party, 'nobody'),
              coalesce(a.kind, 'nothing'), coalesce(a.owner, 'nobody'))
FROM asked AS d
FULL JOIN moderation.freezes AS f ON f.freeze = d.id
LEFT JOIN again ON again.freeze = f.freeze
LEFT JOIN ledger.hold_acts AS h ON h.hold = coalesce(d.id, f.freeze) AND h.act = 'placed'
LEFT JOIN ledger.accounts AS a ON a.id = h.account
WHERE (h.entry, a.kind::text, a.owner::text) IS DISTINCT FROM (f.entry, f.account, f.party)
   OR CASE WHEN d.id IS NULL THEN again.is_right IS NOT TRUE
           ELSE (d.seq, d.cause) IS DISTINCT FROM (f.entry, 'case:' || f."case" || ' rule:' || f.rule) END
ORDER BY coalesce(f.freeze, d.id)
LIMIT 3
