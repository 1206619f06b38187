-- Every accepted verification, payee account and invoice has one record of its party and time, and there is no other record.
WITH records (entry, kind, cause, occurred_at) AS (
    SELECT entry, 'verification', format('party:%s as:%s', party, kind), occurred_at FROM settlement.verifications
    UNION ALL
    SELECT entry, 'payee_account', format('party:%s channel:%s', party, channel), occurred_at FROM settlement.payee_accounts
    UNION ALL
    SELECT entry, 'invoice', format('party:%s invoice:%s', party, number), occurred_at FROM settlement.invoices
),
decided AS (
    SELECT seq, kind, cause, occurred_at FROM ledger.decisions
    WHERE kind IN ('verification', 'payee_account', 'invoice') AND refusal IS NULL
)
SELECT format('%s seq %s: its decision is %s, its record %s', coalesce(d.kind, r.kind), coalesce(d.seq, r.entry),
              coalesce(d.cause, 'not there'), coalesce(r.cause, 'not there'))
FROM decided AS d FULL JOIN records AS r ON r.entry = d.seq
WHERE (d.kind, d.cause, d.occurred_at) IS DISTINCT FROM (r.kind, r.cause, r.occurred_at)
ORDER BY coalesce(d.seq, r.entry)
LIMIT 3
