-- Proceeds pay the case's vouchered costs first and are halved then, an odd fen to the platform; their entry moved these parts. LIVE-IP-3
WITH parts AS (
    SELECT p.*, c.streamer, least(p.gross_minor, coalesce(spent.minor, 0) - coalesce(paid.minor, 0)) AS due_minor,
           p.gross_minor - p.costs_minor AS net_minor
    FROM settlement.ip_proceeds AS p
    LEFT JOIN settlement.ip_cases AS c ON c.ip_case = p.ip_case
    LEFT JOIN LATERAL (SELECT sum(amount_minor) AS minor FROM settlement.ip_costs
                       WHERE ip_case = p.ip_case AND entry < p.entry) AS spent ON true
    LEFT JOIN LATERAL (SELECT sum(costs_minor) AS minor FROM settlement.ip_proceeds
                       WHERE ip_case = p.ip_case AND entry < p.entry) AS paid ON true
),
moved AS (
    SELECT p.entry, sum(t.amount_minor) FILTER (WHERE a.kind = 'enforcement_cost') AS costs_minor,
           sum(t.amount_minor) FILTER (WHERE a.kind = 'accruals' AND a.owner = p.streamer) AS streamer_minor,
           sum(t.amount_minor) FILTER (WHERE a.kind = 'ip_income') AS platform_minor
    FROM parts AS p
    JOIN ledger.transfers AS t ON t.entry = p.entry AND t.seq >= p.entry AND t.seq < (p.entry / 256 + 1) * 256
    JOIN ledger.accounts AS a ON a.id = t.credit_account
    GROUP BY p.entry
),
vouchered AS (
    SELECT c.voucher, c.entry, c.amount_minor, t.amount_minor AS moved_minor
    FROM settlement.ip_costs AS c
    LEFT JOIN (ledger.transfers AS t JOIN ledger.accounts AS a ON a.id = t.debit_account AND a.kind = 'enforcement_cost')
      ON t.entry = c.entry
)
(SELECT format('ip_proceeds entry %s: %s is %s costs, %s and %s; due were %s costs', p.entry, p.gross_minor, p.costs_minor,
               p.streamer_minor, p.platform_minor, p.due_minor)
 FROM parts AS p
 LEFT JOIN settlement.accruals AS a ON a.entry = p.entry
 LEFT JOIN moved AS m ON m.entry = p.entry
 WHERE p.costs_minor <> p.due_minor OR (a.streamer, a.reference, a.amount_minor) IS DISTINCT FROM (p.streamer, p.ip_case, p.streamer_minor)
    OR p.streamer_minor <> p.net_minor / 2 AND (p.streamer_minor, a.reason) IS DISTINCT FROM (0::bigint, 'kind_disabled')
    OR (coalesce(m.costs_minor, 0), coalesce(m.streamer_minor, 0), coalesce(m.platform_minor, 0))
       <> (p.costs_minor, p.streamer_minor, p.platform_minor)
 ORDER BY p.entry LIMIT 3)
UNION ALL
(SELECT format('voucher %s: a cost of %s, and entry %s moved %s', voucher, amount_minor, entry, coalesce(moved_minor, 0))
 FROM vouchered WHERE amount_minor IS DISTINCT FROM moved_minor ORDER BY voucher LIMIT 3)
LIMIT 3
