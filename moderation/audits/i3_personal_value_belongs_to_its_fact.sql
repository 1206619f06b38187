-- Every report, appeal and ticket has what was said in it sealed, for whoever said it, and nothing else is sealed.
WITH facts (entry, party, subject, needed, allowed) AS (
    SELECT entry, reporter, report, 'text', ARRAY['text', 'name', 'number', 'contact'] FROM moderation.reports
    UNION ALL
    SELECT e.entry, r.reporter, r.report, 'number', ARRAY['name', 'number', 'contact', 'statement']
    FROM moderation.report_events AS e JOIN moderation.reports AS r ON r.report = e.report WHERE e.event = 'handed_in'
    UNION ALL
    SELECT entry, appellant, appeal, 'appeal', ARRAY['appeal'] FROM moderation.appeals
    UNION ALL
    SELECT entry, party, ticket, 'ticket', ARRAY['ticket'] FROM moderation.tickets
),
broken AS (
    SELECT f.entry, format('fact entry %s of %s has no %s', f.entry, f.party, f.needed) AS what
    FROM facts AS f
    WHERE NOT EXISTS (SELECT FROM moderation.sealed_values AS s
                      WHERE (s.entry, s.field, s.party, s.subject) = (f.entry, f.needed, f.party, f.subject))
    UNION ALL
    SELECT s.entry, format('sealed_values entry %s: %s of %s belongs to no fact', s.entry, s.field, s.party)
    FROM moderation.sealed_values AS s
    LEFT JOIN facts AS f ON (f.entry, f.party, f.subject) = (s.entry, s.party, s.subject) AND s.field = ANY (f.allowed)
    WHERE f.entry IS NULL
)
SELECT what FROM broken ORDER BY entry, what LIMIT 3
