-- What an entry captured on an account is what it moved out of it.
WITH captured AS (
    SELECT h.entry, h.account, a.normal_side, sum(h.amount_minor) AS captured_minor
    FROM ledger.hold_acts AS h JOIN ledger.accounts AS a ON a.id = h.account
    WHERE h.act = 'captured'
    GROUP BY h.entry, h.account, a.normal_side
)
SELECT format('entry seq %s: captured %s on account %s, but moved %s', c.entry, c.captured_minor, c.account, coalesce(sum(t.amount_minor), 0))
FROM captured AS c
LEFT JOIN ledger.transfers AS t
  ON t.seq > c.entry AND t.seq < (c.entry / 256 + 1) * 256 AND t.entry = c.entry
 AND c.account = CASE c.normal_side WHEN 'credit' THEN t.debit_account ELSE t.credit_account END
GROUP BY c.entry, c.account, c.captured_minor
HAVING c.captured_minor IS DISTINCT FROM coalesce(sum(t.amount_minor), 0)
ORDER BY c.entry
LIMIT 3
