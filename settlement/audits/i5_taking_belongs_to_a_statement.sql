-- What is recorded as taken was taken by a statement's entry from that very account, or seen there when a tip went back; and every taking is recorded.
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
WHERE k.entry IS NULL
   OR t.entry IS NULL AND NOT EXISTS (SELECT FROM settlement.returned_tips AS r
                                      WHERE r.account = k.account AND r.entry = k.entry AND r.unsettled_coins > 0)
ORDER BY 1
LIMIT 3
