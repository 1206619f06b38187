-- An account is barred until what its newest event of that direction says.
WITH barred AS (
    SELECT DISTINCT ON (account, event) account, event, until
    FROM ledger.account_events WHERE event <> 'opened'
    ORDER BY account, event, seq DESC
)
SELECT format('accounts id %s (%s of %s): barred until %s (outgoing) and %s (incoming), its events say %s and %s', a.id, a.kind, a.owner,
              coalesce(a.outgoing_barred_until::text, 'never'), coalesce(a.incoming_barred_until::text, 'never'),
              coalesce(outgoing.until::text, 'never'), coalesce(incoming.until::text, 'never'))
FROM ledger.accounts AS a
LEFT JOIN barred AS outgoing ON outgoing.account = a.id AND outgoing.event = 'outgoing_barred'
LEFT JOIN barred AS incoming ON incoming.account = a.id AND incoming.event = 'incoming_barred'
WHERE a.outgoing_barred_until IS DISTINCT FROM outgoing.until OR a.incoming_barred_until IS DISTINCT FROM incoming.until
ORDER BY a.id
LIMIT 3
