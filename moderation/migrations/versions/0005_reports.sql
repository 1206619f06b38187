CREATE TABLE moderation.access_records (
    number BIGINT GENERATED ALWAYS AS IDENTITY,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL,
    CONSTRAINT access_records_pkey PRIMARY KEY (number)
);
CREATE INDEX access_records_of_actor ON moderation.access_records (actor, number);
CREATE INDEX access_records_of_object ON moderation.access_records (object, number);
COMMENT ON TABLE moderation.access_records IS 'A look at something protected, or an act of moderation. Append-only.';
COMMENT ON COLUMN moderation.access_records.actor IS 'role:subject.';
COMMENT ON COLUMN moderation.access_records.act IS 'Such as read_report, or the kind of a command.';
COMMENT ON COLUMN moderation.access_records.object IS 'What was looked at or acted on: report:…, case:…';
COMMENT ON COLUMN moderation.access_records.detail IS 'More of our own words; never anything personal.';

CREATE TABLE moderation.notices (
    notice UUID NOT NULL,
    number BIGINT GENERATED ALWAYS AS IDENTITY,
    entry BIGINT NOT NULL,
    party TEXT NOT NULL,
    kind TEXT NOT NULL,
    "case" TEXT,
    text TEXT NOT NULL,
    written_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT notices_pkey PRIMARY KEY (notice),
    CONSTRAINT a_notice_says_something CHECK (text <> '')
);
CREATE INDEX notices_of_party ON moderation.notices (party, number);
CREATE INDEX notices_of_entry ON moderation.notices (entry);
COMMENT ON TABLE moderation.notices IS 'What a party is told, written in the commit it tells of. Append-only.';
COMMENT ON COLUMN moderation.notices.notice IS 'Derived from the entry it was written with.';
COMMENT ON COLUMN moderation.notices.number IS 'The order of the inbox.';
COMMENT ON COLUMN moderation.notices.party IS 'Who is told.';
COMMENT ON COLUMN moderation.notices.kind IS 'What it is about: decision, report, appeal, …';

CREATE TABLE moderation.deliveries (
    notice UUID NOT NULL,
    attempt INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    failure TEXT,
    CONSTRAINT deliveries_pkey PRIMARY KEY (notice, attempt),
    CONSTRAINT attempts_are_counted_from_one CHECK (attempt > 0)
);
CREATE UNIQUE INDEX a_notice_arrives_once ON moderation.deliveries (notice) WHERE failure IS NULL;
COMMENT ON TABLE moderation.deliveries IS 'A try to deliver a notice. One without failure put it into the inbox. Append-only.';
COMMENT ON COLUMN moderation.deliveries.attempt IS 'From 1, without gaps.';
COMMENT ON COLUMN moderation.deliveries.failure IS 'Why it did not arrive; null when it did.';

CREATE TABLE moderation.due_notices (
    notice UUID NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT due_notices_pkey PRIMARY KEY (notice)
);
CREATE INDEX due_notices_by_time ON moderation.due_notices (due_at);
COMMENT ON TABLE moderation.due_notices IS 'Notices that have not arrived yet: a projection of notices and deliveries.';
COMMENT ON COLUMN moderation.due_notices.attempts IS 'How many were made.';
COMMENT ON COLUMN moderation.due_notices.due_at IS 'When to try (again).';

CREATE TABLE moderation.notice_reads (
    notice UUID NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT a_notice_is_first_read_once PRIMARY KEY (notice)
);
COMMENT ON TABLE moderation.notice_reads IS 'When a notice was first read. Append-only.';

CREATE TABLE moderation.evidence (
    "case" TEXT NOT NULL,
    sha256 BYTEA NOT NULL,
    entry BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    added_by TEXT NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT a_case_has_a_file_once PRIMARY KEY ("case", sha256),
    CONSTRAINT evidence_is_named_by_its_hash CHECK (length(sha256) = 32),
    CONSTRAINT evidence_is_not_empty CHECK (bytes > 0)
);
CREATE INDEX evidence_of_entry ON moderation.evidence (entry);
CREATE INDEX evidence_of_file ON moderation.evidence (sha256);
COMMENT ON TABLE moderation.evidence IS 'A file that belongs to a case. Append-only.';
COMMENT ON COLUMN moderation.evidence.sha256 IS 'Of the content; in hex the file''s name.';
COMMENT ON COLUMN moderation.evidence.media_type IS 'What the content is, not what it was called.';
COMMENT ON COLUMN moderation.evidence.bytes IS 'Of the content, before it was encrypted.';
COMMENT ON COLUMN moderation.evidence.added_by IS 'role:subject, or the report it came with.';

