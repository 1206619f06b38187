-- Only a hold whose time was over expired; none was captured or released after its time.
SELECT format('hold %s: %s at %s, though its time ended %s', placed.hold, ended.act,
              timestamptz 'epoch' + ended.seq / 256 * INTERVAL '1 microsecond', coalesce(placed.expires_at::text, 'never'))
FROM ledger.hold_acts AS placed
JOIN ledger.hold_acts AS ended ON ended.hold = placed.hold AND ended.act <> 'placed'
WHERE placed.act = 'placed'
  AND CASE ended.act
      WHEN 'expired' THEN placed.expires_at IS NULL OR placed.expires_at > timestamptz 'epoch' + ended.seq / 256 * INTERVAL '1 microsecond'
      -- Judged by the clock before the batch, whose numbers may lie ahead of it by less than a second.
      ELSE placed.expires_at <= timestamptz 'epoch' + ended.seq / 256 * INTERVAL '1 microsecond' - INTERVAL '1 second' END
ORDER BY ended.seq
LIMIT 3
