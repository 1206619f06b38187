-- A clean period ends sooner than was decided only as another measure of the decision, on the same person, ended before its time.
SELECT format('shortened_measures measure %s entry %s: ends %s, was decided until %s as %s', s.measure, s.entry, s.until,
              coalesce(m.until::text, 'no end'), coalesce(m.because, 'nothing'))
FROM moderation.shortened_measures AS s
LEFT JOIN moderation.measures AS m ON m.measure = s.measure
WHERE m.because IS DISTINCT FROM 'clean_period' OR s.until >= m.until
   OR NOT EXISTS (SELECT FROM moderation.measure_ends AS e JOIN moderation.measures AS other ON other.measure = e.measure
                  WHERE e.entry = s.entry AND (other.decision, other.party) = (m.decision, m.party) AND other.measure <> m.measure)
ORDER BY s.entry, s.measure
LIMIT 3
