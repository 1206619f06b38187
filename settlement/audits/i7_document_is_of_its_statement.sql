-- A statement's document is the one that was issued (SHA-256), and its totals are those of the statement.
WITH read AS (
    SELECT s.*, convert_from(s.document, 'UTF8')::jsonb AS content FROM settlement.statements AS s WHERE s.document IS NOT NULL
),
told AS (
    SELECT r.*, (SELECT coalesce(sum((line ->> 'coins')::bigint), 0) FROM jsonb_array_elements(content -> 'lines') AS line) AS told_coins,
           (SELECT coalesce(sum((line ->> 'amount_minor')::bigint), 0) FROM jsonb_array_elements(content -> 'lines') AS line) AS told_minor,
           (SELECT coalesce(sum((hold ->> 'amount_minor')::bigint), 0) FROM jsonb_array_elements(content -> 'holds') AS hold) AS told_held
    FROM read AS r
)
SELECT format('statements statement %s of %s: %s', statement, streamer,
              CASE WHEN sha256 <> sha256(document) THEN 'its document is not of its SHA-256' ELSE 'its document says otherwise' END)
FROM told
WHERE sha256 <> sha256(document)
   OR (content ->> 'statement', content ->> 'run', content ->> 'streamer', content ->> 'entry', told_coins, told_minor,
       content -> 'totals' ->> 'guild_minor', content -> 'totals' ->> 'platform_minor', content -> 'totals' ->> 'held_minor')
      IS DISTINCT FROM
      (statement::text, run::text, streamer, entry::text, coins, gift_share_minor + accruals_minor,
       guild_share_minor::text, platform_share_minor::text, held_minor::text)
   OR told_held <> held_minor
ORDER BY entry
LIMIT 3
