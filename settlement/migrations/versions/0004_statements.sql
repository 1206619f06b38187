ALTER TABLE settlement.runs
    ADD COLUMN period TEXT,
    ADD COLUMN first DATE,
    ALTER COLUMN share_bps DROP NOT NULL;
UPDATE settlement.runs SET period = 'through ' || through;
ALTER TABLE settlement.runs
    ALTER COLUMN period SET NOT NULL,
    ADD CONSTRAINT a_period_has_policies_or_a_share CHECK ((first IS NULL) = (share_bps IS NOT NULL)),
    ADD CONSTRAINT a_period_has_days CHECK (first <= through),
    ADD CONSTRAINT periods_never_overlap EXCLUDE USING gist (daterange(first, through, '[]') WITH &&) WHERE (first IS NOT NULL);
COMMENT ON COLUMN settlement.runs.period IS 'As it was asked for: 2026-10, or through a date.';
COMMENT ON COLUMN settlement.runs.first IS 'The first day of its period; null for a run at a flat share.';
COMMENT ON COLUMN settlement.runs.share_bps IS 'The flat share; null for a run under the policies.';

-- Statements made before documents were kept have none.
ALTER TABLE settlement.statements
    ADD COLUMN statement UUID,
    ADD COLUMN guild_share_minor BIGINT DEFAULT 0 NOT NULL,
    ADD COLUMN held_minor BIGINT DEFAULT 0 NOT NULL,
    ADD COLUMN document BYTEA,
    ADD COLUMN sha256 BYTEA;
ALTER TABLE settlement.statements DISABLE TRIGGER append_only;
UPDATE settlement.statements AS s SET statement = d.id FROM ledger.decisions AS d WHERE d.seq = s.entry;
ALTER TABLE settlement.statements ENABLE TRIGGER append_only;
ALTER TABLE settlement.statements
    ALTER COLUMN statement SET NOT NULL,
    ALTER COLUMN guild_share_minor DROP DEFAULT,
    ALTER COLUMN held_minor DROP DEFAULT,
    ADD CONSTRAINT statement_has_its_own_id UNIQUE (statement),
    ADD CONSTRAINT a_document_has_its_hash CHECK ((document IS NULL) = (sha256 IS NULL));
COMMENT ON COLUMN settlement.statements.statement IS 'The id of the entry that settled it.';
COMMENT ON COLUMN settlement.statements.guild_share_minor IS 'The guild''s part, fen.';
COMMENT ON COLUMN settlement.statements.held_minor IS 'Of what was credited, not free yet on the day of issue, fen.';
COMMENT ON COLUMN settlement.statements.document IS 'The statement as canonical JSON (RFC 8785); null for one older than documents.';

CREATE TABLE settlement.takings (
    account BIGINT NOT NULL,
    entry BIGINT NOT NULL,
    strata JSONB NOT NULL,
    CONSTRAINT takings_pkey PRIMARY KEY (account, entry)
);
COMMENT ON TABLE settlement.takings IS 'Which receipts of an account are taken once a settlement took its own. Append-only.';
COMMENT ON COLUMN settlement.takings.strata IS 'From seq, to seq, and the mark (instant, seq, part) before which all of them are taken.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.takings
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
GRANT SELECT, INSERT ON settlement.takings TO zhibo_app;
