CREATE TABLE moderation.blacklist_imports (
    import UUID NOT NULL,
    entry BIGINT NOT NULL,
    list TEXT NOT NULL,
    named INTEGER NOT NULL,
    added INTEGER NOT NULL,
    imported_by TEXT NOT NULL,
    CONSTRAINT blacklist_imports_pkey PRIMARY KEY (import),
    CONSTRAINT blacklist_import_of_entry UNIQUE (entry),
    CONSTRAINT an_import_adds_what_it_names CHECK (named > 0 AND added BETWEEN 0 AND named)
);
COMMENT ON TABLE moderation.blacklist_imports IS 'A list of barred people that was read in (警示名单, 主播黑名单). Append-only. LIVE-BLK-1.';
COMMENT ON COLUMN moderation.blacklist_imports.import IS 'The id of the command.';
COMMENT ON COLUMN moderation.blacklist_imports.named IS 'How many numbers the file named, each counted once.';
COMMENT ON COLUMN moderation.blacklist_imports.added IS 'How many of them were not on the list yet.';

CREATE TABLE moderation.blacklist_listings (
    list TEXT NOT NULL,
    number_hash BYTEA NOT NULL,
    number SMALLINT NOT NULL,
    entry BIGINT NOT NULL,
    is_listed BOOLEAN NOT NULL,
    name_hash BYTEA,
    reason TEXT,
    CONSTRAINT blacklist_listings_pkey PRIMARY KEY (list, number_hash, number),
    CONSTRAINT who_is_listed_is_taken_off_next CHECK (number > 0 AND is_listed = (number % 2 = 1)),
    CONSTRAINT taking_off_has_a_reason CHECK (is_listed = (reason IS NULL)),
    CONSTRAINT the_listed_are_hashed CHECK (length(number_hash) = 32 AND (name_hash IS NULL OR length(name_hash) = 32))
);
CREATE INDEX blacklist_listings_of_entry ON moderation.blacklist_listings (entry);
CREATE INDEX blacklist_listings_of_number ON moderation.blacklist_listings (number_hash);
COMMENT ON TABLE moderation.blacklist_listings IS 'An ID number put on a list or taken off; the newest counts. Append-only. LIVE-BLK-1.';
COMMENT ON COLUMN moderation.blacklist_listings.number_hash IS 'Of the ID, keyed; nobody can read it back.';
COMMENT ON COLUMN moderation.blacklist_listings.number IS 'From 1, without gaps.';
COMMENT ON COLUMN moderation.blacklist_listings.is_listed IS 'Put on the list, or taken off it.';
COMMENT ON COLUMN moderation.blacklist_listings.name_hash IS 'Of the name it was listed under, keyed likewise.';
COMMENT ON COLUMN moderation.blacklist_listings.reason IS 'Why it was taken off.';

CREATE TABLE moderation.blacklist_hits (
    hit UUID NOT NULL,
    entry BIGINT NOT NULL,
    party TEXT NOT NULL,
    list TEXT NOT NULL,
    number_hash BYTEA NOT NULL,
    number SMALLINT NOT NULL,
    "case" TEXT NOT NULL,
    CONSTRAINT blacklist_hits_pkey PRIMARY KEY (hit),
    CONSTRAINT blacklist_hit_of_entry UNIQUE (entry),
    CONSTRAINT a_hit_is_found_once UNIQUE (party, list, number_hash, number)
);
COMMENT ON TABLE moderation.blacklist_hits IS 'A verified party found on a list, and the case opened about it. Append-only. LIVE-BLK-1.';
COMMENT ON COLUMN moderation.blacklist_hits.hit IS 'The id of the command, derived: the same hit, the same id.';
COMMENT ON COLUMN moderation.blacklist_hits.number IS 'Which listing it was.';

CREATE TABLE moderation.false_identities (
    finding UUID NOT NULL,
    entry BIGINT NOT NULL,
    party TEXT NOT NULL,
    "case" TEXT NOT NULL,
    reason TEXT NOT NULL,
    found_by TEXT NOT NULL,
    CONSTRAINT false_identities_pkey PRIMARY KEY (finding),
    CONSTRAINT false_identity_of_entry UNIQUE (entry)
);
CREATE INDEX false_identities_of_party ON moderation.false_identities (party, entry);
COMMENT ON TABLE moderation.false_identities IS 'A party that is not who it said it was, and the case about it. Append-only. LIVE-ID-4.';
COMMENT ON COLUMN moderation.false_identities.finding IS 'The id of the command.';

