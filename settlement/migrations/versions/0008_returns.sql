CREATE TABLE settlement.return_plans (
    plan UUID NOT NULL,
    kind TEXT NOT NULL,
    selection JSONB NOT NULL,
    ratio_bps INTEGER NOT NULL,
    upto_seq BIGINT NOT NULL,
    streamers TEXT[] NOT NULL,
    tips BIGINT NOT NULL,
    coins BIGINT NOT NULL,
    streamer_minor BIGINT NOT NULL,
    guild_minor BIGINT NOT NULL,
    platform_minor BIGINT NOT NULL,
    refund_minor BIGINT NOT NULL,
    promotion_minor BIGINT NOT NULL,
    undone_before BIGINT NOT NULL,
    taken_before BIGINT NOT NULL,
    held_before BIGINT NOT NULL,
    sha256 BYTEA NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT return_plans_pkey PRIMARY KEY (plan),
    CONSTRAINT return_kind_is_known CHECK (kind IN ('unlawful', 'minor')),
    CONSTRAINT a_ratio_is_a_part CHECK (ratio_bps BETWEEN 1 AND 10000),
    CONSTRAINT viewers_get_all_of_it_back CHECK (kind = 'minor' OR ratio_bps = 10000)
);
COMMENT ON TABLE settlement.return_plans IS 'What exactly would go back, and of whose money. Append-only.';
COMMENT ON COLUMN settlement.return_plans.kind IS 'Of an unlawful stream, back to the viewers; or a minor''s.';
COMMENT ON COLUMN settlement.return_plans.selection IS 'Which tips were asked for.';
COMMENT ON COLUMN settlement.return_plans.ratio_bps IS 'What part of each tip goes back.';
COMMENT ON COLUMN settlement.return_plans.upto_seq IS 'Up to which number of the journal it looked.';
COMMENT ON COLUMN settlement.return_plans.tips IS 'How many go back.';
COMMENT ON COLUMN settlement.return_plans.streamer_minor IS 'Of what was settled, to be taken back from streamers, fen.';
COMMENT ON COLUMN settlement.return_plans.guild_minor IS 'Likewise from guilds.';
COMMENT ON COLUMN settlement.return_plans.platform_minor IS 'Likewise from the platform''s share.';
COMMENT ON COLUMN settlement.return_plans.refund_minor IS 'Owed to whoever paid a minor''s coins, fen.';
COMMENT ON COLUMN settlement.return_plans.promotion_minor IS 'What of a minor''s coins was bonus, fen.';
COMMENT ON COLUMN settlement.return_plans.undone_before IS 'Tips left out: gone back or reversed before.';
COMMENT ON COLUMN settlement.return_plans.taken_before IS 'Tips left out: something of their coins was taken otherwise.';
COMMENT ON COLUMN settlement.return_plans.held_before IS 'Tips left out: another measure holds of their coins, or has them go back.';
COMMENT ON COLUMN settlement.return_plans.sha256 IS 'Of its tips, a line each.';

CREATE TABLE settlement.planned_returns (
    plan UUID NOT NULL,
    tip BIGINT NOT NULL,
    viewer TEXT NOT NULL,
    streamer TEXT NOT NULL,
    coins BIGINT NOT NULL,
    unsettled_coins BIGINT NOT NULL,
    streamer_minor BIGINT NOT NULL,
    guild TEXT,
    guild_minor BIGINT NOT NULL,
    platform_minor BIGINT NOT NULL,
    refund_minor BIGINT NOT NULL,
    promotion_minor BIGINT NOT NULL,
    CONSTRAINT a_tip_is_planned_once PRIMARY KEY (plan, tip),
    CONSTRAINT what_goes_back_is_settled_or_not CHECK (coins > 0 AND unsettled_coins BETWEEN 0 AND coins),
    CONSTRAINT shares_are_the_face_value CHECK (streamer_minor >= 0 AND guild_minor >= 0 AND platform_minor >= 0 AND streamer_minor + guild_minor + platform_minor = 10 * (coins - unsettled_coins)),
    CONSTRAINT a_guilds_part_names_the_guild CHECK (guild_minor = 0 OR guild IS NOT NULL),
    CONSTRAINT a_refund_is_the_face_value CHECK (refund_minor = 0 AND promotion_minor = 0 OR refund_minor + promotion_minor = 10 * coins)
);
CREATE INDEX planned_returns_of_viewer ON settlement.planned_returns (viewer, plan);
CREATE INDEX planned_returns_of_guild ON settlement.planned_returns (guild, plan) WHERE guild IS NOT NULL;
COMMENT ON TABLE settlement.planned_returns IS 'A tip of a plan: what goes back, and who gives it. Append-only.';
COMMENT ON COLUMN settlement.planned_returns.tip IS 'The entry of the tip.';
COMMENT ON COLUMN settlement.planned_returns.coins IS 'What of it goes back.';
COMMENT ON COLUMN settlement.planned_returns.unsettled_coins IS 'Of these, out of the gifts; the others were settled.';
COMMENT ON COLUMN settlement.planned_returns.streamer_minor IS 'What the streamer was credited of the settled ones, fen.';
COMMENT ON COLUMN settlement.planned_returns.guild_minor IS 'What the guild was credited of them.';
COMMENT ON COLUMN settlement.planned_returns.platform_minor IS 'What the platform had of them.';
COMMENT ON COLUMN settlement.planned_returns.refund_minor IS 'What was paid for a minor''s coins, fen.';
COMMENT ON COLUMN settlement.planned_returns.promotion_minor IS 'What of a minor''s coins was bonus, fen.';

