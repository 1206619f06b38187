CREATE TABLE moderation.rule_books (
    version TEXT NOT NULL,
    entry BIGINT NOT NULL,
    effective_at TIMESTAMP WITH TIME ZONE NOT NULL,
    sha256 BYTEA NOT NULL,
    document BYTEA NOT NULL,
    source TEXT NOT NULL,
    published_by TEXT NOT NULL,
    CONSTRAINT rule_book_version_used_once PRIMARY KEY (version),
    CONSTRAINT rule_book_of_entry UNIQUE (entry),
    CONSTRAINT one_rule_book_in_force_at_a_time UNIQUE (effective_at),
    CONSTRAINT rule_book_hash_is_of_its_document CHECK (sha256 = sha256(document))
);
COMMENT ON TABLE moderation.rule_books IS 'A published version of the rule book, in force until the next one is. Append-only. LIVE-RULE-1.';
COMMENT ON COLUMN moderation.rule_books.sha256 IS 'Of the document.';
COMMENT ON COLUMN moderation.rule_books.document IS 'The rule book as canonical JSON (RFC 8785).';
COMMENT ON COLUMN moderation.rule_books.source IS 'The TOML that was published, as people wrote it.';

CREATE TABLE moderation.rule_switches (
    entry BIGINT NOT NULL,
    rule TEXT NOT NULL,
    is_on BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    switched_by TEXT NOT NULL,
    CONSTRAINT rule_switches_pkey PRIMARY KEY (entry),
    CONSTRAINT rule_switched_for_a_reason CHECK (reason <> '')
);
CREATE INDEX switches_of_rule ON moderation.rule_switches (rule, entry);
COMMENT ON TABLE moderation.rule_switches IS 'A rule switched off or on again; the latest counts. Append-only. LIVE-SEV-1.';
COMMENT ON COLUMN moderation.rule_switches.rule IS 'A clause, a part of one, or an item of the catalogue.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.rule_books
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.rule_switches
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON moderation.rule_books, moderation.rule_switches TO zhibo_app;
