-- Every account is of a kind of the chart (design.md §4), with that kind's currency, side, floor and owner.
WITH chart (kind, currency, normal_side, limited, owned_by) AS (
    VALUES ('wallet', 'ZLB', 'credit', true, 'party'),
           ('gifts', 'ZLB', 'credit', true, 'party'),
           ('coins_issued', 'ZLB', 'debit', false, 'platform'),
           ('coins_redeemed', 'ZLB', 'credit', true, 'platform'),
           ('coins_forfeited', 'ZLB', 'credit', true, 'platform'),
           ('channel_clearing', 'CNY', 'debit', false, 'channel'),
           ('coin_liability', 'CNY', 'credit', true, 'platform'),
           ('accruals', 'CNY', 'credit', true, 'party'),
           ('earnings', 'CNY', 'credit', true, 'party'),
           ('gift_revenue', 'CNY', 'credit', false, 'platform'),
           ('penalty_income', 'CNY', 'credit', false, 'platform'),
           ('debt', 'CNY', 'debit', true, 'party'),
           ('refunds_payable', 'CNY', 'credit', true, 'party'),
           ('damages_income', 'CNY', 'credit', false, 'platform'),
           ('bank', 'CNY', 'debit', false, 'platform'),
           ('tax_withheld', 'CNY', 'credit', false, 'platform'),
           ('ip_income', 'CNY', 'credit', false, 'platform'),
           ('award_expense', 'CNY', 'debit', false, 'platform'),
           ('commission_expense', 'CNY', 'debit', false, 'platform'),
           ('enforcement_cost', 'CNY', 'debit', false, 'platform'),
           ('adjustments', 'CNY', 'debit', false, 'platform'),
           ('reward_expense', 'CNY', 'debit', false, 'platform'),
           ('promotion_expense', 'CNY', 'debit', false, 'platform')
)
SELECT format('accounts id %s: %s of %s is %s, %s, %s', a.id, a.kind, a.owner, a.currency, a.normal_side,
              CASE WHEN a.limited THEN 'limited' ELSE 'not limited' END)
FROM ledger.accounts AS a
LEFT JOIN chart AS c USING (kind, currency, normal_side, limited)
WHERE c.kind IS NULL
   OR c.owned_by = 'platform' AND a.owner <> 'platform'
   OR c.owned_by = 'channel' AND a.owner NOT IN ('alipay', 'wechat')
ORDER BY a.id
LIMIT 3
