CREATE TABLE settlement.verifications (
    entry BIGINT NOT NULL,
    party TEXT NOT NULL,
    kind TEXT NOT NULL,
    name_hash BYTEA NOT NULL,
    number_hash BYTEA NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT verifications_pkey PRIMARY KEY (entry),
    CONSTRAINT payee_kind_is_known CHECK (kind IN ('person', 'organisation')),
    CONSTRAINT identity_is_hashed CHECK (length(name_hash) = 32 AND length(number_hash) = 32)
);
CREATE INDEX verifications_of_party ON settlement.verifications (party, entry);
CREATE INDEX verifications_of_number ON settlement.verifications (number_hash);
COMMENT ON TABLE settlement.verifications IS 'A party whose identity was verified; the newest counts. Append-only.';
COMMENT ON COLUMN settlement.verifications.name_hash IS 'Keyed: only whoever has the key can match it.';
COMMENT ON COLUMN settlement.verifications.number_hash IS 'Of the ID or the licence, keyed likewise.';

CREATE TABLE settlement.payee_accounts (
    entry BIGINT NOT NULL,
    party TEXT NOT NULL,
    channel TEXT NOT NULL,
    account_hash BYTEA NOT NULL,
    holder_hash BYTEA NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT payee_accounts_pkey PRIMARY KEY (entry),
    CONSTRAINT payout_channel_is_known CHECK (channel IN ('bank', 'wechat', 'alipay')),
    CONSTRAINT account_is_hashed CHECK (length(account_hash) = 32 AND length(holder_hash) = 32)
);
CREATE INDEX payee_accounts_of_party ON settlement.payee_accounts (party, entry);
COMMENT ON TABLE settlement.payee_accounts IS 'An account a payee is paid into; the newest counts. Append-only.';
COMMENT ON COLUMN settlement.payee_accounts.holder_hash IS 'Of the holder''s name, as name_hash is.';

CREATE TABLE settlement.sealed_values (
    entry BIGINT NOT NULL,
    field TEXT NOT NULL,
    party TEXT NOT NULL,
    key_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    CONSTRAINT a_value_is_sealed_once PRIMARY KEY (entry, field),
    CONSTRAINT sealed_field_is_known
        CHECK (field IN ('name', 'number', 'birth_date', 'representative', 'account', 'holder')),
    CONSTRAINT a_sealed_value_is_whole CHECK (length(sealed) > 28)
);
CREATE INDEX sealed_values_of_key ON settlement.sealed_values (key_id, entry, field);
COMMENT ON TABLE settlement.sealed_values IS 'A personal value, sealed. May only be sealed anew, under another key.';
COMMENT ON COLUMN settlement.sealed_values.entry IS 'Of the fact it belongs to.';
COMMENT ON COLUMN settlement.sealed_values.key_id IS 'Which key opens it.';
COMMENT ON COLUMN settlement.sealed_values.sealed IS 'Nonce, and what AES-256-GCM made of the value.';

CREATE TABLE settlement.invoices (
    entry BIGINT NOT NULL,
    party TEXT NOT NULL,
    number TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT invoice_handed_in_once PRIMARY KEY (party, number),
    CONSTRAINT an_invoice_is_over_something CHECK (amount_minor > 0)
);
CREATE UNIQUE INDEX invoice_of_entry ON settlement.invoices (entry);
COMMENT ON TABLE settlement.invoices IS 'An invoice an organisation handed in for what it is to be paid. Append-only.';
COMMENT ON COLUMN settlement.invoices.amount_minor IS 'Fen.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.verifications
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.payee_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.invoices
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON settlement.verifications, settlement.payee_accounts, settlement.invoices TO zhibo_app;
-- When a key is rotated, values are sealed anew; nothing else of them changes, and none is taken out.
GRANT SELECT, INSERT, UPDATE (key_id, sealed) ON settlement.sealed_values TO zhibo_app;
