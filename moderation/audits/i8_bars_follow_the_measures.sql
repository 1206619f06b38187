-- An account row says until when its owner may not do what its measures in force keep from: the latest end of them. LIVE-MOD-6
WITH side (feature, kind, direction) AS (
    VALUES ('tip', 'wallet', 'outgoing'), ('top_up', 'wallet', 'incoming'), ('receive', 'gifts', 'incoming'),
           ('stream', 'accruals', 'incoming'), ('withdraw', 'earnings', 'outgoing')
),
keeps (measure, feature) AS (
    VALUES ('pause', 'stream'), ('legal_hold', 'withdraw'),
           ('suspend_service', 'stream'), ('suspend_service', 'receive'), ('suspend_service', 'tip'), ('suspend_service', 'top_up'),
           ('terminate_service', 'stream'), ('terminate_service', 'receive'), ('terminate_service', 'tip'), ('terminate_service', 'top_up'),
           ('close_account', 'stream'), ('close_account', 'receive'), ('close_account', 'tip'), ('close_account', 'top_up'),
           ('recover_account', 'stream'), ('recover_account', 'receive'), ('recover_account', 'tip'), ('recover_account', 'top_up'),
           ('recover_account', 'withdraw')
),
imposed AS (
    SELECT m.party, coalesce(m.feature, k.feature) AS feature, max(coalesce(least(m.until, s.until), '2999-12-31 00:00:00+00')) AS until
    FROM moderation.measures AS m
    LEFT JOIN keeps AS k ON k.measure = m.kind
    LEFT JOIN (SELECT measure, min(until) AS until FROM moderation.shortened_measures GROUP BY measure) AS s ON s.measure = m.measure
    WHERE NOT EXISTS (SELECT FROM moderation.measure_ends AS e WHERE e.measure = m.measure)
    GROUP BY m.party, coalesce(m.feature, k.feature)
),
stands AS (
    SELECT a.id, a.kind, a.owner, s.direction, i.until AS wanted,
           CASE s.direction WHEN 'outgoing' THEN a.outgoing_barred_until ELSE a.incoming_barred_until END AS until
    FROM ledger.accounts AS a
    JOIN side AS s ON s.kind = a.kind
    LEFT JOIN imposed AS i ON i.party = a.owner AND i.feature = s.feature
)
SELECT format('accounts id %s (%s of %s): %s barred until %s, its measures say %s', id, kind, owner, direction, coalesce(until::text, 'never'),
              coalesce(wanted::text, 'never'))
FROM stands
WHERE CASE WHEN until > now() THEN until END IS DISTINCT FROM CASE WHEN wanted > now() THEN wanted END
ORDER BY id
LIMIT 3
