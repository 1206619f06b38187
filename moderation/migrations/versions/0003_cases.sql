CREATE TABLE moderation.cases (
    "case" TEXT NOT NULL,
    entry BIGINT NOT NULL,
    source TEXT NOT NULL,
    party TEXT NOT NULL,
    session UUID,
    happened_at TIMESTAMP WITH TIME ZONE,
    summary TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT a_case_is_opened_once PRIMARY KEY ("case"),
    CONSTRAINT case_source_is_known CHECK (source IN ('spot_check', 'report', 'regulator', 'collusion', 'minor_refund', 'freeze', 'blacklist'))
);
CREATE INDEX cases_by_entry ON moderation.cases (entry);
CREATE INDEX cases_of_party ON moderation.cases (party, entry);
COMMENT ON TABLE moderation.cases IS 'Something to be looked at, about somebody. Append-only.';
COMMENT ON COLUMN moderation.cases.party IS 'Whom it is about.';
COMMENT ON COLUMN moderation.cases.session IS 'In which it happened, if in one.';
COMMENT ON COLUMN moderation.cases.happened_at IS 'None: not known, but before it was opened.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.cases
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON moderation.cases TO zhibo_app;

CREATE TABLE moderation.case_notes (
    entry BIGINT NOT NULL,
    "case" TEXT NOT NULL,
    actor TEXT NOT NULL,
    note TEXT NOT NULL,
    CONSTRAINT case_notes_pkey PRIMARY KEY (entry)
);
CREATE INDEX case_notes_of_case ON moderation.case_notes ("case", entry);
COMMENT ON TABLE moderation.case_notes IS 'A line of a case''s time line. Append-only.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.case_notes
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON moderation.case_notes TO zhibo_app;

CREATE TABLE moderation.case_states (
    "case" TEXT NOT NULL,
    latest UUID,
    CONSTRAINT case_states_pkey PRIMARY KEY ("case")
);
COMMENT ON TABLE moderation.case_states IS 'How each case stands: a projection of the decisions.';
COMMENT ON COLUMN moderation.case_states.latest IS 'The newest decision; whoever decides next has to have seen it.';

GRANT SELECT, INSERT, UPDATE ON moderation.case_states TO zhibo_app;

CREATE TABLE moderation.decisions (
    decision UUID NOT NULL,
    "case" TEXT NOT NULL,
    entry BIGINT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
    rule_version TEXT NOT NULL,
    procedure_version TEXT NOT NULL,
    needs_second BOOLEAN NOT NULL,
    appeal_until TIMESTAMP WITH TIME ZONE NOT NULL,
    execute_at TIMESTAMP WITH TIME ZONE,
    reason TEXT NOT NULL,
    CONSTRAINT decisions_pkey PRIMARY KEY (decision)
);
CREATE UNIQUE INDEX decision_of_entry ON moderation.decisions (entry);
CREATE INDEX decisions_of_case ON moderation.decisions ("case", entry);
COMMENT ON TABLE moderation.decisions IS 'What was decided in a case, by whom, and why. Append-only.';
COMMENT ON COLUMN moderation.decisions.decision IS 'The id of the command.';
COMMENT ON COLUMN moderation.decisions.rule_version IS 'The rule book it was judged by.';
COMMENT ON COLUMN moderation.decisions.procedure_version IS 'That which says who decides, and who may appeal.';
COMMENT ON COLUMN moderation.decisions.execute_at IS 'Not before; none: it takes no money.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.decisions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON moderation.decisions TO zhibo_app;

