-- When an account was set, its holder had the name the party was last verified by, and an organisation's was at a bank.
SELECT format('payee_accounts entry %s of %s: %s', a.entry, a.party,
              CASE WHEN v.entry IS NULL THEN 'nobody had been verified'
                   WHEN v.name_hash <> a.holder_hash THEN 'its holder is somebody else'
                   ELSE format('an organisation is paid through %s', a.channel) END)
FROM settlement.payee_accounts AS a
LEFT JOIN LATERAL (
    SELECT * FROM settlement.verifications AS v
    WHERE v.party = a.party AND v.entry < a.entry ORDER BY v.entry DESC LIMIT 1
) AS v ON true
WHERE v.entry IS NULL OR v.name_hash <> a.holder_hash OR v.kind = 'organisation' AND a.channel <> 'bank'
ORDER BY a.entry
LIMIT 3
