CREATE TABLE settlement.objections (
    objection UUID NOT NULL,
    entry BIGINT NOT NULL,
    statement UUID NOT NULL,
    streamer TEXT NOT NULL,
    line INTEGER,
    text TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    heard_until TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT objections_pkey PRIMARY KEY (objection),
    CONSTRAINT objection_of_entry UNIQUE (entry),
    CONSTRAINT lines_count_from_one CHECK (line > 0),
    CONSTRAINT an_objection_comes_in_time CHECK (occurred_at < heard_until)
);
CREATE INDEX objections_to_statement ON settlement.objections (statement, entry);
COMMENT ON TABLE settlement.objections IS 'A streamer''s objection to a statement. Append-only. G22.';
COMMENT ON COLUMN settlement.objections.objection IS 'The id of the command.';
COMMENT ON COLUMN settlement.objections.line IS 'Which line of the statement, from 1; null is all of it.';
COMMENT ON COLUMN settlement.objections.heard_until IS 'Then the statement is final.';

CREATE TABLE settlement.objection_answers (
    objection UUID NOT NULL,
    entry BIGINT NOT NULL,
    text TEXT NOT NULL,
    adjustment BIGINT,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT an_objection_is_answered_once PRIMARY KEY (objection),
    CONSTRAINT answer_of_entry UNIQUE (entry)
);
COMMENT ON TABLE settlement.objection_answers IS 'What finance answered to an objection. Append-only. G22.';
COMMENT ON COLUMN settlement.objection_answers.adjustment IS 'The entry that put right what was wrong, if anything was.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.objections
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.objection_answers
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON settlement.objections, settlement.objection_answers TO zhibo_app;
