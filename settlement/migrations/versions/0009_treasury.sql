CREATE TABLE settlement.tax_remittances (
    remittance UUID NOT NULL,
    entry BIGINT NOT NULL,
    year INTEGER NOT NULL,
    month INTEGER NOT NULL,
    amount_minor BIGINT NOT NULL,
    reference TEXT NOT NULL,
    maker TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT tax_remittances_pkey PRIMARY KEY (remittance),
    CONSTRAINT tax_is_withheld_in_a_month CHECK (month BETWEEN 1 AND 12),
    CONSTRAINT a_remittance_is_of_something CHECK (amount_minor > 0)
);
CREATE UNIQUE INDEX tax_remittance_of_entry ON settlement.tax_remittances (entry);
CREATE INDEX tax_remittances_of_month ON settlement.tax_remittances (year, month);
COMMENT ON TABLE settlement.tax_remittances IS 'Tax withheld that is to be handed over to the tax office. Append-only.';
COMMENT ON COLUMN settlement.tax_remittances.remittance IS 'The id of the proposal.';
COMMENT ON COLUMN settlement.tax_remittances.month IS 'In which it was withheld, China time.';
COMMENT ON COLUMN settlement.tax_remittances.amount_minor IS 'Fen.';
COMMENT ON COLUMN settlement.tax_remittances.reference IS 'The number of the tax return.';
COMMENT ON COLUMN settlement.tax_remittances.maker IS 'Who proposed it, and so cannot approve it.';

CREATE TABLE settlement.tax_remittance_ends (
    remittance UUID NOT NULL,
    entry BIGINT NOT NULL,
    state TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT a_remittance_ends_once PRIMARY KEY (remittance),
    CONSTRAINT end_of_a_remittance_is_known CHECK (state IN ('remitted', 'withdrawn')),
    CONSTRAINT withdrawn_has_a_reason CHECK ((state = 'withdrawn') = (reason IS NOT NULL))
);
CREATE UNIQUE INDEX tax_remittance_end_of_entry ON settlement.tax_remittance_ends (entry);
COMMENT ON TABLE settlement.tax_remittance_ends IS 'What became of a proposal: remitted, by a second person, or withdrawn. Append-only.';
COMMENT ON COLUMN settlement.tax_remittance_ends.reason IS 'Why it was withdrawn.';

CREATE TABLE settlement.debt_payments (
    entry BIGINT NOT NULL,
    party TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    reference TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT debt_payments_pkey PRIMARY KEY (entry),
    CONSTRAINT a_debt_payment_is_of_something CHECK (amount_minor > 0)
);
CREATE UNIQUE INDEX a_debt_payment_is_recorded_once ON settlement.debt_payments (reference);
CREATE INDEX debt_payments_of_party ON settlement.debt_payments (party, entry);
COMMENT ON TABLE settlement.debt_payments IS 'A debt, or a part of one, that was paid in. Append-only.';
COMMENT ON COLUMN settlement.debt_payments.amount_minor IS 'Fen.';
COMMENT ON COLUMN settlement.debt_payments.reference IS 'The bank''s number of the payment.';

CREATE INDEX payout_batches_of_payouts ON settlement.payout_batches USING gin (payouts);

CREATE TABLE settlement.payout_batch_cancellations (
    batch UUID NOT NULL,
    entry BIGINT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT a_batch_is_cancelled_once PRIMARY KEY (batch)
);
CREATE UNIQUE INDEX payout_batch_cancellation_of_entry ON settlement.payout_batch_cancellations (entry);
COMMENT ON TABLE settlement.payout_batch_cancellations IS 'A batch that was taken back before anything of it was sent. Append-only.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.payout_batch_cancellations
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.tax_remittances
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.tax_remittance_ends
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.debt_payments
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
GRANT SELECT, INSERT ON settlement.tax_remittances, settlement.tax_remittance_ends, settlement.debt_payments,
    settlement.payout_batch_cancellations TO zhibo_app;