CREATE TABLE settlement.planned_holds (
    plan UUID NOT NULL,
    tip BIGINT NOT NULL,
    hold UUID NOT NULL,
    amount_minor BIGINT NOT NULL,
    CONSTRAINT planned_holds_pkey PRIMARY KEY (plan, tip, hold),
    CONSTRAINT a_hold_keeps_something_back CHECK (amount_minor > 0)
);
COMMENT ON TABLE settlement.planned_holds IS 'Which late arrival (延时到账) keeps a planned tip''s shares back. Append-only.';
COMMENT ON COLUMN settlement.planned_holds.tip IS 'The entry of the tip.';
COMMENT ON COLUMN settlement.planned_holds.hold IS 'As the statement placed it.';
COMMENT ON COLUMN settlement.planned_holds.amount_minor IS 'What of the tip''s shares it keeps back, fen.';

CREATE TABLE settlement.returned_tips (
    tip BIGINT NOT NULL,
    plan UUID NOT NULL,
    entry BIGINT NOT NULL,
    account BIGINT NOT NULL,
    receipt BIGINT NOT NULL,
    coins BIGINT NOT NULL,
    unsettled_coins BIGINT NOT NULL,
    again_coins BIGINT NOT NULL,
    earnings_minor BIGINT NOT NULL,
    debt_minor BIGINT NOT NULL,
    guild TEXT,
    guild_earnings_minor BIGINT NOT NULL,
    guild_debt_minor BIGINT NOT NULL,
    platform_minor BIGINT NOT NULL,
    refund_minor BIGINT NOT NULL,
    promotion_minor BIGINT NOT NULL,
    CONSTRAINT a_tip_goes_back_once PRIMARY KEY (tip),
    CONSTRAINT a_return_has_its_own_entry UNIQUE (entry),
    CONSTRAINT what_was_received_again_is_of_the_gifts CHECK (again_coins BETWEEN 0 AND unsettled_coins)
);
CREATE INDEX returned_tips_of_account ON settlement.returned_tips (account, entry);
CREATE INDEX returned_tips_of_plan ON settlement.returned_tips (plan, tip);
CREATE INDEX unsettled_returns_of_account ON settlement.returned_tips (account, receipt) WHERE unsettled_coins > 0;
COMMENT ON TABLE settlement.returned_tips IS 'A tip, or a part of one, that went back. Append-only.';
COMMENT ON COLUMN settlement.returned_tips.tip IS 'The entry of the tip.';
COMMENT ON COLUMN settlement.returned_tips.account IS 'The streamer''s gifts.';
COMMENT ON COLUMN settlement.returned_tips.receipt IS 'The transfer that credited them.';
COMMENT ON COLUMN settlement.returned_tips.coins IS 'What went back.';
COMMENT ON COLUMN settlement.returned_tips.unsettled_coins IS 'Of these, out of the gifts.';
COMMENT ON COLUMN settlement.returned_tips.again_coins IS 'Of these in turn, out of what had been received again.';
COMMENT ON COLUMN settlement.returned_tips.earnings_minor IS 'Taken back from the streamer''s earnings, fen.';
COMMENT ON COLUMN settlement.returned_tips.debt_minor IS 'What the streamer owes for it from then on, fen.';
COMMENT ON COLUMN settlement.returned_tips.guild_earnings_minor IS 'Taken back from the guild''s earnings, fen.';
COMMENT ON COLUMN settlement.returned_tips.guild_debt_minor IS 'What the guild owes for it from then on, fen.';
COMMENT ON COLUMN settlement.returned_tips.platform_minor IS 'Out of the platform''s share, fen.';
COMMENT ON COLUMN settlement.returned_tips.refund_minor IS 'Owed to whoever paid, fen.';
COMMENT ON COLUMN settlement.returned_tips.promotion_minor IS 'Bonus that came back, fen.';

