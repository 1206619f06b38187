-- Tax was handed over by another person than who proposed it, and a proposal, its end and its entry are of one decision each.
WITH broken AS (
    SELECT r.remittance, format('was proposed by %s, and remitted by %s', r.maker, e.actor) AS what
    FROM settlement.tax_remittances AS r JOIN settlement.tax_remittance_ends AS e USING (remittance)
    WHERE e.state = 'remitted' AND substr(e.actor, strpos(e.actor, ':') + 1) = substr(r.maker, strpos(r.maker, ':') + 1)
    UNION ALL
    SELECT r.remittance, 'is of no proposal of ' || r.maker
    FROM settlement.tax_remittances AS r LEFT JOIN ledger.decisions AS d ON d.seq = r.entry AND d.refusal IS NULL
    WHERE (d.id, d.kind, d.actor) IS DISTINCT FROM (r.remittance, 'tax_remittance_proposal', r.maker)
    UNION ALL
    SELECT e.remittance, format('was %s by no decision of %s', e.state, e.actor)
    FROM settlement.tax_remittance_ends AS e
    LEFT JOIN ledger.decisions AS d ON d.seq = e.entry AND d.refusal IS NULL
    WHERE (d.kind, d.actor, d.cause) IS DISTINCT FROM
          (CASE e.state WHEN 'remitted' THEN 'tax_remittance' ELSE 'tax_remittance_withdrawal' END, e.actor, 'remittance:' || e.remittance)
    UNION ALL
    SELECT e.remittance, 'was never proposed' FROM settlement.tax_remittance_ends AS e
    WHERE NOT EXISTS (SELECT FROM settlement.tax_remittances AS r WHERE r.remittance = e.remittance)
)
SELECT format('remittance %s %s', remittance, what) FROM broken ORDER BY remittance, what LIMIT 3