CREATE TABLE moderation.reports (
    report UUID NOT NULL,
    entry BIGINT NOT NULL,
    reporter TEXT NOT NULL,
    channel TEXT NOT NULL,
    target TEXT NOT NULL,
    session UUID,
    moment TIMESTAMP WITH TIME ZONE,
    category TEXT NOT NULL,
    rule_version TEXT NOT NULL,
    harm SMALLINT NOT NULL,
    needs_proof BOOLEAN NOT NULL,
    flagged BOOLEAN NOT NULL,
    filed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT reports_pkey PRIMARY KEY (report),
    CONSTRAINT report_channel_is_known CHECK (channel IN ('button', 'hotline', 'letter')),
    CONSTRAINT harm_is_a_severity CHECK (harm BETWEEN 0 AND 3)
);
CREATE UNIQUE INDEX report_of_entry ON moderation.reports (entry);
CREATE INDEX reports_of_reporter ON moderation.reports (reporter, entry);
CREATE INDEX reports_about_target ON moderation.reports (target, entry);
COMMENT ON TABLE moderation.reports IS 'A report. Append-only.';
COMMENT ON COLUMN moderation.reports.report IS 'The id of the command: the receipt.';
COMMENT ON COLUMN moderation.reports.reporter IS 'Never shown to the target.';
COMMENT ON COLUMN moderation.reports.target IS 'Whom it is about.';
COMMENT ON COLUMN moderation.reports.moment IS 'When it is said to have happened.';
COMMENT ON COLUMN moderation.reports.category IS 'An item of the violation catalogue.';
COMMENT ON COLUMN moderation.reports.rule_version IS 'The rule book that says how harmful that is.';
COMMENT ON COLUMN moderation.reports.harm IS '0 low to 3 critical: what the queue goes by.';
COMMENT ON COLUMN moderation.reports.needs_proof IS 'Whether it is accepted only with proof.';
COMMENT ON COLUMN moderation.reports.flagged IS 'Its reporter was found in bad faith too often.';

CREATE TABLE moderation.report_events (
    report UUID NOT NULL,
    number SMALLINT NOT NULL,
    entry BIGINT NOT NULL,
    event TEXT NOT NULL,
    actor TEXT NOT NULL,
    "case" TEXT,
    bad_faith BOOLEAN NOT NULL,
    reason TEXT,
    materials_due TIMESTAMP WITH TIME ZONE,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT report_events_pkey PRIMARY KEY (report, number),
    CONSTRAINT report_event_is_known
        CHECK (event IN ('received', 'awaiting_materials', 'handed_in', 'claimed', 'let_go', 'accepted', 'rejected',
                         'closed')),
    CONSTRAINT an_accepted_report_has_a_case CHECK ((event = 'accepted') = ("case" IS NOT NULL)),
    CONSTRAINT bad_faith_is_found_by_rejecting CHECK (NOT bad_faith OR event = 'rejected'),
    CONSTRAINT materials_are_awaited_until CHECK ((event = 'awaiting_materials') = (materials_due IS NOT NULL))
);
CREATE INDEX report_events_of_entry ON moderation.report_events (entry);
COMMENT ON TABLE moderation.report_events IS 'What befell a report. Append-only.';
COMMENT ON COLUMN moderation.report_events.number IS 'From 1, without gaps.';
COMMENT ON COLUMN moderation.report_events."case" IS 'Which case it was accepted into.';
COMMENT ON COLUMN moderation.report_events.bad_faith IS 'A rejection may find the reporter in bad faith.';
COMMENT ON COLUMN moderation.report_events.materials_due IS 'Until when proof is awaited.';

