-- No hold is still open five minutes after its time was over: its expiry is posted.
SELECT format('hold %s: expired at %s and is still open', placed.hold, placed.expires_at)
FROM ledger.hold_acts AS placed
WHERE placed.act = 'placed' AND placed.expires_at < now() - INTERVAL '5 minutes'
  AND NOT EXISTS (SELECT FROM ledger.hold_acts AS ended WHERE ended.hold = placed.hold AND ended.act <> 'placed')
ORDER BY placed.expires_at
LIMIT 3
