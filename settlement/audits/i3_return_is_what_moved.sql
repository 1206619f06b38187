-- A tip that went back moved what is written of it, all of it to whoever gave it, out of its streamer's gifts and of the shares of those who were credited.
WITH back AS (
    SELECT r.*, gifts.owner AS streamer, giver.owner AS viewer, tip.amount_minor AS given,
           p.kind AS plan_kind, planned.viewer AS planned_viewer, planned.streamer AS planned_streamer, planned.coins AS planned_coins
    FROM settlement.returned_tips AS r
    LEFT JOIN ledger.transfers AS tip ON tip.seq = r.receipt AND tip.entry = r.tip AND tip.credit_account = r.account
    LEFT JOIN ledger.accounts AS gifts ON gifts.id = r.account AND gifts.kind = 'gifts'
    LEFT JOIN ledger.accounts AS giver ON giver.id = tip.debit_account AND giver.kind = 'wallet'
    LEFT JOIN settlement.planned_returns AS planned ON planned.plan = r.plan AND planned.tip = r.tip
    LEFT JOIN settlement.return_plans AS p ON p.plan = r.plan
),
moved AS (
    SELECT b.tip,
           coalesce(sum(t.amount_minor) FILTER (WHERE d.kind = 'gifts' AND d.id = b.account), 0) AS unsettled_coins,
           coalesce(sum(t.amount_minor) FILTER (WHERE d.kind IN ('gifts', 'coins_redeemed')
               AND (b.plan_kind = 'minor' AND c.kind = 'coins_issued' OR b.plan_kind = 'unlawful' AND c.kind = 'wallet' AND c.owner = b.viewer)), 0) AS coins,
           coalesce(sum(t.amount_minor) FILTER (WHERE d.kind = 'earnings' AND d.owner = b.streamer), 0) AS earnings_minor,
           coalesce(sum(t.amount_minor) FILTER (WHERE d.kind = 'debt' AND d.owner = b.streamer), 0) AS debt_minor,
           coalesce(sum(t.amount_minor) FILTER (WHERE d.kind = 'earnings' AND d.owner = b.guild), 0) AS guild_earnings_minor,
           coalesce(sum(t.amount_minor) FILTER (WHERE d.kind = 'debt' AND d.owner = b.guild), 0) AS guild_debt_minor,
           coalesce(sum(t.amount_minor) FILTER (WHERE d.kind = 'gift_revenue'), 0) AS platform_minor,
           coalesce(sum(t.amount_minor) FILTER (WHERE c.kind = 'refunds_payable' AND c.owner = b.viewer), 0) AS refund_minor,
           coalesce(sum(t.amount_minor) FILTER (WHERE c.kind = 'promotion_expense'), 0) AS promotion_minor
    FROM back AS b
    JOIN ledger.transfers AS t ON t.seq >= b.entry AND t.seq < (b.entry / 256 + 1) * 256 AND t.entry = b.entry
    JOIN ledger.accounts AS d ON d.id = t.debit_account
    JOIN ledger.accounts AS c ON c.id = t.credit_account
    GROUP BY b.tip
),
broken AS (
    SELECT b.tip, 'did not move what is written' AS what
    FROM back AS b LEFT JOIN moved AS m ON m.tip = b.tip
    WHERE (b.unsettled_coins, b.coins, b.earnings_minor, b.debt_minor, b.guild_earnings_minor, b.guild_debt_minor, b.platform_minor, b.refund_minor, b.promotion_minor)
          IS DISTINCT FROM (m.unsettled_coins, m.coins, m.earnings_minor, m.debt_minor, m.guild_earnings_minor, m.guild_debt_minor, m.platform_minor, m.refund_minor, m.promotion_minor)
    UNION ALL
    SELECT tip, 'is more than was given, or not what was planned' FROM back
    WHERE given IS NULL OR coins > given OR entry <= tip
       OR (viewer, streamer, coins) IS DISTINCT FROM (planned_viewer, planned_streamer, planned_coins)
    UNION ALL
    SELECT coalesce(b.tip, g.tip), 'went back out of what was received again of something else' FROM back AS b
    FULL JOIN (
        SELECT o.tip, sum(o.coins) AS coins, min(o.entry) AS entry, max(o.entry) AS last_entry,
               bool_and(m.coins >= o.coins AND m.account = o.account AND came.entry = o.received_by AND came.credit_account = o.account) AS is_its
        FROM settlement.returned_again AS o
        LEFT JOIN settlement.received_again_tips AS m ON m.entry = o.received_by AND m.tip = o.tip
        LEFT JOIN ledger.transfers AS came ON came.seq = o.receipt
        GROUP BY o.tip
    ) AS g ON g.tip = b.tip
    WHERE coalesce(b.again_coins, 0) <> coalesce(g.coins, 0)
       OR g.tip IS NOT NULL AND (NOT coalesce(g.is_its, false) OR (g.entry, g.last_entry) IS DISTINCT FROM (b.entry, b.entry))
    UNION ALL
    SELECT b.tip, 'was reversed too' FROM back AS b JOIN ledger.reversals AS r ON r.reversed = b.tip
    UNION ALL
    SELECT d.seq, 'went back, and it is not written' FROM ledger.decisions AS d
    WHERE d.kind = 'tip_return' AND d.refusal IS NULL AND NOT EXISTS (SELECT FROM settlement.returned_tips AS r WHERE r.entry = d.seq)
)
SELECT format('returned_tips tip %s: %s', tip, what) FROM broken ORDER BY tip, what LIMIT 3