CREATE TABLE moderation.findings (
    decision UUID NOT NULL,
    n SMALLINT NOT NULL,
    rule TEXT NOT NULL,
    severity TEXT NOT NULL,
    points SMALLINT NOT NULL,
    happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    rule_version TEXT NOT NULL,
    evidence TEXT[] NOT NULL,
    session UUID,
    override_reason TEXT,
    CONSTRAINT findings_pkey PRIMARY KEY (decision, n),
    CONSTRAINT severity_is_known CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    CONSTRAINT points_are_never_given_back_by_a_finding CHECK (points >= 0)
);
COMMENT ON TABLE moderation.findings IS 'A rule that was broken, and what shows it. Append-only.';
COMMENT ON COLUMN moderation.findings.n IS 'From 0, without gaps.';
COMMENT ON COLUMN moderation.findings.rule IS 'The code in the catalogue of violations.';
COMMENT ON COLUMN moderation.findings.points IS 'What it weighs on the ladder.';
COMMENT ON COLUMN moderation.findings.rule_version IS 'The rule book in force when it happened.';
COMMENT ON COLUMN moderation.findings.evidence IS 'SHA-256 of each file, in hex.';
COMMENT ON COLUMN moderation.findings.override_reason IS 'Why a measure outside the matrix is right here.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.findings
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON moderation.findings TO zhibo_app;

CREATE TABLE moderation.decision_events (
    decision UUID NOT NULL,
    entry BIGINT NOT NULL,
    event TEXT NOT NULL,
    actor TEXT NOT NULL,
    detail TEXT,
    CONSTRAINT decision_events_pkey PRIMARY KEY (decision, entry),
    CONSTRAINT decision_event_is_known CHECK (event IN ('decided', 'approved', 'refused', 'executed', 'finished', 'changed', 'overturned'))
);
CREATE UNIQUE INDEX a_decision_is_approved_once ON moderation.decision_events (decision) WHERE event = 'approved';
CREATE UNIQUE INDEX a_decision_is_executed_once ON moderation.decision_events (decision) WHERE event = 'executed';
CREATE UNIQUE INDEX a_decision_is_overturned_once ON moderation.decision_events (decision) WHERE event = 'overturned';
CREATE UNIQUE INDEX a_decision_is_refused_once ON moderation.decision_events (decision) WHERE event = 'refused';
COMMENT ON TABLE moderation.decision_events IS 'What happened to a decision. Append-only.';
COMMENT ON COLUMN moderation.decision_events.detail IS 'A reason, or the measure it is about.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.decision_events
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON moderation.decision_events TO zhibo_app;

CREATE TABLE moderation.decision_states (
    decision UUID NOT NULL,
    state TEXT NOT NULL,
    execute_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT decision_states_pkey PRIMARY KEY (decision),
    CONSTRAINT decision_state_is_known CHECK (state IN ('awaiting_approval', 'decided', 'refused', 'executing', 'executed', 'overturned'))
);
CREATE INDEX decisions_to_be_executed ON moderation.decision_states (execute_at) WHERE state = 'decided';
CREATE INDEX decisions_under_way ON moderation.decision_states (state) WHERE state IN ('awaiting_approval', 'executing');
COMMENT ON TABLE moderation.decision_states IS 'How each decision stands: a projection of its events.';
COMMENT ON COLUMN moderation.decision_states.execute_at IS 'As in the decision; null once nothing is due.';

GRANT SELECT, INSERT, UPDATE ON moderation.decision_states TO zhibo_app;

