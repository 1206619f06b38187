-- When a payout of an organisation was sent, the invoices it had handed in covered it and all others, paid or in flight. LIVE-ROLE-1
SELECT format('payout %s of %s: %s fen were paid or in flight, invoices were over %s', i.payout, i.payee, paid.minor, invoiced.minor)
FROM settlement.payout_income AS i
JOIN LATERAL (SELECT kind FROM settlement.verifications AS v
              WHERE v.party = i.payee AND v.entry < i.entry ORDER BY v.entry DESC LIMIT 1) AS v ON v.kind = 'organisation'
CROSS JOIN LATERAL (SELECT sum(gross_minor) AS minor FROM settlement.payout_income AS other
                    WHERE other.payee = i.payee AND other.entry <= i.entry) AS paid
CROSS JOIN LATERAL (SELECT coalesce(sum(amount_minor), 0) AS minor FROM settlement.invoices AS one
                    WHERE one.party = i.payee AND one.entry < i.entry) AS invoiced
WHERE i.gross_minor > 0 AND invoiced.minor < paid.minor
ORDER BY i.entry
LIMIT 3
