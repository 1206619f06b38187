-- The money of every payout stands held on its payee's earnings until it is answered: then captured if it was paid, released if not; no hold of a payout is without one.
WITH standing AS (
    SELECT DISTINCT ON (r.payout) r.payout, r.payee, r.amount_minor, r.entry, e.state, e.entry AS ended_by
    FROM settlement.payout_requests AS r
    LEFT JOIN settlement.payout_events AS e ON e.payout = r.payout AND e.state <> 'returned'
    ORDER BY r.payout, e.number DESC
),
wanted AS (
    SELECT payout, payee, amount_minor, entry, state,
           CASE WHEN state IN ('requested', 'approved', 'sent', 'unknown') THEN NULL
                WHEN state = 'paid' THEN 'captured' ELSE 'released' END AS act,
           CASE WHEN state NOT IN ('requested', 'approved', 'sent', 'unknown') THEN ended_by END AS ended_by
    FROM standing
),
holds AS (
    SELECT placed.hold, a.kind, a.owner, placed.amount_minor, placed.entry, placed.expires_at, ended.act, ended.entry AS ended_by
    FROM ledger.hold_acts AS placed
    JOIN ledger.decisions AS d ON d.seq = placed.entry AND d.kind = 'payout_request'
    JOIN ledger.accounts AS a ON a.id = placed.account
    LEFT JOIN ledger.hold_acts AS ended ON ended.hold = placed.hold AND ended.act <> 'placed'
    WHERE placed.act = 'placed'
)
SELECT format('payout %s: %s, and %s fen are to be held on earnings of %s; found %s fen on %s of %s, %s', coalesce(w.payout, h.hold),
              coalesce(w.state, 'not there'), coalesce(w.amount_minor, 0), coalesce(w.payee, 'nobody'), coalesce(h.amount_minor, 0),
              coalesce(h.kind, 'nothing'), coalesce(h.owner, 'nobody'), coalesce(h.act, 'open'))
FROM wanted AS w FULL JOIN holds AS h ON h.hold = w.payout
WHERE (w.payout, 'earnings', w.payee, w.amount_minor, w.entry, NULL::timestamptz, w.act, w.ended_by)
      IS DISTINCT FROM (h.hold, h.kind::text, h.owner::text, h.amount_minor, h.entry, h.expires_at, h.act, h.ended_by)
ORDER BY coalesce(w.payout, h.hold)
LIMIT 3
