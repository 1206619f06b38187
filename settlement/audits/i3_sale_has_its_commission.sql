-- A sale is under a commission its streamer was given, earned the rate of its price rounded half up, and no more came back than was sold. LIVE-EARN-2
SELECT format('sale %s of %s under %s: %s at %s bps earned %s; %s came back', s.sale, s.streamer, s.commission, s.price_minor, s.rate_bps,
              a.amount_minor, coalesce(back.price_minor, 0))
FROM settlement.sales AS s
LEFT JOIN settlement.commissions AS c ON c.commission = s.commission AND c.entry < s.entry
LEFT JOIN settlement.accruals AS a ON a.entry = s.entry
LEFT JOIN LATERAL (SELECT sum(b.price_minor) AS price_minor FROM settlement.returned_goods AS b WHERE b.sale = s.sale) AS back ON true
WHERE (c.streamer, c.rate_bps) IS DISTINCT FROM (s.streamer, s.rate_bps) OR back.price_minor > s.price_minor
   OR (a.kind, a.streamer, a.reference) IS DISTINCT FROM ('commerce', s.streamer, s.sale)
   OR a.amount_minor <> div(s.price_minor::numeric * s.rate_bps + 5000, 10000)
      AND (a.amount_minor, a.reason) IS DISTINCT FROM (0::bigint, 'kind_disabled')
ORDER BY s.entry
LIMIT 3
