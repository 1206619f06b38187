CREATE TABLE settlement.sessions (
    session UUID NOT NULL,
    entry BIGINT NOT NULL,
    streamer TEXT NOT NULL,
    room TEXT NOT NULL,
    scope TEXT NOT NULL,
    tags TEXT[] NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (session)
);
CREATE INDEX sessions_of_streamer ON settlement.sessions (streamer, opened_at);
COMMENT ON TABLE settlement.sessions IS 'A live session that was opened. Append-only.';
COMMENT ON COLUMN settlement.sessions.session IS 'The id of the command that opened it.';
COMMENT ON COLUMN settlement.sessions.scope IS 'What the stream is about (直播范围), as declared.';
COMMENT ON COLUMN settlement.sessions.tags IS 'The activities it was opened for.';

CREATE TABLE settlement.session_ends (
    session UUID NOT NULL,
    entry BIGINT NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT session_ends_pkey PRIMARY KEY (session)
);
COMMENT ON TABLE settlement.session_ends IS 'A live session that was closed. Append-only.';

CREATE TABLE settlement.facts (
    entry BIGINT NOT NULL,
    session UUID NOT NULL,
    metric TEXT NOT NULL,
    value BIGINT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT facts_pkey PRIMARY KEY (entry),
    CONSTRAINT metric_is_known CHECK (metric IN ('minutes', 'interactions', 'viewers', 'face_shown', 'quality_bps')),
    CONSTRAINT value_is_in_range CHECK (CASE metric WHEN 'face_shown' THEN value BETWEEN 0 AND 1 WHEN 'quality_bps' THEN value BETWEEN -10000 AND 10000 ELSE value >= 0 END)
);
CREATE INDEX facts_of_session ON settlement.facts (session, metric, entry);
COMMENT ON TABLE settlement.facts IS 'Something measured of a session; a later entry corrects an earlier one. Append-only.';

CREATE TABLE settlement.accruals (
    entry BIGINT NOT NULL,
    streamer TEXT NOT NULL,
    kind TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    session UUID,
    reference TEXT NOT NULL,
    policy_version TEXT,
    reason TEXT,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT accruals_pkey PRIMARY KEY (entry),
    CONSTRAINT kind_accrues CHECK (kind IN ('task', 'activity_award', 'interaction_promo', 'commerce', 'ip_proceeds', 'adjustment')),
    CONSTRAINT nothing_has_a_reason CHECK (amount_minor > 0 OR amount_minor = 0 AND reason IS NOT NULL)
);
CREATE INDEX accruals_of_streamer ON settlement.accruals (streamer, entry);
COMMENT ON TABLE settlement.accruals IS 'Something earned, or found to earn nothing. Append-only.';
COMMENT ON COLUMN settlement.accruals.amount_minor IS 'What was credited, fen; 0 with the reason why.';
COMMENT ON COLUMN settlement.accruals.reference IS 'The source document: task, activity, order, case.';
COMMENT ON COLUMN settlement.accruals.policy_version IS 'In force when it was earned; null when none was published.';

CREATE TABLE settlement.withdrawals (
    accrual BIGINT NOT NULL,
    entry BIGINT NOT NULL,
    streamer TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    earnings_minor BIGINT NOT NULL,
    debt_minor BIGINT NOT NULL,
    reason TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT withdrawals_pkey PRIMARY KEY (entry),
    CONSTRAINT a_withdrawal_takes_something CHECK (amount_minor >= 0 AND earnings_minor >= 0 AND debt_minor >= 0 AND amount_minor + earnings_minor + debt_minor > 0)
);
CREATE INDEX withdrawals_of_accrual ON settlement.withdrawals (accrual);
CREATE INDEX withdrawals_of_streamer ON settlement.withdrawals (streamer, entry);
COMMENT ON TABLE settlement.withdrawals IS 'An accrual, or part of it, taken back. Append-only.';
COMMENT ON COLUMN settlement.withdrawals.accrual IS 'The entry of what is taken back.';
COMMENT ON COLUMN settlement.withdrawals.amount_minor IS 'What left the accruals, fen; 0 when it was settled already.';
COMMENT ON COLUMN settlement.withdrawals.earnings_minor IS 'What left the earnings, fen.';
COMMENT ON COLUMN settlement.withdrawals.debt_minor IS 'What is owed from now on, fen.';

CREATE TABLE settlement.withdrawn_receipts (
    entry BIGINT NOT NULL,
    received_by BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL,
    CONSTRAINT withdrawn_receipts_pkey PRIMARY KEY (entry, received_by),
    CONSTRAINT something_was_withdrawn CHECK (amount_minor > 0)
);
CREATE INDEX withdrawn_receipts_received_by ON settlement.withdrawn_receipts (received_by);
COMMENT ON TABLE settlement.withdrawn_receipts IS 'Of which receipts a withdrawal took what left the accruals. Append-only.';
COMMENT ON COLUMN settlement.withdrawn_receipts.received_by IS 'The entry of what was taken back, or by which it was received again.';
COMMENT ON COLUMN settlement.withdrawn_receipts.amount_minor IS 'What left the accruals of what came in by it, fen.';

