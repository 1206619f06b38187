CREATE TABLE settlement.rewards (
    entry BIGINT NOT NULL,
    streamer TEXT NOT NULL,
    task TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    CONSTRAINT rewards_pkey PRIMARY KEY (entry),
    CONSTRAINT a_reward_is_something CHECK (amount_minor > 0)
);
CREATE INDEX rewards_of_streamer ON settlement.rewards (streamer, entry);
COMMENT ON TABLE settlement.rewards IS 'A task reward that accrued. Append-only.';

CREATE TABLE settlement.runs (
    run UUID NOT NULL,
    entry BIGINT NOT NULL,
    through DATE NOT NULL,
    share_bps INTEGER NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor TEXT NOT NULL,
    settled_to TEXT,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT runs_pkey PRIMARY KEY (run),
    CONSTRAINT share_is_a_share CHECK (share_bps BETWEEN 0 AND 10000)
);
CREATE INDEX unfinished_runs ON settlement.runs (entry) WHERE finished_at IS NULL;
COMMENT ON TABLE settlement.runs IS 'A settlement run: every streamer, once.';
COMMENT ON COLUMN settlement.runs.run IS 'The id of the settle command.';
COMMENT ON COLUMN settlement.runs.settled_to IS 'The last streamer done, in byte order; a killed run goes on behind it.';

CREATE TABLE settlement.statements (
    run UUID NOT NULL,
    streamer TEXT NOT NULL,
    entry BIGINT NOT NULL,
    coins BIGINT NOT NULL,
    gift_share_minor BIGINT NOT NULL,
    platform_share_minor BIGINT NOT NULL,
    accruals_minor BIGINT NOT NULL,
    CONSTRAINT one_statement_a_run PRIMARY KEY (run, streamer)
);
CREATE INDEX statements_of_streamer ON settlement.statements (streamer, entry);
COMMENT ON TABLE settlement.statements IS 'What a run settled for one streamer. Append-only.';
COMMENT ON COLUMN settlement.statements.coins IS 'Gifts settled.';
COMMENT ON COLUMN settlement.statements.gift_share_minor IS 'The streamer''s part of their face value, fen.';
COMMENT ON COLUMN settlement.statements.platform_share_minor IS 'The platform''s part, fen.';
COMMENT ON COLUMN settlement.statements.accruals_minor IS 'Rewards settled, fen.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.rewards
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.statements
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON settlement.rewards, settlement.statements TO zhibo_app;
GRANT SELECT, INSERT, UPDATE ON settlement.runs TO zhibo_app;
