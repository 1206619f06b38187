-- Each policy but the first is in force from after the moment it was published, and from after every policy published before it. LIVE-EARN-4
WITH followed AS (
    SELECT version, entry, effective_at, timestamptz 'epoch' + entry / 256 * INTERVAL '1 microsecond' AS published_at,
           lag(effective_at) OVER (ORDER BY entry) AS effective_before
    FROM settlement.policies
)
SELECT format('policies version %s (entry %s): published %s, in force from %s, the one before from %s', version, entry, published_at,
              effective_at, effective_before)
FROM followed
WHERE effective_before IS NOT NULL AND effective_at <= greatest(published_at, effective_before)
ORDER BY entry
LIMIT 3
