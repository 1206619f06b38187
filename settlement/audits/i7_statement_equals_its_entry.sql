-- A statement says what its entry moved and held: coins redeemed, the shares of their face value, accruals; and every settlement entry has one statement, of its run.
WITH moved AS (
    SELECT t.entry, count(*) AS transfers,
           sum(t.amount_minor) FILTER (WHERE debit.kind = 'gifts' AND credit.kind = 'coins_redeemed') AS coins,
           sum(t.amount_minor) FILTER (WHERE debit.kind = 'coin_liability' AND credit.kind = 'earnings' AND credit.owner = s.streamer) AS gift_share_minor,
           sum(t.amount_minor) FILTER (WHERE debit.kind = 'coin_liability' AND credit.kind = 'earnings' AND credit.owner <> s.streamer) AS guild_share_minor,
           sum(t.amount_minor) FILTER (WHERE debit.kind = 'coin_liability' AND credit.kind = 'gift_revenue') AS platform_share_minor,
           sum(t.amount_minor) FILTER (WHERE debit.kind = 'accruals' AND credit.kind = 'earnings') AS accruals_minor,
           count(*) FILTER (WHERE debit.kind = 'accruals' AND credit.owner <> s.streamer
                               OR debit.kind IN ('gifts', 'accruals') AND debit.owner <> s.streamer) AS strangers,
           count(*) FILTER (WHERE debit.kind = 'coin_liability' AND credit.kind = 'earnings' AND credit.owner <> s.streamer) AS guilds
    FROM ledger.decisions AS d
    JOIN settlement.statements AS s ON s.entry = d.seq
    JOIN ledger.transfers AS t ON t.entry = d.seq
    JOIN ledger.accounts AS debit ON debit.id = t.debit_account
    JOIN ledger.accounts AS credit ON credit.id = t.credit_account
    WHERE d.kind = 'settlement' AND d.refusal IS NULL
    GROUP BY t.entry
),
held AS (
    SELECT s.entry, sum(h.amount_minor) AS minor
    FROM settlement.statements AS s
    JOIN ledger.hold_acts AS h ON h.entry = s.entry AND h.act = 'placed'
    JOIN ledger.accounts AS a ON a.id = h.account AND a.owner = s.streamer
    GROUP BY s.entry
)
SELECT format('statements run %s streamer %s (entry %s): says %s coins, %s + %s + %s fen, %s accrued, %s held; moved %s coins, %s + %s + %s fen, %s accrued, %s held',
              s.run, s.streamer, coalesce(s.entry, d.seq), s.coins, s.gift_share_minor, s.guild_share_minor, s.platform_share_minor, s.accruals_minor, s.held_minor,
              coalesce(m.coins, 0), coalesce(m.gift_share_minor, 0), coalesce(m.guild_share_minor, 0), coalesce(m.platform_share_minor, 0),
              coalesce(m.accruals_minor, 0), coalesce(h.minor, 0))
FROM (SELECT seq, cause FROM ledger.decisions WHERE kind = 'settlement' AND refusal IS NULL) AS d
FULL JOIN settlement.statements AS s ON s.entry = d.seq
LEFT JOIN moved AS m ON m.entry = d.seq
LEFT JOIN held AS h ON h.entry = d.seq
WHERE (0::bigint, s.coins, s.gift_share_minor, s.guild_share_minor, s.platform_share_minor, s.accruals_minor, s.held_minor, 'run:' || s.run)
      IS DISTINCT FROM (coalesce(m.strangers, 0), coalesce(m.coins, 0), coalesce(m.gift_share_minor, 0), coalesce(m.guild_share_minor, 0),
                        coalesce(m.platform_share_minor, 0), coalesce(m.accruals_minor, 0), coalesce(h.minor, 0), d.cause)
   OR m.transfers <> (s.coins > 0)::int + (s.gift_share_minor > 0)::int + (s.platform_share_minor > 0)::int + (s.accruals_minor > 0)::int + m.guilds
ORDER BY coalesce(s.entry, d.seq)
LIMIT 3