CREATE TABLE moderation.report_states (
    report UUID NOT NULL,
    entry BIGINT NOT NULL,
    harm SMALLINT NOT NULL,
    flagged BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    events SMALLINT NOT NULL,
    has_proof BOOLEAN NOT NULL,
    claimed_by TEXT,
    materials_due TIMESTAMP WITH TIME ZONE,
    "case" TEXT,
    CONSTRAINT report_states_pkey PRIMARY KEY (report),
    CONSTRAINT report_state_is_known
        CHECK (state IN ('received', 'awaiting_materials', 'accepted', 'rejected', 'closed')),
    CONSTRAINT only_open_reports_are_claimed
        CHECK (claimed_by IS NULL OR state IN ('received', 'awaiting_materials'))
);
CREATE INDEX reports_in_the_queue ON moderation.report_states (harm, entry)
    WHERE state IN ('received', 'awaiting_materials');
CREATE INDEX materials_that_are_due ON moderation.report_states (materials_due) WHERE state = 'awaiting_materials';
CREATE UNIQUE INDEX a_moderator_claims_one_report ON moderation.report_states (claimed_by)
    WHERE claimed_by IS NOT NULL;
COMMENT ON TABLE moderation.report_states IS 'How each report stands: a projection of report_events.';
COMMENT ON COLUMN moderation.report_states.entry IS 'Of the report: its age.';
COMMENT ON COLUMN moderation.report_states.events IS 'How many befell it.';
COMMENT ON COLUMN moderation.report_states.has_proof IS 'Whether name and number were handed in.';
COMMENT ON COLUMN moderation.report_states.claimed_by IS 'Which moderator looks at it now.';

CREATE TABLE moderation.report_files (
    report UUID NOT NULL,
    sha256 BYTEA NOT NULL,
    entry BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT a_report_has_a_file_once PRIMARY KEY (report, sha256),
    CONSTRAINT report_file_is_named_by_its_hash CHECK (length(sha256) = 32),
    CONSTRAINT report_file_is_not_empty CHECK (bytes > 0)
);
CREATE INDEX report_files_of_entry ON moderation.report_files (entry);
COMMENT ON TABLE moderation.report_files IS 'A file that a reporter handed in. Evidence of a case once the report is accepted. Append-only.';

CREATE TABLE moderation.sealed_values (
    entry BIGINT NOT NULL,
    field TEXT NOT NULL,
    party TEXT NOT NULL,
    subject UUID NOT NULL,
    key_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    CONSTRAINT a_value_is_sealed_once PRIMARY KEY (entry, field),
    CONSTRAINT sealed_field_is_known CHECK (field IN ('text', 'name', 'number', 'contact', 'statement', 'appeal', 'ticket')),
    CONSTRAINT a_sealed_value_is_whole CHECK (length(sealed) > 28)
);
CREATE INDEX sealed_values_of_subject ON moderation.sealed_values (subject);
CREATE INDEX sealed_values_of_key ON moderation.sealed_values (key_id, entry, field);
COMMENT ON TABLE moderation.sealed_values IS 'A personal value, sealed. May only be sealed anew, under another key.';
COMMENT ON COLUMN moderation.sealed_values.entry IS 'Of the fact it belongs to.';
COMMENT ON COLUMN moderation.sealed_values.party IS 'Whose it is: who reports, appeals or asks.';
COMMENT ON COLUMN moderation.sealed_values.subject IS 'The report, appeal or ticket.';
COMMENT ON COLUMN moderation.sealed_values.key_id IS 'Which key opens it.';
COMMENT ON COLUMN moderation.sealed_values.sealed IS 'Nonce, and what AES-256-GCM made of the value.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.access_records
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.notices
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.deliveries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.notice_reads
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.evidence
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.reports
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.report_events
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.report_files
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON moderation.access_records, moderation.notices, moderation.deliveries,
    moderation.notice_reads, moderation.evidence, moderation.reports, moderation.report_events,
    moderation.report_files, moderation.sealed_values TO zhibo_app;
GRANT UPDATE (key_id, sealed) ON moderation.sealed_values TO zhibo_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON moderation.due_notices TO zhibo_app;
GRANT SELECT, INSERT, UPDATE ON moderation.report_states TO zhibo_app;
