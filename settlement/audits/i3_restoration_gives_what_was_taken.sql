-- A tip that stands again gave its streamer and guild exactly what its return had taken, in earnings and of what they owe, and its coins to where they had been.
WITH again AS (
    SELECT s.*, r.entry AS returned_entry, r.account, r.guild, gifts.owner AS streamer, r.coins, r.unsettled_coins, r.platform_minor,
           r.earnings_minor + r.debt_minor AS taken_minor, r.guild_earnings_minor + r.guild_debt_minor AS guild_taken_minor
    FROM settlement.restored_tips AS s
    LEFT JOIN settlement.returned_tips AS r ON r.tip = s.tip AND r.plan = s.plan
    LEFT JOIN ledger.accounts AS gifts ON gifts.id = r.account
),
moved AS (
    SELECT a.tip,
           coalesce(sum(t.amount_minor) FILTER (WHERE c.id = a.account), 0) AS unsettled_coins,
           coalesce(sum(t.amount_minor) FILTER (WHERE c.kind IN ('gifts', 'coins_redeemed')), 0) AS coins,
           coalesce(sum(t.amount_minor) FILTER (WHERE c.kind = 'earnings' AND c.owner = a.streamer), 0) AS earnings_minor,
           coalesce(sum(t.amount_minor) FILTER (WHERE c.kind = 'debt' AND c.owner = a.streamer), 0) AS debt_minor,
           coalesce(sum(t.amount_minor) FILTER (WHERE c.kind = 'earnings' AND c.owner = a.guild), 0) AS guild_earnings_minor,
           coalesce(sum(t.amount_minor) FILTER (WHERE c.kind = 'debt' AND c.owner = a.guild), 0) AS guild_debt_minor,
           coalesce(sum(t.amount_minor) FILTER (WHERE c.kind = 'gift_revenue'), 0) AS platform_minor,
           bool_or(d.kind IN ('wallet', 'refunds_payable')) AS from_viewer,
           bool_or(d.kind = 'adjustments') AS from_platform
    FROM again AS a
    JOIN ledger.transfers AS t ON t.seq >= a.entry AND t.seq < (a.entry / 256 + 1) * 256 AND t.entry = a.entry
    JOIN ledger.accounts AS d ON d.id = t.debit_account
    JOIN ledger.accounts AS c ON c.id = t.credit_account
    GROUP BY a.tip
)
SELECT format('restored_tips tip %s: gave %s and %s of %s and %s, and %s and %s of %s', a.tip, m.coins, m.unsettled_coins, a.coins, a.unsettled_coins,
              a.earnings_minor + a.debt_minor, a.guild_earnings_minor + a.guild_debt_minor, a.taken_minor + a.guild_taken_minor)
FROM again AS a LEFT JOIN moved AS m ON m.tip = a.tip
WHERE a.returned_entry IS NULL OR a.entry <= a.returned_entry
   OR (m.unsettled_coins, m.coins, m.platform_minor, m.earnings_minor, m.debt_minor, m.guild_earnings_minor, m.guild_debt_minor)
      IS DISTINCT FROM (a.unsettled_coins, a.coins, a.platform_minor, a.earnings_minor, a.debt_minor, a.guild_earnings_minor, a.guild_debt_minor)
   OR (a.earnings_minor + a.debt_minor, a.guild_earnings_minor + a.guild_debt_minor) <> (a.taken_minor, a.guild_taken_minor)
   OR CASE WHEN a.from_viewer THEN m.from_platform ELSE m.from_viewer END
ORDER BY a.tip
LIMIT 3
