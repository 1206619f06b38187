-- Every accepted freeze has one hold with its id, on the account it names, and a record of the case and rule it rests on. LIVE-MOD-4
SELECT format('freezes freeze %s: decided %s, recorded for %s of %s, held on %s of %s', coalesce(f.freeze, d.id),
              coalesce(d.seq::text, 'never'), coalesce(f.account, 'nothing'), coalesce(f.party, 'nobody'),
              coalesce(a.kind, 'nothing'), coalesce(a.owner, 'nobody'))
FROM (SELECT id, seq, cause FROM ledger.decisions WHERE kind = 'freeze' AND refusal IS NULL) AS d
FULL JOIN moderation.freezes AS f ON f.freeze = d.id
LEFT JOIN ledger.hold_acts AS h ON h.hold = d.id AND h.act = 'placed'
LEFT JOIN ledger.accounts AS a ON a.id = h.account
WHERE (d.seq, d.seq, a.kind::text, a.owner::text, d.cause)
      IS DISTINCT FROM (f.entry, h.entry, f.account, f.party, 'case:' || f."case" || ' rule:' || f.rule)
ORDER BY coalesce(f.freeze, d.id)
LIMIT 3
