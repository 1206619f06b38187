-- A hold is placed once, and ended at most once, later, on the same account; never is more captured than was held.
SELECT format('hold %s: placed %s times, ended %s times, %s', hold, placed, ended,
              CASE WHEN accounts > 1 THEN 'on several accounts'
                   WHEN ended_seq < placed_seq THEN 'ended before it was placed'
                   WHEN captured_minor > held_minor THEN format('%s captured of %s', captured_minor, held_minor)
                   ELSE 'on one account' END)
FROM (
    SELECT hold, count(*) FILTER (WHERE act = 'placed') AS placed, count(*) FILTER (WHERE act <> 'placed') AS ended,
           count(DISTINCT account) AS accounts,
           min(seq) FILTER (WHERE act = 'placed') AS placed_seq, min(seq) FILTER (WHERE act <> 'placed') AS ended_seq,
           max(amount_minor) FILTER (WHERE act = 'placed') AS held_minor,
           max(amount_minor) FILTER (WHERE act = 'captured') AS captured_minor
    FROM ledger.hold_acts GROUP BY hold
) AS life
WHERE placed <> 1 OR ended > 1 OR accounts > 1 OR ended_seq < placed_seq OR captured_minor > held_minor
ORDER BY hold
LIMIT 3
