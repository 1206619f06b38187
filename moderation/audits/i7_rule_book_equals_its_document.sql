-- A published rule book's hash is that of its document, and the document says the version and the time it is in force from. LIVE-RULE-1
WITH said AS (
    SELECT version, entry, effective_at, sha256, sha256(document) AS hash, convert_from(document, 'UTF8')::jsonb AS document
    FROM moderation.rule_books
)
SELECT format('rule_books version %s (entry %s): in force from %s, sha256 %s; its document: %s from %s, sha256 %s', version, entry,
              effective_at, encode(sha256, 'hex'), document ->> 'version', document ->> 'effective_at', encode(hash, 'hex'))
FROM said
WHERE (hash, document ->> 'version', (document ->> 'effective_at')::timestamptz) IS DISTINCT FROM (sha256, version, effective_at)
ORDER BY entry
LIMIT 3
