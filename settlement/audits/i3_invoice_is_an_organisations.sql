-- When an invoice was handed in, its party had last been verified as an organisation. LIVE-ROLE-1
SELECT format('invoices entry %s of %s: it was %s then', i.entry, i.party, coalesce('a ' || v.kind, 'not verified'))
FROM settlement.invoices AS i
LEFT JOIN LATERAL (
    SELECT kind FROM settlement.verifications AS v
    WHERE v.party = i.party AND v.entry < i.entry ORDER BY v.entry DESC LIMIT 1
) AS v ON true
WHERE v.kind IS DISTINCT FROM 'organisation'
ORDER BY i.entry
LIMIT 3
