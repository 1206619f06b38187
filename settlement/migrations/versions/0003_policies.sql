CREATE TABLE settlement.policies (
    version TEXT NOT NULL,
    entry BIGINT NOT NULL,
    effective_at TIMESTAMP WITH TIME ZONE NOT NULL,
    sha256 BYTEA NOT NULL,
    document BYTEA NOT NULL,
    source TEXT NOT NULL,
    CONSTRAINT policy_version_used_once PRIMARY KEY (version),
    CONSTRAINT policy_of_entry UNIQUE (entry),
    CONSTRAINT one_policy_in_force_at_a_time UNIQUE (effective_at),
    CONSTRAINT policy_hash_is_of_its_document CHECK (sha256 = sha256(document))
);
COMMENT ON TABLE settlement.policies IS 'A published version of the policy, in force until the next one is. Append-only. LIVE-EARN-4.';
COMMENT ON COLUMN settlement.policies.sha256 IS 'Of the document.';
COMMENT ON COLUMN settlement.policies.document IS 'The policy as canonical JSON (RFC 8785).';
COMMENT ON COLUMN settlement.policies.source IS 'The TOML that was published, as people wrote it.';

CREATE TABLE settlement.streamer_classes (
    streamer TEXT NOT NULL,
    entry BIGINT NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    class TEXT NOT NULL,
    guild TEXT,
    CONSTRAINT streamer_classes_pkey PRIMARY KEY (entry),
    CONSTRAINT a_guild_is_somebody_else CHECK (guild <> streamer)
);
CREATE INDEX classes_of_streamer ON settlement.streamer_classes (streamer, since, entry);
COMMENT ON TABLE settlement.streamer_classes IS 'Which class and guild a streamer is of from a moment on. Append-only.';
COMMENT ON COLUMN settlement.streamer_classes.since IS 'The world''s time.';
COMMENT ON COLUMN settlement.streamer_classes.class IS 'As policies name it.';
COMMENT ON COLUMN settlement.streamer_classes.guild IS 'The guild that has a part of the streamer''s shares; null is none.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.policies
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.streamer_classes
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON settlement.policies, settlement.streamer_classes TO zhibo_app;
