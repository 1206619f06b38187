-- A plan of tips that go back is what its tips add up to, and its hash is theirs.
WITH added AS (
    SELECT p.plan, coalesce(array_agg(DISTINCT r.streamer ORDER BY r.streamer) FILTER (WHERE r.tip IS NOT NULL), '{}') AS streamers,
           count(r.tip) AS tips, coalesce(sum(r.coins), 0) AS coins, coalesce(sum(r.streamer_minor), 0) AS streamer_minor,
           coalesce(sum(r.guild_minor), 0) AS guild_minor, coalesce(sum(r.platform_minor), 0) AS platform_minor,
           coalesce(sum(r.refund_minor), 0) AS refund_minor, coalesce(sum(r.promotion_minor), 0) AS promotion_minor,
           sha256(convert_to(coalesce(string_agg(
               json_build_array(r.tip::text, r.viewer, r.streamer, r.coins, r.unsettled_coins, r.streamer_minor, r.guild,
                                r.guild_minor, r.platform_minor, r.refund_minor, r.promotion_minor)::text,
               E'\n' ORDER BY r.tip) FILTER (WHERE r.tip IS NOT NULL), ''), 'UTF8')) AS sha256
    FROM settlement.return_plans AS p LEFT JOIN settlement.planned_returns AS r ON r.plan = p.plan
    GROUP BY p.plan
)
(SELECT format('return_plans plan %s: says %s tips of %s coins; they are %s of %s', p.plan, p.tips, p.coins, a.tips, a.coins)
 FROM settlement.return_plans AS p JOIN added AS a ON a.plan = p.plan
 WHERE (p.streamers, p.tips, p.coins, p.streamer_minor, p.guild_minor, p.platform_minor, p.refund_minor, p.promotion_minor, p.sha256)
       IS DISTINCT FROM (a.streamers, a.tips, a.coins, a.streamer_minor, a.guild_minor, a.platform_minor, a.refund_minor, a.promotion_minor, a.sha256)
 ORDER BY p.plan LIMIT 3)
UNION ALL
(SELECT format('planned_returns plan %s: there is no such plan', r.plan)
 FROM settlement.planned_returns AS r WHERE NOT EXISTS (SELECT FROM settlement.return_plans AS p WHERE p.plan = r.plan)
 ORDER BY r.plan LIMIT 3)
LIMIT 3
