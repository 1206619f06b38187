-- Tax that was handed over left the tax withheld for the bank, a debt paid in came from the bank into the debt, as much as is written, and what was only proposed moved nothing.
WITH wanted AS (
    SELECT 'tax_remittance' AS kind, e.entry, 'tax_withheld' AS debit, 'bank' AS credit, 'platform' AS debtor, 'platform' AS creditor, r.amount_minor
    FROM settlement.tax_remittance_ends AS e JOIN settlement.tax_remittances AS r USING (remittance)
    WHERE e.state = 'remitted'
    UNION ALL
    SELECT 'debt_payment', entry, 'bank', 'debt', 'platform', party, amount_minor FROM settlement.debt_payments
),
moved AS (
    SELECT d.kind::text, d.seq AS entry, debit.kind::text AS debit, credit.kind::text AS credit, debit.owner::text AS debtor,
           credit.owner::text AS creditor, t.amount_minor
    FROM ledger.decisions AS d
    JOIN ledger.transfers AS t ON t.entry = d.seq
    JOIN ledger.accounts AS debit ON debit.id = t.debit_account
    JOIN ledger.accounts AS credit ON credit.id = t.credit_account
    WHERE d.kind IN ('tax_remittance_proposal', 'tax_remittance', 'tax_remittance_withdrawal', 'debt_payment')
),
broken AS (
    SELECT kind, entry, format('never moved %s fen from %s of %s to %s of %s', amount_minor, debit, debtor, credit, creditor) AS what
    FROM (SELECT * FROM wanted EXCEPT ALL SELECT * FROM moved) AS missing
    UNION ALL
    SELECT kind, entry, format('moved %s fen from %s of %s to %s of %s', amount_minor, debit, debtor, credit, creditor)
    FROM (SELECT * FROM moved EXCEPT ALL SELECT * FROM wanted) AS surplus
)
SELECT format('%s seq %s %s', kind, entry, what) FROM broken ORDER BY entry, what LIMIT 3
