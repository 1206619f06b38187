CREATE TABLE settlement.received_again (
    entry BIGINT NOT NULL,
    hold UUID NOT NULL,
    receipt BIGINT NOT NULL,
    accrual BIGINT,
    amount_minor BIGINT NOT NULL,
    CONSTRAINT received_again_pkey PRIMARY KEY (entry),
    CONSTRAINT something_is_received_again CHECK (amount_minor > 0)
);
CREATE INDEX received_again_of_hold ON settlement.received_again (hold);
CREATE INDEX received_again_of_accrual ON settlement.received_again (accrual);
COMMENT ON TABLE settlement.received_again IS 'What a measure took and an appeal gave back: as of when it came, for the same. Append-only.';
COMMENT ON COLUMN settlement.received_again.hold IS 'Whose capture took it.';
COMMENT ON COLUMN settlement.received_again.receipt IS 'The transfer by which it was first received; of gifts that count alike, the first.';
COMMENT ON COLUMN settlement.received_again.accrual IS 'What it was for: the entry that accrued it. Null for gifts.';

CREATE TABLE settlement.received_again_tips (
    entry BIGINT NOT NULL,
    tip BIGINT NOT NULL,
    account BIGINT NOT NULL,
    coins_before BIGINT NOT NULL,
    coins BIGINT NOT NULL,
    CONSTRAINT received_again_tips_pkey PRIMARY KEY (entry, tip),
    CONSTRAINT coins_lie_somewhere CHECK (coins > 0 AND coins_before >= 0)
);
CREATE INDEX received_again_tips_of_account ON settlement.received_again_tips (account, tip);
COMMENT ON TABLE settlement.received_again_tips IS 'Which coins of gifts that were received again are of which tip. Append-only.';
COMMENT ON COLUMN settlement.received_again_tips.entry IS 'By which it was received again.';
COMMENT ON COLUMN settlement.received_again_tips.tip IS 'The entry by which it came: a tip, or what let one stand again.';
COMMENT ON COLUMN settlement.received_again_tips.account IS 'The streamer''s gifts.';
COMMENT ON COLUMN settlement.received_again_tips.coins_before IS 'How many coins of others lie before these.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.received_again
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.received_again_tips
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON settlement.received_again, settlement.received_again_tips TO zhibo_app;
