-- What settlement and payouts need: where money is paid from, what is withheld, what else is earned, what is owed.
INSERT INTO ledger.accounts (kind, owner, currency, normal_side, limited) VALUES
    ('bank', 'platform', 'CNY', 'debit', false),
    ('tax_withheld', 'platform', 'CNY', 'credit', false),
    ('ip_income', 'platform', 'CNY', 'credit', false),
    ('award_expense', 'platform', 'CNY', 'debit', false),
    ('commission_expense', 'platform', 'CNY', 'debit', false),
    ('enforcement_cost', 'platform', 'CNY', 'debit', false),
    ('adjustments', 'platform', 'CNY', 'debit', false);

-- Registering a streamer opens a debt account from now on; those registered before get theirs here.
INSERT INTO ledger.accounts (kind, owner, currency, normal_side, limited)
SELECT 'debt', owner, 'CNY', 'debit', true FROM ledger.accounts WHERE kind = 'earnings' ORDER BY id;
