-- Every promise that was not kept opened a case about the streamer who made it. LIVE-PROMISE-1
SELECT format('promise_outcomes promise %s: made by %s, case about %s', o.promise, coalesce(p.streamer, 'nobody'),
              coalesce(c.party, 'nobody'))
FROM moderation.promise_outcomes AS o
LEFT JOIN moderation.promises AS p ON p.promise = o.promise AND p.entry < o.entry
LEFT JOIN moderation.cases AS c ON c."case" = o."case" AND c.entry = o.entry
WHERE p.promise IS NULL OR (NOT o.is_kept AND c.party IS DISTINCT FROM p.streamer)
ORDER BY o.entry
LIMIT 3
