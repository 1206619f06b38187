CREATE TABLE moderation.freezes (
    "freeze" UUID NOT NULL,
    entry BIGINT NOT NULL,
    party TEXT NOT NULL,
    account TEXT NOT NULL,
    "case" TEXT NOT NULL,
    rule TEXT NOT NULL,
    CONSTRAINT freezes_pkey PRIMARY KEY ("freeze")
);
CREATE INDEX freezes_of_party ON moderation.freezes (party, entry);
COMMENT ON TABLE moderation.freezes IS 'A freeze, and the case and rule it rests on. What it holds, the ledger knows. Append-only.';
COMMENT ON COLUMN moderation.freezes."freeze" IS 'The id of the command, and of the hold in the ledger.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.freezes
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON moderation.freezes TO zhibo_app;
