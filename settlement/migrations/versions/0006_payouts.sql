CREATE TABLE settlement.payout_requests (
    payout UUID NOT NULL,
    entry BIGINT NOT NULL,
    payee TEXT NOT NULL,
    requested_minor BIGINT NOT NULL,
    offset_minor BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL,
    policy TEXT NOT NULL,
    CONSTRAINT payout_requests_pkey PRIMARY KEY (payout),
    CONSTRAINT a_payout_is_what_debts_leave CHECK (requested_minor = offset_minor + amount_minor AND offset_minor >= 0 AND amount_minor > 0)
);
CREATE UNIQUE INDEX payout_request_of_entry ON settlement.payout_requests (entry);
COMMENT ON TABLE settlement.payout_requests IS 'A payout that was asked for. Append-only.';
COMMENT ON COLUMN settlement.payout_requests.payout IS 'The id of the command, and of the hold in the ledger.';
COMMENT ON COLUMN settlement.payout_requests.requested_minor IS 'Fen: what went to debts, and the rest.';
COMMENT ON COLUMN settlement.payout_requests.offset_minor IS 'What of it went to debts.';
COMMENT ON COLUMN settlement.payout_requests.amount_minor IS 'What is held to be paid, before tax.';
COMMENT ON COLUMN settlement.payout_requests.policy IS 'The version whose terms applied.';

CREATE TABLE settlement.payout_events (
    payout UUID NOT NULL,
    number SMALLINT NOT NULL,
    entry BIGINT NOT NULL,
    state TEXT NOT NULL,
    actor TEXT NOT NULL,
    detail TEXT,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT payout_events_pkey PRIMARY KEY (payout, number),
    CONSTRAINT payout_state_is_known CHECK (state IN ('requested', 'approved', 'refused', 'cancelled', 'sent', 'unknown', 'paid', 'failed', 'returned'))
);
CREATE UNIQUE INDEX a_payout_is_in_a_state_once ON settlement.payout_events (payout, state);
CREATE INDEX payout_events_of_entry ON settlement.payout_events (entry);
COMMENT ON TABLE settlement.payout_events IS 'A state that a payout came into. Append-only.';
COMMENT ON COLUMN settlement.payout_events.number IS 'From 1, without gaps.';
COMMENT ON COLUMN settlement.payout_events.actor IS 'Who brought it there; policy: within the bound.';
COMMENT ON COLUMN settlement.payout_events.detail IS 'A reason, or the channel''s number of the payment.';

CREATE TABLE settlement.payout_sendings (
    payout UUID NOT NULL,
    entry BIGINT NOT NULL,
    channel TEXT NOT NULL,
    batch UUID,
    account BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    CONSTRAINT a_payout_is_sent_once PRIMARY KEY (payout),
    CONSTRAINT tax_is_never_paid_out CHECK (tax_minor >= 0)
);
CREATE UNIQUE INDEX payout_sending_of_entry ON settlement.payout_sendings (entry);
COMMENT ON TABLE settlement.payout_sendings IS 'What was fixed when a payout was sent: where it goes, and the tax. Append-only.';
COMMENT ON COLUMN settlement.payout_sendings.batch IS 'None when it went alone.';
COMMENT ON COLUMN settlement.payout_sendings.account IS 'The entry of the payee''s account it goes to.';
COMMENT ON COLUMN settlement.payout_sendings.tax_minor IS 'Withheld, fen.';

CREATE TABLE settlement.payout_income (
    entry BIGINT NOT NULL,
    payout UUID NOT NULL,
    payee TEXT NOT NULL,
    number_hash BYTEA NOT NULL,
    year INTEGER NOT NULL,
    month INTEGER NOT NULL,
    gross_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    CONSTRAINT payout_income_pkey PRIMARY KEY (entry),
    CONSTRAINT a_month_is_a_month CHECK (month BETWEEN 1 AND 12),
    CONSTRAINT income_and_tax_go_together CHECK (gross_minor > 0 AND tax_minor >= 0 OR gross_minor < 0 AND tax_minor <= 0)
);
CREATE INDEX payout_income_of_payee ON settlement.payout_income (payee, entry);
CREATE INDEX payout_income_of_payout ON settlement.payout_income (payout);
CREATE INDEX payout_income_of_person ON settlement.payout_income (number_hash, year, month);
COMMENT ON TABLE settlement.payout_income IS 'Income of a person by a payout, from its sending on; taken out when it failed. Append-only.';
COMMENT ON COLUMN settlement.payout_income.number_hash IS 'Whose income: tax is reckoned a person.';
COMMENT ON COLUMN settlement.payout_income.month IS 'In which it was sent, China time.';
COMMENT ON COLUMN settlement.payout_income.gross_minor IS 'Fen; below zero when it failed or came back.';
COMMENT ON COLUMN settlement.payout_income.tax_minor IS 'Likewise.';

CREATE TABLE settlement.payout_batches (
    batch UUID NOT NULL,
    entry BIGINT NOT NULL,
    channel TEXT NOT NULL,
    maker TEXT NOT NULL,
    payouts UUID[] NOT NULL,
    CONSTRAINT payout_batches_pkey PRIMARY KEY (batch),
    CONSTRAINT a_batch_has_payouts CHECK (cardinality(payouts) > 0)
);
CREATE UNIQUE INDEX payout_batch_of_entry ON settlement.payout_batches (entry);
COMMENT ON TABLE settlement.payout_batches IS 'Payouts to be sent together. Append-only.';
COMMENT ON COLUMN settlement.payout_batches.batch IS 'The id of the command.';
COMMENT ON COLUMN settlement.payout_batches.maker IS 'Who put it together, and so cannot send it.';
COMMENT ON COLUMN settlement.payout_batches.payouts IS 'In the order of the file''s lines.';

CREATE TABLE settlement.payouts (
    payout UUID NOT NULL,
    entry BIGINT NOT NULL,
    payee TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
    requested_minor BIGINT NOT NULL,
    offset_minor BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL,
    policy TEXT NOT NULL,
    state TEXT NOT NULL,
    events SMALLINT NOT NULL,
    approved_by TEXT,
    channel TEXT,
    batch UUID,
    account BIGINT,
    tax_minor BIGINT,
    CONSTRAINT payouts_pkey PRIMARY KEY (payout),
    CONSTRAINT sending_fixes_channel_account_and_tax CHECK ((channel IS NULL) = (tax_minor IS NULL) AND (channel IS NULL) = (account IS NULL))
);
CREATE UNIQUE INDEX one_payout_in_flight ON settlement.payouts (payee) WHERE state IN ('requested', 'approved', 'sent', 'unknown');
CREATE UNIQUE INDEX payouts_by_entry ON settlement.payouts (entry);
CREATE INDEX payouts_in_state ON settlement.payouts (state, entry);
CREATE INDEX payouts_of_payee ON settlement.payouts (payee, entry);
COMMENT ON TABLE settlement.payouts IS 'How each payout stands: a projection of the tables before.';
COMMENT ON COLUMN settlement.payouts.entry IS 'Of the request.';
COMMENT ON COLUMN settlement.payouts.events IS 'How many states it has been in.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.payout_requests
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.payout_events
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.payout_sendings
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.payout_income
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.payout_batches
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON settlement.payout_requests, settlement.payout_events, settlement.payout_sendings, settlement.payout_income, settlement.payout_batches
    TO zhibo_app;
GRANT SELECT, INSERT, UPDATE ON settlement.payouts TO zhibo_app;
