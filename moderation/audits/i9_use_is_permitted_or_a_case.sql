-- Every use rests on a permission that the party had for it then, or opened a case about the party. LIVE-PRIN-2
SELECT format('uses use %s: permission %s, case %s', u.use, coalesce(p.permission::text, 'none'), coalesce(c."case", 'none'))
FROM moderation.uses AS u
LEFT JOIN moderation.permissions AS p
  ON p.permission = u.permission AND p.party = u.party AND p.allows = u.needs AND p.entry < u.entry
 AND p.valid_from <= u.used_at AND (p.valid_until IS NULL OR u.used_at < p.valid_until)
LEFT JOIN moderation.cases AS c ON c."case" = u."case" AND c.party = u.party AND c.entry = u.entry
WHERE p.permission IS NULL AND c."case" IS NULL
ORDER BY u.entry
LIMIT 3