CREATE TABLE settlement.returned_again (
    tip BIGINT NOT NULL,
    received_by BIGINT NOT NULL,
    entry BIGINT NOT NULL,
    account BIGINT NOT NULL,
    receipt BIGINT NOT NULL,
    coins BIGINT NOT NULL,
    CONSTRAINT returned_again_pkey PRIMARY KEY (tip, received_by),
    CONSTRAINT something_went_back CHECK (coins > 0)
);
CREATE INDEX returned_again_of_account ON settlement.returned_again (account, receipt);
COMMENT ON TABLE settlement.returned_again IS 'What of a tip went back out of what a measure had taken, and an appeal given back. Append-only.';
COMMENT ON COLUMN settlement.returned_again.tip IS 'The entry of the tip.';
COMMENT ON COLUMN settlement.returned_again.received_by IS 'The entry by which something of it had been received again.';
COMMENT ON COLUMN settlement.returned_again.entry IS 'By which it went back.';
COMMENT ON COLUMN settlement.returned_again.account IS 'The streamer''s gifts.';
COMMENT ON COLUMN settlement.returned_again.receipt IS 'The transfer that credited them again.';
COMMENT ON COLUMN settlement.returned_again.coins IS 'What went back out of it.';

CREATE TABLE settlement.restored_tips (
    tip BIGINT NOT NULL,
    plan UUID NOT NULL,
    entry BIGINT NOT NULL,
    from_viewer BOOLEAN NOT NULL,
    earnings_minor BIGINT NOT NULL,
    debt_minor BIGINT NOT NULL,
    guild_earnings_minor BIGINT NOT NULL,
    guild_debt_minor BIGINT NOT NULL,
    CONSTRAINT a_tip_is_restored_once PRIMARY KEY (tip),
    CONSTRAINT a_restoration_has_its_own_entry UNIQUE (entry)
);
COMMENT ON TABLE settlement.restored_tips IS 'A tip that had gone back, and stands again. Append-only.';
COMMENT ON COLUMN settlement.restored_tips.tip IS 'The entry of the tip.';
COMMENT ON COLUMN settlement.restored_tips.from_viewer IS 'Whether the viewer had all of it still; else the platform bears it.';
COMMENT ON COLUMN settlement.restored_tips.earnings_minor IS 'Credited to the streamer''s earnings, fen.';
COMMENT ON COLUMN settlement.restored_tips.debt_minor IS 'What the streamer owes no more, fen.';
COMMENT ON COLUMN settlement.restored_tips.guild_earnings_minor IS 'Credited to the guild''s earnings, fen.';
COMMENT ON COLUMN settlement.restored_tips.guild_debt_minor IS 'What the guild owes no more, fen.';

CREATE TABLE settlement.passed_returns (
    plan UUID NOT NULL,
    tip BIGINT NOT NULL,
    reason TEXT NOT NULL,
    passed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT a_tip_is_passed_by_once PRIMARY KEY (plan, tip),
    CONSTRAINT a_reason_to_pass_by_is_known CHECK (reason IN ('undone', 'taken', 'held'))
);
COMMENT ON TABLE settlement.passed_returns IS 'A tip of a plan that could not go back when its turn came. Append-only.';
COMMENT ON COLUMN settlement.passed_returns.tip IS 'The entry of the tip.';

CREATE TABLE settlement.narrowed_holds (
    hold UUID NOT NULL,
    entry BIGINT NOT NULL,
    rest UUID,
    CONSTRAINT a_hold_is_narrowed_once_an_entry PRIMARY KEY (hold, entry)
);
COMMENT ON TABLE settlement.narrowed_holds IS 'A late arrival that keeps less back since a tip went back out of it. Append-only.';
COMMENT ON COLUMN settlement.narrowed_holds.hold IS 'As the statement placed it.';
COMMENT ON COLUMN settlement.narrowed_holds.rest IS 'The hold of what is left; null when nothing is.';

CREATE TABLE settlement.return_runs (
    plan UUID NOT NULL,
    way TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    done_to BIGINT NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT a_plan_is_carried_out_once PRIMARY KEY (plan, way),
    CONSTRAINT way_is_known CHECK (way IN ('return', 'restore'))
);
CREATE INDEX unfinished_return_runs ON settlement.return_runs (started_at) WHERE finished_at IS NULL;
COMMENT ON TABLE settlement.return_runs IS 'How far the carrying out of a plan came.';
COMMENT ON COLUMN settlement.return_runs.way IS 'Back to the viewers, or again to the streamers.';
COMMENT ON COLUMN settlement.return_runs.done_to IS 'The last tip dealt with; a killed run goes on behind it.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.return_plans
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.planned_returns
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.planned_holds
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.returned_tips
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.returned_again
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.restored_tips
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.passed_returns
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.narrowed_holds
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON settlement.return_plans, settlement.planned_returns, settlement.planned_holds, settlement.returned_tips, settlement.returned_again, settlement.restored_tips, settlement.passed_returns, settlement.narrowed_holds
    TO zhibo_app;
GRANT SELECT, INSERT, UPDATE ON settlement.return_runs TO zhibo_app;
