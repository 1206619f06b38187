-- The table of holds says what the hold acts say: where, how much, until when, and how each ended.
WITH acts AS (
    SELECT placed.hold, placed.account, placed.amount_minor, placed.expires_at, placed.seq AS placed_seq,
           ended.act AS ended, ended.seq AS ended_seq
    FROM ledger.hold_acts AS placed
    LEFT JOIN ledger.hold_acts AS ended ON ended.hold = placed.hold AND ended.act <> 'placed'
    WHERE placed.act = 'placed'
)
SELECT format('holds hold %s: says %s, its acts say %s', coalesce(h.hold, a.hold),
              CASE WHEN h.hold IS NULL THEN 'nothing' ELSE concat_ws(', ', 'account ' || h.account, h.amount_minor, h.expires_at, h.placed_seq, h.ended, h.ended_seq) END,
              CASE WHEN a.hold IS NULL THEN 'nothing' ELSE concat_ws(', ', 'account ' || a.account, a.amount_minor, a.expires_at, a.placed_seq, a.ended, a.ended_seq) END)
FROM ledger.holds AS h FULL JOIN acts AS a ON a.hold = h.hold
WHERE (h.hold, h.account, h.amount_minor, h.expires_at, h.placed_seq, h.ended, h.ended_seq)
      IS DISTINCT FROM (a.hold, a.account, a.amount_minor, a.expires_at, a.placed_seq, a.ended, a.ended_seq)
ORDER BY coalesce(h.hold, a.hold)
LIMIT 3