CREATE TABLE settlement.deductions (
    entry BIGINT NOT NULL,
    streamer TEXT NOT NULL,
    accruals_minor BIGINT NOT NULL,
    earnings_minor BIGINT NOT NULL,
    debt_minor BIGINT NOT NULL,
    reference TEXT,
    reason TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT deductions_pkey PRIMARY KEY (entry),
    CONSTRAINT a_deduction_takes_something CHECK (accruals_minor >= 0 AND earnings_minor >= 0 AND debt_minor >= 0 AND accruals_minor + earnings_minor + debt_minor > 0)
);
CREATE INDEX deductions_of_streamer ON settlement.deductions (streamer, entry);
COMMENT ON TABLE settlement.deductions IS 'An adjustment to the streamer''s disadvantage. Append-only.';
COMMENT ON COLUMN settlement.deductions.accruals_minor IS 'What left the accruals, fen.';
COMMENT ON COLUMN settlement.deductions.earnings_minor IS 'What left the earnings, fen.';
COMMENT ON COLUMN settlement.deductions.debt_minor IS 'What is owed from now on, fen.';

CREATE TABLE settlement.tasks (
    task UUID NOT NULL,
    entry BIGINT NOT NULL,
    streamer TEXT NOT NULL,
    metric TEXT NOT NULL,
    target BIGINT NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    until TIMESTAMP WITH TIME ZONE NOT NULL,
    reward_minor BIGINT NOT NULL,
    rule_version TEXT NOT NULL,
    CONSTRAINT tasks_pkey PRIMARY KEY (task),
    CONSTRAINT metric_is_a_sum CHECK (metric IN ('minutes', 'interactions', 'viewers', 'sessions')),
    CONSTRAINT a_task_can_be_done CHECK (target > 0 AND reward_minor > 0 AND since < until)
);
COMMENT ON TABLE settlement.tasks IS 'A task (主播任务) assigned to one streamer. Append-only.';
COMMENT ON COLUMN settlement.tasks.task IS 'The id of the command that assigned it.';

CREATE TABLE settlement.task_evaluations (
    task UUID NOT NULL,
    entry BIGINT NOT NULL,
    reached BIGINT NOT NULL,
    CONSTRAINT a_task_is_rewarded_once PRIMARY KEY (task)
);
COMMENT ON TABLE settlement.task_evaluations IS 'A task whose target was reached. Append-only.';

CREATE TABLE settlement.activity_rules (
    entry BIGINT NOT NULL,
    activity TEXT NOT NULL,
    version TEXT NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    until TIMESTAMP WITH TIME ZONE NOT NULL,
    tag TEXT NOT NULL,
    minimum_interactions BIGINT NOT NULL,
    face_shown BOOLEAN NOT NULL,
    award_minor BIGINT NOT NULL,
    CONSTRAINT activity_rules_pkey PRIMARY KEY (entry),
    CONSTRAINT a_version_is_published_once UNIQUE (activity, version),
    CONSTRAINT an_activity_can_be_won CHECK (minimum_interactions >= 0 AND award_minor > 0 AND since < until)
);
COMMENT ON TABLE settlement.activity_rules IS 'The rules of an official activity, in one version. Append-only.';

CREATE TABLE settlement.enrolments (
    entry BIGINT NOT NULL,
    activity TEXT NOT NULL,
    streamer TEXT NOT NULL,
    rules BIGINT NOT NULL,
    CONSTRAINT enrolments_pkey PRIMARY KEY (entry)
);
CREATE INDEX enrolments_of_streamer ON settlement.enrolments (streamer, activity, entry);
COMMENT ON TABLE settlement.enrolments IS 'A streamer signed up for an activity. Append-only.';
COMMENT ON COLUMN settlement.enrolments.rules IS 'The entry of the version that was newest then: it stays this streamer''s.';

CREATE TABLE settlement.activity_results (
    entry BIGINT NOT NULL,
    activity TEXT NOT NULL,
    streamer TEXT NOT NULL,
    rules BIGINT NOT NULL,
    result TEXT NOT NULL,
    rests_on BIGINT NOT NULL,
    CONSTRAINT activity_results_pkey PRIMARY KEY (entry),
    CONSTRAINT result_is_known CHECK (result IN ('AWARDED', 'NOT_ENROLLED', 'OUT_OF_WINDOW', 'WRONG_CONTENT', 'FACE_NOT_SHOWN', 'LOW_INTERACTION', 'WITHDRAWN'))
);
CREATE INDEX activity_results_of_streamer ON settlement.activity_results (streamer, activity, entry);
COMMENT ON TABLE settlement.activity_results IS 'What an activity came to for a streamer; the newest counts. Append-only.';
COMMENT ON COLUMN settlement.activity_results.rests_on IS 'The entry of the fact, session, rule or award that decided it.';

