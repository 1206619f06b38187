-- What was withheld when a payout was sent is what 公告2025年第16号 asks for of the person's year so far, by the months_rule of its policy.
-- The figures stand here a second time, for whoever doubts settlement/tax; new ones are to be added with their days.
WITH brackets (from_day, through_minor, rate_bps, quick_minor) AS (VALUES
    (DATE '2025-10-01', 3600000::numeric, 300, 0), (DATE '2025-10-01', 14400000, 1000, 252000),
    (DATE '2025-10-01', 30000000, 2000, 1692000), (DATE '2025-10-01', 42000000, 2500, 3192000),
    (DATE '2025-10-01', 66000000, 3000, 5292000), (DATE '2025-10-01', 96000000, 3500, 8592000),
    (DATE '2025-10-01', 'Infinity', 4500, 18192000)
),
sent AS (
    SELECT i.*, (e.occurred_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
           CASE WHEN v.kind = 'person' THEN convert_from(p.document, 'UTF8')::jsonb #>> '{tax,method}' ELSE 'none' END AS method,
           convert_from(p.document, 'UTF8')::jsonb #>> '{tax,months_rule}' AS months_rule
    FROM settlement.payout_income AS i
    JOIN settlement.payout_events AS e ON e.entry = i.entry AND e.payout = i.payout AND e.state = 'sent'
    LEFT JOIN settlement.policies AS p ON 'policy ' || p.version = e.detail
    LEFT JOIN LATERAL (SELECT kind FROM settlement.verifications AS v
                       WHERE v.party = i.payee AND v.entry < i.entry ORDER BY v.entry DESC LIMIT 1) AS v ON true
),
year_so_far AS (
    SELECT s.entry, so_far.gross_minor + s.gross_minor AS income_minor, so_far.tax_minor,
           CASE s.months_rule WHEN 'since_first' THEN s.month - least(so_far.first_month, s.month) + 1
                              WHEN 'with_income' THEN cardinality(so_far.earlier_months) + 1
                              WHEN 'consecutive' THEN s.month - (SELECT max(gap) FROM generate_series(0, s.month - 1) AS gap
                                                                 WHERE gap <> ALL (so_far.earlier_months)) END AS months
    FROM sent AS s
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(by_month.gross_minor), 0) AS gross_minor, coalesce(sum(by_month.tax_minor), 0) AS tax_minor,
               min(month) FILTER (WHERE by_month.gross_minor > 0) AS first_month,
               coalesce(array_agg(DISTINCT month) FILTER (WHERE by_month.gross_minor > 0 AND month <> s.month), '{}') AS earlier_months
        FROM (SELECT before.payee, before.month, sum(before.gross_minor) AS gross_minor, sum(before.tax_minor) AS tax_minor
              FROM settlement.payout_income AS before
              WHERE before.number_hash = s.number_hash AND before.year = s.year AND before.entry < s.entry
              GROUP BY before.payee, before.month) AS by_month
    ) AS so_far
),
reckoned AS (
    -- In ten-thousandths of a fen until the tax is rounded, half up.
    SELECT s.payout, s.payee, s.tax_minor,
           CASE s.method WHEN 'none' THEN 0 WHEN 'cumulative' THEN greatest(0, least(s.gross_minor, (
               SELECT floor((taxable.amount * b.rate_bps - b.quick_minor * 100000000::numeric) / 100000000 + 0.5)
               FROM brackets AS b
               WHERE b.from_day = (SELECT max(from_day) FROM brackets WHERE from_day <= s.day) AND taxable.amount <= b.through_minor * 10000
               ORDER BY b.through_minor LIMIT 1) - y.tax_minor)) END AS due_minor
    FROM sent AS s JOIN year_so_far AS y ON y.entry = s.entry
    CROSS JOIN LATERAL (SELECT greatest(0, y.income_minor * 8000 - y.months * 500000::numeric * 10000) AS amount) AS taxable
)
SELECT format('payout %s of %s: %s fen were withheld, %s are due', payout, payee, tax_minor, coalesce(due_minor::text, 'nobody knows how many'))
FROM reckoned
WHERE tax_minor IS DISTINCT FROM due_minor
ORDER BY payout
LIMIT 3
