-- Every row of the registers belongs to an accepted command of its kind, and every such command has its row.
WITH kept (name, kind, entry) AS (
    SELECT 'blacklist_imports', 'blacklist_import', entry FROM moderation.blacklist_imports
    UNION ALL
    SELECT DISTINCT 'blacklist_listings', CASE WHEN is_listed THEN 'blacklist_import' ELSE 'blacklist_taken_off' END, entry
    FROM moderation.blacklist_listings
    UNION ALL
    SELECT 'blacklist_hits', 'blacklist_hit', entry FROM moderation.blacklist_hits
    UNION ALL
    SELECT 'false_identities', 'identity_false', entry FROM moderation.false_identities
    UNION ALL
    SELECT 'permissions', 'permission', entry FROM moderation.permissions
    UNION ALL
    SELECT 'permission_ends', 'permission_revoked', entry FROM moderation.permission_ends
    UNION ALL
    SELECT 'uses', 'use', entry FROM moderation.uses
    UNION ALL
    SELECT 'promises', 'promise', entry FROM moderation.promises
    UNION ALL
    SELECT 'promise_outcomes', 'promise_resolved', entry FROM moderation.promise_outcomes
    UNION ALL
    SELECT 'room_actions', 'room_action', entry FROM moderation.room_actions
    UNION ALL
    SELECT 'disclosures', 'disclosure', entry FROM moderation.disclosures
    UNION ALL
    SELECT 'tickets', 'ticket', entry FROM moderation.tickets
    UNION ALL
    SELECT 'ticket_events', CASE event WHEN 'filed' THEN 'ticket' ELSE 'ticket_' || event END || ' ' || event, entry
    FROM moderation.ticket_events
),
asked (kind, entry) AS (
    SELECT kind, seq FROM ledger.decisions WHERE refusal IS NULL AND kind IN (
        'blacklist_import', 'blacklist_taken_off', 'blacklist_hit', 'identity_false', 'permission', 'permission_revoked',
        'use', 'promise', 'promise_resolved', 'room_action', 'disclosure', 'ticket')
    UNION ALL
    SELECT kind || ' ' || CASE kind WHEN 'ticket' THEN 'filed' ELSE substr(kind, 8) END, seq
    FROM ledger.decisions WHERE refusal IS NULL AND kind IN ('ticket', 'ticket_answered', 'ticket_escalated')
)
SELECT CASE WHEN asked.entry IS NULL THEN format('%s entry %s: no accepted command put it there', kept.name, kept.entry)
            ELSE format('decisions seq %s: a %s without a row of its own', asked.entry, asked.kind) END
FROM kept FULL JOIN asked ON asked.entry = kept.entry AND asked.kind = kept.kind
WHERE asked.entry IS NULL OR kept.entry IS NULL
ORDER BY coalesce(kept.entry, asked.entry)
LIMIT 3
