-- coin_liability is, at 10 fen a coin, the coins in wallets, grants and gifts.
SELECT format('coin_liability is %s fen, but %s coins are in wallets, grants and gifts', liability_minor, coins)
FROM (
    SELECT coalesce(sum(credits_minor - debits_minor) FILTER (WHERE kind = 'coin_liability'), 0) AS liability_minor,
           coalesce(sum(credits_minor - debits_minor) FILTER (WHERE kind IN ('wallet', 'grants', 'gifts')), 0) AS coins
    FROM ledger.accounts
) AS backing
WHERE liability_minor <> coins * 10
