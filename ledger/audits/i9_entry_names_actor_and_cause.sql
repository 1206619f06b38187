-- Every decision names its actor as role:subject and keeps the hash of its content; every accepted one names its cause.
SELECT format('decisions seq %s: %s', seq,
              CASE WHEN actor !~ '^[a-z]+:.' THEN format('its actor is %L', actor)
                   WHEN length(content_hash) <> 32 THEN 'has no content hash'
                   ELSE 'has no cause' END)
FROM ledger.decisions
WHERE actor !~ '^[a-z]+:.' OR length(content_hash) <> 32 OR refusal IS NULL AND cause !~ '\S'
ORDER BY seq
LIMIT 3
