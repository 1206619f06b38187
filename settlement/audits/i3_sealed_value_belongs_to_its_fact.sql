-- Every verification and payee account has what it needs sealed, for its own party, and nothing else is sealed.
WITH facts (entry, party, needed, allowed) AS (
    SELECT entry, party, ARRAY['name', 'number'],
           ARRAY['name', 'number', CASE kind WHEN 'person' THEN 'birth_date' ELSE 'representative' END]
    FROM settlement.verifications
    UNION ALL
    SELECT entry, party, ARRAY['account', 'holder'], ARRAY['account', 'holder'] FROM settlement.payee_accounts
),
broken AS (
    SELECT f.entry, format('fact entry %s of %s has no %s', f.entry, f.party, need.field) AS what
    FROM facts AS f CROSS JOIN unnest(f.needed) AS need (field)
    WHERE NOT EXISTS (SELECT FROM settlement.sealed_values AS s
                      WHERE (s.entry, s.field, s.party) = (f.entry, need.field, f.party))
    UNION ALL
    SELECT s.entry, format('sealed_values entry %s: %s of %s belongs to no fact', s.entry, s.field, s.party)
    FROM settlement.sealed_values AS s
    LEFT JOIN facts AS f ON f.entry = s.entry AND f.party = s.party AND s.field = ANY (f.allowed)
    WHERE f.entry IS NULL
)
SELECT what FROM broken ORDER BY entry, what LIMIT 3
