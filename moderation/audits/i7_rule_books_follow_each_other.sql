-- Each rule book is in force from after the moment it was published, and from after every rule book published before it. LIVE-RULE-1
WITH followed AS (
    SELECT version, entry, effective_at, timestamptz 'epoch' + entry / 256 * INTERVAL '1 microsecond' AS published_at,
           lag(effective_at) OVER (ORDER BY entry) AS effective_before
    FROM moderation.rule_books
)
SELECT format('rule_books version %s (entry %s): published %s, in force from %s, the one before from %s', version, entry, published_at,
              effective_at, effective_before)
FROM followed
WHERE effective_at <= greatest(published_at, effective_before)
ORDER BY entry
LIMIT 3
