-- What is recorded as taken was taken by a statement's entry from that very account, and every such taking is recorded.
WITH takers AS (
    SELECT DISTINCT t.debit_account AS account, s.entry
    FROM settlement.statements AS s
    JOIN ledger.transfers AS t ON t.entry = s.entry
    JOIN ledger.accounts AS a ON a.id = t.debit_account AND a.kind IN ('gifts', 'accruals')
    WHERE s.document IS NOT NULL
)
SELECT format('takings account %s entry %s: %s', coalesce(k.account, t.account), coalesce(k.entry, t.entry),
              CASE WHEN t.entry IS NULL THEN 'nothing was taken there' ELSE 'it is not recorded' END)
FROM takers AS t FULL JOIN settlement.takings AS k ON k.account = t.account AND k.entry = t.entry
WHERE t.entry IS NULL OR k.entry IS NULL
ORDER BY 1
LIMIT 3
