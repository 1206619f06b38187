-- An account's held amount and its number of freezes are those of its holds that no act has ended.
WITH open AS (
    SELECT placed.account AS id, sum(placed.amount_minor) AS held_minor, count(*) FILTER (WHERE placed.amount_minor IS NULL) AS freezes
    FROM ledger.hold_acts AS placed
    WHERE placed.act = 'placed'
      AND NOT EXISTS (SELECT FROM ledger.hold_acts AS ended WHERE ended.hold = placed.hold AND ended.act <> 'placed')
    GROUP BY placed.account
)
SELECT format('accounts id %s (%s of %s): %s held and %s freezes, its open holds are %s and %s', a.id, a.kind, a.owner,
              a.held_minor, a.frozen_by, coalesce(o.held_minor, 0), coalesce(o.freezes, 0))
FROM ledger.accounts AS a
LEFT JOIN open AS o USING (id)
WHERE a.held_minor <> coalesce(o.held_minor, 0) OR a.frozen_by <> coalesce(o.freezes, 0)
ORDER BY a.id
LIMIT 3