CREATE TABLE settlement.commissions (
    commission TEXT NOT NULL,
    entry BIGINT NOT NULL,
    streamer TEXT NOT NULL,
    goods TEXT NOT NULL,
    rate_bps INTEGER NOT NULL,
    CONSTRAINT commissions_pkey PRIMARY KEY (commission),
    CONSTRAINT rate_is_a_rate CHECK (rate_bps BETWEEN 1 AND 10000)
);
COMMENT ON TABLE settlement.commissions IS 'Goods that the platform gave a streamer to sell, and what that pays. Append-only.';

CREATE TABLE settlement.sales (
    sale TEXT NOT NULL,
    entry BIGINT NOT NULL,
    commission TEXT NOT NULL,
    streamer TEXT NOT NULL,
    price_minor BIGINT NOT NULL,
    rate_bps INTEGER NOT NULL,
    CONSTRAINT sales_pkey PRIMARY KEY (sale),
    CONSTRAINT a_sale_is_something CHECK (price_minor > 0)
);
COMMENT ON TABLE settlement.sales IS 'Goods sold under a commission. Append-only.';
COMMENT ON COLUMN settlement.sales.sale IS 'The shop''s order number.';

CREATE TABLE settlement.returned_goods (
    entry BIGINT NOT NULL,
    sale TEXT NOT NULL,
    price_minor BIGINT NOT NULL,
    CONSTRAINT returned_goods_pkey PRIMARY KEY (entry),
    CONSTRAINT a_return_is_something CHECK (price_minor > 0)
);
CREATE INDEX returned_goods_of_sale ON settlement.returned_goods (sale);
COMMENT ON TABLE settlement.returned_goods IS 'Goods that came back. Append-only.';

CREATE TABLE settlement.ip_cases (
    ip_case TEXT NOT NULL,
    entry BIGINT NOT NULL,
    streamer TEXT NOT NULL,
    work TEXT NOT NULL,
    CONSTRAINT ip_cases_pkey PRIMARY KEY (ip_case)
);
COMMENT ON TABLE settlement.ip_cases IS 'A case (维权) that the platform runs for a streamer''s work. Append-only.';

CREATE TABLE settlement.ip_costs (
    voucher TEXT NOT NULL,
    entry BIGINT NOT NULL,
    ip_case TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    CONSTRAINT a_voucher_counts_once PRIMARY KEY (voucher),
    CONSTRAINT a_cost_is_something CHECK (amount_minor > 0)
);
CREATE INDEX ip_costs_of_case ON settlement.ip_costs (ip_case);
COMMENT ON TABLE settlement.ip_costs IS 'A vouchered cost (维权成本) of a case. Append-only.';

CREATE TABLE settlement.ip_proceeds (
    entry BIGINT NOT NULL,
    ip_case TEXT NOT NULL,
    gross_minor BIGINT NOT NULL,
    costs_minor BIGINT NOT NULL,
    streamer_minor BIGINT NOT NULL,
    platform_minor BIGINT NOT NULL,
    CONSTRAINT ip_proceeds_pkey PRIMARY KEY (entry),
    CONSTRAINT parts_make_the_whole CHECK (gross_minor > 0 AND costs_minor >= 0 AND streamer_minor >= 0 AND platform_minor >= 0 AND gross_minor = costs_minor + streamer_minor + platform_minor)
);
CREATE INDEX ip_proceeds_of_case ON settlement.ip_proceeds (ip_case);
COMMENT ON TABLE settlement.ip_proceeds IS 'Money that a case brought in, and its parts. Append-only.';

INSERT INTO settlement.accruals (entry, streamer, kind, amount_minor, reference, occurred_at)
SELECT r.entry, r.streamer, 'task', r.amount_minor, r.task, d.occurred_at
FROM settlement.rewards AS r
JOIN ledger.decisions AS d ON d.seq = r.entry;
DROP TABLE settlement.rewards;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.sessions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.session_ends
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.facts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.accruals
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.withdrawals
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.withdrawn_receipts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.deductions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.tasks
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.task_evaluations
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.activity_rules
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.enrolments
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.activity_results
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.commissions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.sales
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.returned_goods
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.ip_cases
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.ip_costs
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.ip_proceeds
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON
    settlement.sessions,
    settlement.session_ends,
    settlement.facts,
    settlement.accruals,
    settlement.withdrawals,
    settlement.withdrawn_receipts,
    settlement.deductions,
    settlement.tasks,
    settlement.task_evaluations,
    settlement.activity_rules,
    settlement.enrolments,
    settlement.activity_results,
    settlement.commissions,
    settlement.sales,
    settlement.returned_goods,
    settlement.ip_cases,
    settlement.ip_costs,
    settlement.ip_proceeds
TO zhibo_app;
