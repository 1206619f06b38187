-- Whoever is on a list was put there and taken off in turns, each time later than the time before. LIVE-BLK-1
SELECT format('blacklist_listings entry %s: number %s of list %s comes after number %s of entry %s', entry, number, list,
              coalesce(before_number, 0), coalesce(before_entry, 0))
FROM (SELECT l.*, lag(number) OVER person AS before_number, lag(entry) OVER person AS before_entry
      FROM moderation.blacklist_listings AS l
      WINDOW person AS (PARTITION BY list, number_hash ORDER BY number)) AS l
WHERE number <> coalesce(before_number, 0) + 1 OR entry <= coalesce(before_entry, 0)
ORDER BY entry
LIMIT 3
