-- An accepted tip has one record and one transfer: price times quantity, from a wallet to gifts. LIVE-TIP-2
WITH tip AS (
    SELECT d.seq, r.entry AS record, r.price_coins::numeric * r.quantity AS coins,
           t.amount_minor, payer.kind AS payer, payee.kind AS payee
    FROM ledger.decisions AS d
    LEFT JOIN ledger.tips AS r ON r.entry = d.seq
    LEFT JOIN ledger.transfers AS t ON t.seq = d.seq AND t.entry = d.seq
    LEFT JOIN ledger.accounts AS payer ON payer.id = t.debit_account
    LEFT JOIN ledger.accounts AS payee ON payee.id = t.credit_account
    WHERE d.kind = 'tip' AND d.refusal IS NULL
),
broken AS (
    SELECT seq, CASE WHEN record IS NULL THEN 'has no record'
                     WHEN amount_minor IS NULL THEN 'moved nothing'
                     ELSE format('moved %s from %s to %s, but cost %s', amount_minor, payer, payee, coins) END AS what
    FROM tip
    WHERE record IS NULL OR amount_minor IS DISTINCT FROM coins OR payer <> 'wallet' OR payee <> 'gifts'
    UNION ALL
    SELECT t.seq, format('is a second transfer of the tip %s', t.entry)
    FROM ledger.transfers AS t JOIN ledger.decisions AS d ON d.seq = t.entry
    WHERE t.seq <> t.entry AND d.kind = 'tip'
)
SELECT format('tip seq %s: %s', seq, what) FROM broken ORDER BY seq LIMIT 3
