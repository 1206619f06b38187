-- Hold acts, account events and the records of tips, prices, limits, top-ups and reversals belong to an accepted entry of their kind: a refusal left nothing.
WITH records (name, entry, kinds) AS (
    SELECT 'hold_acts seq ' || seq, entry, CASE WHEN act = 'expired' THEN ARRAY['expiry'] END FROM ledger.hold_acts
    UNION ALL SELECT 'account_events seq ' || seq, entry, NULL FROM ledger.account_events
    UNION ALL SELECT 'gift_prices entry ' || entry, entry, ARRAY['gift'] FROM ledger.gift_prices
    UNION ALL SELECT 'tip_limits entry ' || entry, entry, ARRAY['limit'] FROM ledger.tip_limits
    UNION ALL SELECT 'top_ups entry ' || entry, entry, ARRAY['topup'] FROM ledger.top_ups
    UNION ALL SELECT 'reversals entry ' || entry, entry, ARRAY['reversal'] FROM ledger.reversals
),
misplaced AS (
    SELECT r.name, r.entry, d.seq, d.kind, d.refusal
    FROM records AS r LEFT JOIN ledger.decisions AS d ON d.seq = r.entry
    WHERE d.seq IS NULL OR d.refusal IS NOT NULL OR d.kind <> ALL (r.kinds)
    UNION ALL
    SELECT 'tips entry ' || t.entry, t.entry, d.seq, d.kind, d.refusal
    FROM ledger.tips AS t LEFT JOIN ledger.decisions AS d ON d.seq = t.entry
    WHERE d.seq IS NULL OR d.refusal IS NOT NULL OR d.kind <> 'tip'
)
SELECT format('%s: %s', name,
              CASE WHEN seq IS NULL THEN 'its entry is not there'
                   WHEN refusal IS NOT NULL THEN format('its entry was refused (%s)', refusal)
                   ELSE format('its entry is of kind %s', kind) END)
FROM misplaced
ORDER BY entry
LIMIT 3