CREATE TABLE moderation.permissions (
    permission UUID NOT NULL,
    entry BIGINT NOT NULL,
    party TEXT NOT NULL,
    allows TEXT NOT NULL,
    scope TEXT NOT NULL,
    document TEXT NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
    valid_until TIMESTAMP WITH TIME ZONE,
    granted_by TEXT NOT NULL,
    CONSTRAINT permissions_pkey PRIMARY KEY (permission),
    CONSTRAINT permission_of_entry UNIQUE (entry),
    CONSTRAINT permission_is_of_a_known_kind CHECK (allows IN ('media_reuse', 'business')),
    CONSTRAINT a_permission_lasts CHECK (valid_from < valid_until)
);
CREATE INDEX permissions_of_party ON moderation.permissions (party, entry);
COMMENT ON TABLE moderation.permissions IS 'A written permission of the platform (书面许可). Append-only. LIVE-PRIN-2, LIVE-COND-2.';
COMMENT ON COLUMN moderation.permissions.permission IS 'The id of the command.';
COMMENT ON COLUMN moderation.permissions.scope IS 'What may be used or sold, in words.';
COMMENT ON COLUMN moderation.permissions.document IS 'The number of the paper that was signed.';
COMMENT ON COLUMN moderation.permissions.valid_until IS 'No longer valid from then on; null: until ended.';

CREATE TABLE moderation.permission_ends (
    permission UUID NOT NULL,
    entry BIGINT NOT NULL,
    reason TEXT NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT a_permission_ends_once PRIMARY KEY (permission),
    CONSTRAINT permission_end_of_entry UNIQUE (entry)
);
COMMENT ON TABLE moderation.permission_ends IS 'A permission that was revoked. Append-only.';

CREATE TABLE moderation.uses (
    use UUID NOT NULL,
    entry BIGINT NOT NULL,
    party TEXT NOT NULL,
    needs TEXT NOT NULL,
    detail TEXT NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE NOT NULL,
    permission UUID,
    "case" TEXT,
    CONSTRAINT uses_pkey PRIMARY KEY (use),
    CONSTRAINT use_of_entry UNIQUE (entry),
    CONSTRAINT use_is_of_a_known_kind CHECK (needs IN ('media_reuse', 'business')),
    CONSTRAINT a_use_is_permitted_or_a_case CHECK ((permission IS NULL) = ("case" IS NOT NULL))
);
CREATE INDEX uses_of_party ON moderation.uses (party, entry);
COMMENT ON TABLE moderation.uses IS 'What somebody did that needs a permission. Append-only. LIVE-PRIN-2, LIVE-COND-2.';
COMMENT ON COLUMN moderation.uses.use IS 'The id of the command.';
COMMENT ON COLUMN moderation.uses.needs IS 'Which kind of permission.';
COMMENT ON COLUMN moderation.uses.permission IS 'The one that covers it.';
COMMENT ON COLUMN moderation.uses."case" IS 'Opened, because none does.';

CREATE TABLE moderation.promises (
    promise UUID NOT NULL,
    entry BIGINT NOT NULL,
    streamer TEXT NOT NULL,
    session UUID,
    text TEXT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT promises_pkey PRIMARY KEY (promise),
    CONSTRAINT promise_of_entry UNIQUE (entry)
);
CREATE INDEX promises_of_streamer ON moderation.promises (streamer, entry);
COMMENT ON TABLE moderation.promises IS 'What a streamer promised viewers, and by when. Append-only. LIVE-PROMISE-1.';
COMMENT ON COLUMN moderation.promises.promise IS 'The id of the command.';
COMMENT ON COLUMN moderation.promises.session IS 'In which it was made, if in one.';

CREATE TABLE moderation.promise_outcomes (
    promise UUID NOT NULL,
    entry BIGINT NOT NULL,
    is_kept BOOLEAN NOT NULL,
    note TEXT NOT NULL,
    "case" TEXT,
    resolved_by TEXT NOT NULL,
    CONSTRAINT a_promise_is_resolved_once PRIMARY KEY (promise),
    CONSTRAINT promise_outcome_of_entry UNIQUE (entry),
    CONSTRAINT a_broken_promise_is_a_case CHECK (is_kept = ("case" IS NULL))
);
COMMENT ON TABLE moderation.promise_outcomes IS 'What became of a promise. Append-only. LIVE-PROMISE-1.';
COMMENT ON COLUMN moderation.promise_outcomes."case" IS 'Opened, because it was not kept.';

CREATE TABLE moderation.room_actions (
    action UUID NOT NULL,
    entry BIGINT NOT NULL,
    streamer TEXT NOT NULL,
    room TEXT NOT NULL,
    participant TEXT NOT NULL,
    act TEXT NOT NULL,
    reason TEXT NOT NULL,
    until TIMESTAMP WITH TIME ZONE,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT room_actions_pkey PRIMARY KEY (action),
    CONSTRAINT room_action_of_entry UNIQUE (entry),
    CONSTRAINT room_action_is_known CHECK (act IN ('mute', 'unmute', 'remove', 'report')),
    CONSTRAINT only_a_mute_ends_by_itself CHECK (act = 'mute' OR until IS NULL)
);
CREATE INDEX room_actions_of_streamer ON moderation.room_actions (streamer, entry);
CREATE INDEX room_actions_on_participant ON moderation.room_actions (participant, entry);
COMMENT ON TABLE moderation.room_actions IS 'What a streamer did about a participant who broke rules (禁言, 移出). Append-only. LIVE-MOD-5.';
COMMENT ON COLUMN moderation.room_actions.action IS 'The id of the command.';
COMMENT ON COLUMN moderation.room_actions.until IS 'The end of a mute, if it has one.';

