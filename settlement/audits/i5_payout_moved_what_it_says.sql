-- A payout moved its debts' part when asked, its net to the bank and its tax to the tax withheld when paid, the same back when returned, and nothing otherwise or again.
WITH payouts AS (
    SELECT r.payout, r.payee, r.offset_minor, r.amount_minor, s.tax_minor FROM settlement.payout_requests AS r
    LEFT JOIN settlement.payout_sendings AS s ON s.payout = r.payout
),
entries AS (
    SELECT DISTINCT e.payout, e.entry, d.kind FROM settlement.payout_events AS e JOIN ledger.decisions AS d ON d.seq = e.entry
),
wanted AS (
    SELECT e.payout, e.entry, w.debit, w.debit_owner, w.credit, w.credit_owner, w.amount_minor
    FROM entries AS e JOIN payouts AS p ON p.payout = e.payout
    CROSS JOIN LATERAL (VALUES
        ('payout_request', 'earnings', p.payee, 'debt', p.payee, p.offset_minor),
        ('payout_paid', 'earnings', p.payee, 'bank', 'platform', p.amount_minor - p.tax_minor),
        ('payout_paid', 'earnings', p.payee, 'tax_withheld', 'platform', p.tax_minor),
        ('payout_returned', 'bank', 'platform', 'earnings', p.payee, p.amount_minor - p.tax_minor),
        ('payout_returned', 'tax_withheld', 'platform', 'earnings', p.payee, p.tax_minor)
    ) AS w (kind, debit, debit_owner, credit, credit_owner, amount_minor)
    WHERE w.kind = e.kind AND w.amount_minor <> 0
),
moved AS (
    SELECT e.payout, e.entry, debit.kind::text AS debit, debit.owner::text AS debit_owner, credit.kind::text AS credit,
           credit.owner::text AS credit_owner, t.amount_minor
    FROM entries AS e
    JOIN ledger.transfers AS t ON t.entry = e.entry
    JOIN ledger.accounts AS debit ON debit.id = t.debit_account
    JOIN ledger.accounts AS credit ON credit.id = t.credit_account
),
broken AS (
    SELECT payout, entry, format('never moved %s fen from %s of %s to %s of %s', amount_minor, debit, debit_owner, credit, credit_owner) AS what
    FROM (SELECT * FROM wanted EXCEPT ALL SELECT * FROM moved) AS missing
    UNION ALL
    SELECT payout, entry, format('moved %s fen from %s of %s to %s of %s', amount_minor, debit, debit_owner, credit, credit_owner)
    FROM (SELECT * FROM moved EXCEPT ALL SELECT * FROM wanted) AS surplus
    UNION ALL
    SELECT e.payout, e.entry, 'was undone by seq ' || r.entry
    FROM entries AS e JOIN ledger.reversals AS r ON r.reversed = e.entry
)
SELECT format('payout %s: seq %s %s', payout, entry, what) FROM broken ORDER BY payout, entry, what LIMIT 3
