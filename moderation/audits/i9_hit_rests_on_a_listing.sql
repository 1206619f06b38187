-- Every hit is of somebody who had been put on that list before, and opened its case about that party. LIVE-BLK-1
SELECT format('blacklist_hits hit %s: listed %s, and case %s is about %s', h.hit,
              coalesce(l.entry::text, 'never'), h."case", coalesce(c.party, 'nobody'))
FROM moderation.blacklist_hits AS h
LEFT JOIN moderation.blacklist_listings AS l
  ON l.list = h.list AND l.number_hash = h.number_hash AND l.number = h.number AND l.is_listed AND l.entry < h.entry
LEFT JOIN moderation.cases AS c ON c."case" = h."case" AND c.entry = h.entry
WHERE l.entry IS NULL OR c.party IS DISTINCT FROM h.party
ORDER BY h.entry
LIMIT 3
