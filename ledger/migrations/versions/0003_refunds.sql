-- What moderation needs: what is owed back to viewers, and what damages bring in.
INSERT INTO ledger.accounts (kind, owner, currency, normal_side, limited) VALUES
    ('damages_income', 'platform', 'CNY', 'credit', false);

-- Registering a viewer opens an account of refunds from now on; those registered before get theirs here.
INSERT INTO ledger.accounts (kind, owner, currency, normal_side, limited)
SELECT 'refunds_payable', owner, 'CNY', 'credit', true FROM ledger.accounts WHERE kind = 'wallet' ORDER BY id;
