-- The table of payouts says what was asked, every state, and each sending say: whose it is, how much, and how it stands.
WITH standing AS (
    SELECT DISTINCT ON (e.payout) e.payout, e.state, e.number FROM settlement.payout_events AS e
    ORDER BY e.payout, e.number DESC
),
rows AS (
    SELECT r.payout, r.entry, r.payee, d.actor AS requested_by, d.occurred_at AS requested_at, r.requested_minor,
           r.offset_minor, r.amount_minor, r.policy, s.state, s.number AS events, a.actor AS approved_by,
           t.channel, t.batch, t.account, t.tax_minor
    FROM settlement.payout_requests AS r
    LEFT JOIN ledger.decisions AS d ON d.seq = r.entry AND d.id = r.payout AND d.kind = 'payout_request' AND d.refusal IS NULL
    LEFT JOIN standing AS s ON s.payout = r.payout
    LEFT JOIN settlement.payout_events AS a ON a.payout = r.payout AND a.state = 'approved'
    LEFT JOIN settlement.payout_sendings AS t ON t.payout = r.payout
),
sent AS (
    SELECT e.payout, e.entry FROM settlement.payout_events AS e WHERE e.state = 'sent'
)
SELECT found FROM (
    SELECT coalesce(p.payout, r.payout) AS payout,
           format('payout %s: stands as %s, its rows say %s', coalesce(p.payout, r.payout),
                  coalesce(concat_ws(', ', p.payee, p.requested_minor, p.offset_minor, p.amount_minor, p.state, p.events, p.approved_by, p.channel, p.tax_minor), 'nothing'),
                  coalesce(concat_ws(', ', r.payee, r.requested_minor, r.offset_minor, r.amount_minor, r.state, r.events, r.approved_by, r.channel, r.tax_minor), 'nothing')) AS found
    FROM settlement.payouts AS p FULL JOIN rows AS r ON r.payout = p.payout
    WHERE (p.payout, p.entry, p.payee, p.requested_by, p.requested_at, p.requested_minor, p.offset_minor, p.amount_minor,
           p.policy, p.state, p.events, p.approved_by, p.channel, p.batch, p.account, p.tax_minor)
          IS DISTINCT FROM
          (r.payout, r.entry, r.payee, r.requested_by, r.requested_at, r.requested_minor, r.offset_minor, r.amount_minor,
           r.policy, r.state, r.events, r.approved_by, r.channel, r.batch, r.account, r.tax_minor)
    UNION ALL
    SELECT coalesce(t.payout, s.payout), format('payout %s: is sent by seq %s, and its sending says %s', coalesce(t.payout, s.payout), s.entry, t.entry)
    FROM settlement.payout_sendings AS t FULL JOIN sent AS s ON s.payout = t.payout
    WHERE t.entry IS DISTINCT FROM s.entry
) AS broken
ORDER BY payout
LIMIT 3