CREATE TABLE moderation.measures (
    measure UUID NOT NULL,
    decision UUID NOT NULL,
    n SMALLINT NOT NULL,
    entry BIGINT NOT NULL,
    kind TEXT NOT NULL,
    party TEXT NOT NULL,
    feature TEXT,
    until TIMESTAMP WITH TIME ZONE,
    account TEXT,
    amount_minor BIGINT,
    preview UUID,
    follows SMALLINT,
    because TEXT,
    note TEXT,
    CONSTRAINT measures_pkey PRIMARY KEY (measure),
    CONSTRAINT measure_is_known CHECK (kind IN ('warn', 'refuse_publish', 'delete_content', 'restrict', 'rectify', 'pause', 'suspend_service', 'terminate_service', 'close_account', 'recover_account', 'freeze', 'penalty', 'damages', 'return_tips', 'return_minors_tips', 'compensation', 'legal_hold')),
    CONSTRAINT feature_is_known CHECK (feature IN ('tip', 'top_up', 'receive', 'stream', 'withdraw', 'comment')),
    CONSTRAINT a_restriction_names_its_feature CHECK ((kind = 'restrict') = (feature IS NOT NULL)),
    CONSTRAINT a_freeze_names_its_account CHECK ((kind = 'freeze') = (account IS NOT NULL)),
    CONSTRAINT what_moves_money_was_shown_before CHECK ((preview IS NOT NULL) = (kind IN ('penalty', 'damages', 'return_tips', 'return_minors_tips', 'compensation')))
);
CREATE UNIQUE INDEX measure_of_decision ON moderation.measures (decision, n);
CREATE INDEX measures_of_party ON moderation.measures (party, entry);
COMMENT ON TABLE moderation.measures IS 'A measure of a decision. Append-only.';
COMMENT ON COLUMN moderation.measures.measure IS 'Derived from the decision and n.';
COMMENT ON COLUMN moderation.measures.n IS 'From 0, without gaps.';
COMMENT ON COLUMN moderation.measures.entry IS 'Of the decision.';
COMMENT ON COLUMN moderation.measures.party IS 'Whom it is imposed on.';
COMMENT ON COLUMN moderation.measures.feature IS 'What a restriction keeps from.';
COMMENT ON COLUMN moderation.measures.until IS 'None: until it is lifted.';
COMMENT ON COLUMN moderation.measures.account IS 'What a freeze holds: a kind of account, or everything.';
COMMENT ON COLUMN moderation.measures.amount_minor IS 'Of a freeze in the account''s unit, of money in fen.';
COMMENT ON COLUMN moderation.measures.preview IS 'What was shown of what a money measure takes.';
COMMENT ON COLUMN moderation.measures.follows IS 'The n of the measure whose consequence it is.';
COMMENT ON COLUMN moderation.measures.because IS 'The rule whose consequence it is: points, mute or clean_period.';
COMMENT ON COLUMN moderation.measures.note IS 'What has to be done, deleted or known.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.measures
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON moderation.measures TO zhibo_app;

CREATE TABLE moderation.measure_holds (
    hold UUID NOT NULL,
    measure UUID NOT NULL,
    entry BIGINT NOT NULL,
    account TEXT NOT NULL,
    owner TEXT NOT NULL,
    CONSTRAINT measure_holds_pkey PRIMARY KEY (hold)
);
CREATE INDEX holds_of_measure ON moderation.measure_holds (measure);
CREATE INDEX measure_holds_of_owner ON moderation.measure_holds (owner);
COMMENT ON TABLE moderation.measure_holds IS 'A hold that a measure placed. Append-only.';
COMMENT ON COLUMN moderation.measure_holds.hold IS 'In the ledger, which knows what it holds.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.measure_holds
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON moderation.measure_holds TO zhibo_app;

CREATE TABLE moderation.measure_ends (
    measure UUID NOT NULL,
    entry BIGINT NOT NULL,
    how TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT a_measure_ends_once PRIMARY KEY (measure),
    CONSTRAINT measure_end_is_known CHECK (how IN ('lifted', 'overturned', 'refused'))
);
CREATE INDEX measure_ends_of_entry ON moderation.measure_ends (entry);
COMMENT ON TABLE moderation.measure_ends IS 'A measure that ended before its time. Append-only.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.measure_ends
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON moderation.measure_ends TO zhibo_app;

CREATE TABLE moderation.shortened_measures (
    measure UUID NOT NULL,
    entry BIGINT NOT NULL,
    until TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT a_measure_is_shortened_once_an_entry PRIMARY KEY (measure, entry)
);
COMMENT ON TABLE moderation.shortened_measures IS 'A measure that ends sooner than was decided, as what it counts from did. Append-only. P-MUTE.';
COMMENT ON COLUMN moderation.shortened_measures.until IS 'When it ends now; the earliest counts.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.shortened_measures
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON moderation.shortened_measures TO zhibo_app;
