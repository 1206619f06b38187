CREATE TABLE moderation.previews (
    preview UUID NOT NULL,
    entry BIGINT NOT NULL,
    "case" TEXT NOT NULL,
    kind TEXT NOT NULL,
    party TEXT NOT NULL,
    plan UUID,
    document BYTEA NOT NULL,
    sha256 BYTEA NOT NULL,
    made_by TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT previews_pkey PRIMARY KEY (preview),
    CONSTRAINT preview_of_entry UNIQUE (entry),
    CONSTRAINT what_is_shown_moves_money CHECK (kind IN ('penalty', 'damages', 'return_tips', 'return_minors_tips', 'compensation')),
    CONSTRAINT tips_go_back_by_a_plan CHECK ((plan IS NOT NULL) = (kind IN ('return_tips', 'return_minors_tips'))),
    CONSTRAINT a_preview_is_its_hash CHECK (sha256 = sha256(document))
);
CREATE INDEX previews_of_case ON moderation.previews ("case", entry);
COMMENT ON TABLE moderation.previews IS 'What a money measure would move, as it was shown. Append-only.';
COMMENT ON COLUMN moderation.previews.preview IS 'The id of the command.';
COMMENT ON COLUMN moderation.previews.kind IS 'Of the measure it shows.';
COMMENT ON COLUMN moderation.previews.plan IS 'Which tips go back, if any do: a plan of settlement.';
COMMENT ON COLUMN moderation.previews.document IS 'What was shown, as canonical JSON.';
COMMENT ON COLUMN moderation.previews.sha256 IS 'Of the document.';

CREATE TABLE moderation.remissions (
    preview UUID NOT NULL,
    n SMALLINT NOT NULL,
    entry BIGINT NOT NULL,
    appeal UUID NOT NULL,
    amount_minor BIGINT NOT NULL,
    CONSTRAINT remissions_pkey PRIMARY KEY (preview, n, entry),
    CONSTRAINT a_remission_gives_something_back CHECK (amount_minor > 0)
);
CREATE INDEX remissions_of_entry ON moderation.remissions (entry);
COMMENT ON TABLE moderation.remissions IS 'What of a taking an appeal gave back. Append-only.';
COMMENT ON COLUMN moderation.remissions.n IS 'Which of its takings, from 0.';
COMMENT ON COLUMN moderation.remissions.amount_minor IS 'Given back, or not taken at all if it was only held.';

CREATE TABLE moderation.appeals (
    appeal UUID NOT NULL,
    entry BIGINT NOT NULL,
    decision UUID NOT NULL,
    appellant TEXT NOT NULL,
    filed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    answer_by TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT appeals_pkey PRIMARY KEY (appeal),
    CONSTRAINT appeal_of_entry UNIQUE (entry),
    CONSTRAINT a_decision_is_appealed_against_once UNIQUE (decision, appellant),
    CONSTRAINT an_answer_comes_after_its_appeal CHECK (filed_at < answer_by)
);
CREATE INDEX appeals_of_appellant ON moderation.appeals (appellant, entry);
COMMENT ON TABLE moderation.appeals IS 'An appeal against a decision. Append-only. G4.';
COMMENT ON COLUMN moderation.appeals.appeal IS 'The id of the command.';
COMMENT ON COLUMN moderation.appeals.appellant IS 'Whom the decision concerns.';

CREATE TABLE moderation.appeal_verdicts (
    appeal UUID NOT NULL,
    entry BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    ended SMALLINT[] NOT NULL,
    decided_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT an_appeal_is_decided_once PRIMARY KEY (appeal),
    CONSTRAINT verdict_of_entry UNIQUE (entry),
    CONSTRAINT verdict_is_known CHECK (verdict IN ('upheld', 'changed', 'overturned')),
    CONSTRAINT what_is_upheld_ends_nothing CHECK (verdict <> 'upheld' OR cardinality(ended) = 0)
);
COMMENT ON TABLE moderation.appeal_verdicts IS 'What became of an appeal. Append-only.';
COMMENT ON COLUMN moderation.appeal_verdicts.ended IS 'The measures that it ended, by number.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.previews
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.remissions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.appeals
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.appeal_verdicts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON moderation.previews, moderation.remissions, moderation.appeals, moderation.appeal_verdicts
    TO zhibo_app;