CREATE TABLE moderation.disclosures (
    disclosure UUID NOT NULL,
    entry BIGINT NOT NULL,
    party TEXT NOT NULL,
    measure UUID NOT NULL,
    authority TEXT NOT NULL,
    document TEXT NOT NULL,
    disclosed TEXT[] NOT NULL,
    disclosed_by TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT disclosures_pkey PRIMARY KEY (disclosure),
    CONSTRAINT disclosure_of_entry UNIQUE (entry),
    CONSTRAINT a_disclosure_is_of_something CHECK (cardinality(disclosed) > 0)
);
CREATE INDEX disclosures_of_party ON moderation.disclosures (party, entry);
COMMENT ON TABLE moderation.disclosures IS 'What was handed to an authority about a party (移交司法机关). Append-only. LIVE-MOD-9.';
COMMENT ON COLUMN moderation.disclosures.disclosure IS 'The id of the command.';
COMMENT ON COLUMN moderation.disclosures.measure IS 'The legal hold it rests on.';
COMMENT ON COLUMN moderation.disclosures.document IS 'The number of what the authority asked by.';
COMMENT ON COLUMN moderation.disclosures.disclosed IS 'What was handed over, named and not shown.';

CREATE TABLE moderation.tickets (
    ticket UUID NOT NULL,
    entry BIGINT NOT NULL,
    party TEXT NOT NULL,
    about TEXT NOT NULL,
    subject TEXT,
    filed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    rules TEXT NOT NULL,
    CONSTRAINT tickets_pkey PRIMARY KEY (ticket),
    CONSTRAINT ticket_of_entry UNIQUE (entry),
    CONSTRAINT ticket_is_about_something_known CHECK (about IN ('entry', 'case', 'promise', 'refund', 'other')),
    CONSTRAINT a_ticket_names_what_it_is_about CHECK ((about IN ('refund', 'other')) = (subject IS NULL)),
    CONSTRAINT an_answer_takes_time CHECK (filed_at < due_at)
);
CREATE INDEX tickets_of_party ON moderation.tickets (party, entry);
COMMENT ON TABLE moderation.tickets IS 'A doubt or an objection that somebody wants explained. Append-only. LIVE-CONTACT-1.';
COMMENT ON COLUMN moderation.tickets.ticket IS 'The id of the command.';
COMMENT ON COLUMN moderation.tickets.subject IS 'Which entry, case or promise.';
COMMENT ON COLUMN moderation.tickets.due_at IS 'Escalated then, if not answered.';
COMMENT ON COLUMN moderation.tickets.rules IS 'The version of the rule book that says by when.';

CREATE TABLE moderation.ticket_events (
    ticket UUID NOT NULL,
    number SMALLINT NOT NULL,
    entry BIGINT NOT NULL,
    event TEXT NOT NULL,
    actor TEXT NOT NULL,
    text TEXT,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT ticket_events_pkey PRIMARY KEY (ticket, number),
    CONSTRAINT a_ticket_is_in_a_state_once UNIQUE (ticket, event),
    CONSTRAINT ticket_event_is_known CHECK (event IN ('filed', 'escalated', 'answered')),
    CONSTRAINT an_answer_says_something CHECK ((event = 'answered') = (text IS NOT NULL))
);
CREATE INDEX ticket_events_of_entry ON moderation.ticket_events (entry);
COMMENT ON TABLE moderation.ticket_events IS 'What became of a ticket. Append-only. LIVE-CONTACT-1.';
COMMENT ON COLUMN moderation.ticket_events.number IS 'From 1, without gaps.';
COMMENT ON COLUMN moderation.ticket_events.text IS 'The answer.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.blacklist_imports
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.blacklist_listings
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.blacklist_hits
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.false_identities
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.permissions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.permission_ends
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.uses
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.promises
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.promise_outcomes
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.room_actions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.disclosures
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.tickets
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation.ticket_events
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON moderation.blacklist_imports, moderation.blacklist_listings, moderation.blacklist_hits,
    moderation.false_identities, moderation.permissions, moderation.permission_ends, moderation.uses,
    moderation.promises, moderation.promise_outcomes, moderation.room_actions, moderation.disclosures,
    moderation.tickets, moderation.ticket_events TO zhibo_app;
