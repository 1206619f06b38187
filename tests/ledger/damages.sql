-- What somebody did to the books with the owner's password: `the check that must find it: the deed`, then the deed
-- in SQL. {name} stands for the id that tests/busy_books.py knows by that name, <name> for its number. The last
-- statement returns what the breach must say of the row.

-- i1_debits_equal_credits: an account's debits grew
UPDATE ledger.accounts SET debits_minor = debits_minor + 1 WHERE kind = 'coins_issued' RETURNING 'in ZLB';

-- i1_debits_equal_credits: a transfer of money grew
UPDATE ledger.transfers SET amount_minor = amount_minor + 1 WHERE seq = <reward> RETURNING 'in CNY';

-- i1_transfer_stays_within_one_currency: coins were credited to an account of money
UPDATE ledger.transfers SET credit_account = (SELECT id FROM ledger.accounts WHERE kind = 'coin_liability')
    WHERE seq = <tip> RETURNING 'transfers seq ' || seq;

-- i1_transfer_stays_within_one_currency: a transfer came from no account
UPDATE ledger.transfers SET debit_account = -1 WHERE seq = <tip> RETURNING 'transfers seq ' || seq;

-- i1_accounts_follow_the_chart: a wallet lost its floor
UPDATE ledger.accounts SET limited = false WHERE owner = 'ana' RETURNING 'accounts id ' || id;

-- i1_accounts_follow_the_chart: an account of the platform became somebody's
UPDATE ledger.accounts SET owner = 'eve' WHERE kind = 'gift_revenue' RETURNING 'accounts id ' || id;

-- i1_accounts_follow_the_chart: a channel was invented
UPDATE ledger.accounts SET owner = 'cash' WHERE owner = 'wechat' RETURNING 'accounts id ' || id;

-- i2_limited_account_never_below_zero: a wallet was overdrawn for a moment
UPDATE ledger.transfers SET debit_balance_minor = -1 WHERE seq = <tip> RETURNING 'transfers seq ' || seq;

-- i2_held_amount_is_covered: more was held than there was
UPDATE ledger.hold_acts SET amount_minor = 1000000 WHERE hold = '{held}'
    RETURNING 'wallet of ana after act seq ' || seq;

-- i2_held_amount_is_covered: more is held than there is
ALTER TABLE ledger.accounts DROP CONSTRAINT available_is_never_negative;
UPDATE ledger.accounts SET held_minor = 1000000 WHERE kind = 'wallet' AND owner = 'cai'
    RETURNING 'wallet of cai after act seq ' || last_seq;

-- i3_command_is_decided_once: an id was decided twice
ALTER TABLE ledger.decisions DROP CONSTRAINT decided_once;
UPDATE ledger.decisions SET id = '{tip}' WHERE id = '{late_tip}' RETURNING 'decisions id {tip}';

-- i3_command_is_decided_once: two decisions share a number
ALTER TABLE ledger.decisions DROP CONSTRAINT decision_has_its_own_number;
UPDATE ledger.decisions SET seq = <tip> WHERE id = '{late_tip}' RETURNING 'decisions seq ' || seq;

-- i3_transfer_belongs_to_an_accepted_entry: a transfer belongs to nothing
UPDATE ledger.transfers SET entry = 1 WHERE seq = <tip> RETURNING 'transfers seq ' || seq;

-- i3_transfer_belongs_to_an_accepted_entry: a refused tip moved coins
UPDATE ledger.transfers SET entry = <refused_tip> WHERE seq = <tip> RETURNING 'transfers seq ' || seq;

-- i3_transfer_belongs_to_an_accepted_entry: an accepted tip was made a refused one
UPDATE ledger.decisions SET refusal = 'insufficient_funds', facts = 'true' WHERE seq = <tip>
    RETURNING 'transfers seq ' || seq;

-- i3_transfer_belongs_to_an_accepted_entry: a transfer occurred at another time than its entry
UPDATE ledger.transfers SET occurred_at = occurred_at + INTERVAL '1 second' WHERE seq = <tip>
    RETURNING 'transfers seq ' || seq;

-- i3_transfer_belongs_to_an_accepted_entry: a transfer was moved to a later microsecond
UPDATE ledger.transfers SET seq = seq + 256 WHERE seq = <tip> RETURNING 'transfers seq ' || seq;

-- i3_record_belongs_to_an_accepted_entry: one of the hold_acts belongs to a refusal
UPDATE ledger.hold_acts SET entry = <refused_tip> WHERE hold = '{held}' RETURNING 'hold_acts seq ' || seq;

-- i3_record_belongs_to_an_accepted_entry: one of the account_events belongs to a refusal
UPDATE ledger.account_events SET entry = <refused_tip> WHERE seq = (SELECT min(seq) FROM ledger.account_events)
    RETURNING 'account_events seq ' || seq;

-- i3_record_belongs_to_an_accepted_entry: one of the gift_prices belongs to a refusal
UPDATE ledger.gift_prices SET entry = <refused_tip> WHERE entry = <price> RETURNING 'gift_prices entry ' || entry;

-- i3_record_belongs_to_an_accepted_entry: one of the tip_limits belongs to a refusal
UPDATE ledger.tip_limits SET entry = <refused_tip> WHERE entry = <limit> RETURNING 'tip_limits entry ' || entry;

-- i3_record_belongs_to_an_accepted_entry: one of the top_ups belongs to a refusal
UPDATE ledger.top_ups SET entry = <refused_tip> WHERE entry = <top_up> RETURNING 'top_ups entry ' || entry;

-- i3_record_belongs_to_an_accepted_entry: one of the reversals belongs to a refusal
UPDATE ledger.reversals SET entry = <refused_tip> WHERE entry = <reversal> RETURNING 'reversals entry ' || entry;

-- i3_record_belongs_to_an_accepted_entry: one of the tips belongs to a refusal
UPDATE ledger.tips SET entry = <refused_tip> WHERE entry = <tip> RETURNING 'tips entry ' || entry;

-- i3_record_belongs_to_an_accepted_entry: a top-up is recorded of a tip
UPDATE ledger.top_ups SET entry = <tip> WHERE entry = <top_up> RETURNING 'top_ups entry ' || entry;

-- i3_record_belongs_to_an_accepted_entry: a tip is recorded of nothing
UPDATE ledger.tips SET entry = 1 WHERE entry = <tip> RETURNING 'tips entry ' || entry;

-- i3_act_lies_in_its_entry: a hold was moved to a later microsecond
UPDATE ledger.hold_acts SET seq = seq + 256 WHERE hold = '{held}' RETURNING 'hold_acts seq ' || seq;

-- i3_act_lies_in_its_entry: an account was opened before its entry
UPDATE ledger.account_events SET seq = 1 WHERE seq = (SELECT max(seq) FROM ledger.account_events)
    RETURNING 'account_events seq 1';

-- i3_act_lies_in_its_entry: a capture has the number of its transfer
UPDATE ledger.hold_acts SET seq = seq + 1 WHERE hold = '{to_forfeit}' AND act = 'captured'
    RETURNING 'hold_acts seq ' || seq;

-- i3_tip_has_one_effect: a tip lost its record
DELETE FROM ledger.tips WHERE entry = <tip> RETURNING 'tip seq ' || entry;

-- i3_tip_has_one_effect: a tip was of more than was paid
UPDATE ledger.tips SET quantity = quantity + 1 WHERE entry = <tip> RETURNING 'tip seq ' || entry;

-- i3_tip_has_one_effect: a tip moved nothing
DELETE FROM ledger.transfers WHERE seq = <tip> RETURNING 'tip seq ' || entry;

-- i3_tip_has_one_effect: a tip went to the platform
UPDATE ledger.transfers SET credit_account = (SELECT id FROM ledger.accounts WHERE kind = 'coins_redeemed')
    WHERE seq = <tip> RETURNING 'tip seq ' || seq;

-- i3_tip_has_one_effect: a tip moved coins twice
UPDATE ledger.transfers SET entry = <tip> WHERE seq = <late_tip> RETURNING 'tip seq ' || seq;

-- i3_top_up_has_one_effect: a top-up lost its record
DELETE FROM ledger.top_ups WHERE entry = <top_up> RETURNING 'top-up seq ' || entry;

-- i3_top_up_has_one_effect: a top-up was recorded with another coins
UPDATE ledger.top_ups SET coins = coins + 1 WHERE entry = <top_up> RETURNING 'top-up seq ' || entry;

-- i3_top_up_has_one_effect: a top-up was recorded with another paid_minor
UPDATE ledger.top_ups SET paid_minor = paid_minor - 1 WHERE entry = <top_up> RETURNING 'top-up seq ' || entry;

-- i3_top_up_has_one_effect: a top-up was recorded with another channel
UPDATE ledger.top_ups SET channel = 'wechat' WHERE entry = <top_up> RETURNING 'top-up seq ' || entry;

-- i3_top_up_has_one_effect: a top-up was recorded with another channel_txn
UPDATE ledger.top_ups SET channel_txn = 'another' WHERE entry = <top_up> RETURNING 'top-up seq ' || entry;

-- i3_top_up_has_one_effect: a top-up's promotion was forgotten
DELETE FROM ledger.transfers WHERE entry = <topped_up_by_both> AND seq = (SELECT max(seq) FROM ledger.transfers
    WHERE entry = <topped_up_by_both>) RETURNING 'top-up seq ' || entry;

-- i3_entry_has_its_record: a price was forgotten
DELETE FROM ledger.gift_prices WHERE entry = <price> RETURNING 'decisions seq ' || entry;

-- i3_entry_has_its_record: a limit was forgotten
DELETE FROM ledger.tip_limits WHERE entry = <limit> RETURNING 'decisions seq ' || entry;

-- i3_entry_has_its_record: a reversal forgot what it reversed
DELETE FROM ledger.reversals WHERE entry = <reversal> RETURNING 'decisions seq ' || entry;

-- i3_entry_has_its_record: an expiry ended nothing
DELETE FROM ledger.hold_acts WHERE act = 'expired' RETURNING 'decisions seq ' || entry;

-- i3_accrual_is_what_moved: a reward was recorded with another amount
UPDATE settlement.accruals SET amount_minor = 1 WHERE entry = <reward> RETURNING 'accruals entry ' || entry;

-- i3_accrual_is_what_moved: a reward was recorded for another task
UPDATE settlement.accruals SET reference = 'none' WHERE entry = <reward> RETURNING 'accruals entry ' || entry;

-- i3_accrual_is_what_moved: a reward lost its record
DELETE FROM settlement.accruals WHERE entry = <reward> RETURNING 'accruals entry ' || entry;

-- i3_accrual_is_what_moved: a reward accrued to another streamer
UPDATE ledger.transfers SET credit_account = (SELECT id FROM ledger.accounts WHERE kind = 'accruals'
    AND owner = 'mei') WHERE seq = <reward> RETURNING 'accruals entry ' || seq;

-- i3_accrual_is_what_moved: a promotion was recorded as a commission
UPDATE settlement.accruals SET kind = 'commerce' WHERE entry = <promotion> RETURNING 'accruals entry ' || entry;

-- i3_accrual_is_what_moved: a promotion without permission was forgotten
DELETE FROM settlement.accruals WHERE entry = <promotion_for_nothing> RETURNING 'accruals entry ' || entry;

-- i3_accrual_is_what_moved: an accrual was earned at another time
UPDATE settlement.accruals SET occurred_at = occurred_at - INTERVAL '1 day' WHERE entry = <sale>
    RETURNING 'accruals entry ' || entry;

-- i3_taking_back_is_what_moved: a withdrawal says more than was taken
UPDATE settlement.withdrawals SET amount_minor = amount_minor + 1 WHERE entry = <award_withdraw>
    RETURNING 'withdrawals entry ' || entry;

-- i3_taking_back_is_what_moved: a withdrawal was forgotten
DELETE FROM settlement.withdrawals WHERE entry = <award_withdraw>
    RETURNING 'entry ' || entry || ' took something that is not recorded';

-- i3_taking_back_is_what_moved: a withdrawal is of another streamer's accrual
UPDATE settlement.withdrawals SET accrual = <adjustment> WHERE entry = <award_withdraw>
    RETURNING 'accrual (not there)';

-- i3_taking_back_is_what_moved: an accrual was less than was taken back
UPDATE settlement.accruals SET amount_minor = 1 WHERE entry = <award> RETURNING 'accrual ' || entry;

-- i3_taking_back_is_what_moved: a withdrawal names less of its receipt than left the accruals
UPDATE settlement.withdrawn_receipts SET amount_minor = amount_minor - 1 WHERE entry = <award_withdraw>
    RETURNING 'withdrawals entry ' || entry;

-- i3_taking_back_is_what_moved: a withdrawal names a receipt of something else
UPDATE settlement.withdrawn_receipts SET received_by = <adjustment> WHERE entry = <award_withdraw>
    RETURNING 'withdrawals entry ' || entry;

-- i3_taking_back_is_what_moved: more of a receipt was taken back than came
UPDATE settlement.withdrawn_receipts SET amount_minor = 1000000 WHERE entry = <award_withdraw>
    RETURNING 'receipt ' || received_by;

-- i3_taking_back_is_what_moved: a deduction says it was owed
UPDATE settlement.deductions SET debt_minor = accruals_minor, accruals_minor = 0 WHERE entry = <deduction>
    RETURNING 'deductions entry ' || entry;

-- i3_task_is_rewarded_once: a task asked for more
UPDATE settlement.tasks SET target = 13 WHERE task = '{task}' RETURNING 'task ' || task;

-- i3_task_is_rewarded_once: a task paid less
UPDATE settlement.tasks SET reward_minor = 1 WHERE task = '{task}' RETURNING 'task ' || task;

-- i3_task_is_rewarded_once: a task was never assigned
DELETE FROM settlement.tasks WHERE task = '{task}' RETURNING 'task ' || task;

-- i3_award_follows_its_rules: an award followed other rules than its streamer's
UPDATE settlement.activity_results SET rules = <activity_v2> WHERE entry = <award>
    RETURNING 'activity gala of lin entry ' || entry;

-- i3_award_follows_its_rules: somebody was awarded who never enrolled
DELETE FROM settlement.enrolments WHERE entry = <enrolment> RETURNING 'activity gala of lin';

-- i3_award_follows_its_rules: somebody disqualified was awarded
UPDATE settlement.activity_results SET result = 'AWARDED' WHERE entry = <disqualification>
    RETURNING 'activity gala of yu entry ' || entry;

-- i3_award_follows_its_rules: the rules promised another award
UPDATE settlement.activity_rules SET award_minor = 1 WHERE entry = <activity> RETURNING 'activity gala of lin';

-- i3_sale_has_its_commission: a sale was under nobody's commission
DELETE FROM settlement.commissions WHERE entry = <commission> RETURNING 'sale O-1 of lin';

-- i3_sale_has_its_commission: a sale was of another price
UPDATE settlement.sales SET price_minor = 2000 WHERE entry = <sale> RETURNING 'sale O-1 of lin';

-- i3_sale_has_its_commission: more came back than was sold
UPDATE settlement.returned_goods SET price_minor = 1000 WHERE entry = <goods_returned> RETURNING 'sale ' || sale;

-- i3_proceeds_are_shared_half_and_half: the streamer got the odd fen
UPDATE settlement.ip_proceeds SET streamer_minor = streamer_minor + 1, platform_minor = platform_minor - 1
    WHERE entry = <ip_proceeds> RETURNING 'ip_proceeds entry ' || entry;

-- i3_proceeds_are_shared_half_and_half: a cost was invented
INSERT INTO settlement.ip_costs VALUES ('V-2', 1, 'K-1', 100) RETURNING 'voucher ' || voucher;

-- i3_proceeds_are_shared_half_and_half: a cost was forgotten
DELETE FROM settlement.ip_costs WHERE entry = <ip_cost>;
SELECT 'ip_proceeds entry <ip_proceeds>';

-- i3_sessions_never_overlap: a session ended after the next began
UPDATE settlement.session_ends SET closed_at = closed_at + INTERVAL '1 hour' WHERE session = '{session}'
    RETURNING 'session ' || session;

-- i3_sessions_never_overlap: a session never ended, and another began
DELETE FROM settlement.session_ends WHERE session = '{session}' RETURNING 'session ' || session;

-- i3_sessions_never_overlap: a session began at another time
UPDATE settlement.sessions SET opened_at = opened_at - INTERVAL '1 hour' WHERE session = '{session}'
    RETURNING 'session ' || session;

-- i3_sessions_never_overlap: a fact was measured of another session
UPDATE settlement.facts SET session = '{next_session}' WHERE entry = <fact> RETURNING 'fact entry ' || entry;

-- i3_sessions_never_overlap: a fact was invented
INSERT INTO settlement.facts VALUES (1, '{session}', 'minutes', 5, now()) RETURNING 'fact entry ' || entry;

-- i3_run_is_what_was_decided: a run was forgotten
DELETE FROM settlement.runs WHERE run = '{settle}' RETURNING 'runs run ' || run;

-- i3_run_is_what_was_decided: a run is somebody else's
UPDATE settlement.runs SET actor = 'finance:f2' WHERE run = '{settle}' RETURNING 'runs run ' || run;

-- i3_run_is_what_was_decided: a run reaches further than was asked
UPDATE settlement.runs SET through = through + 1 WHERE run = '{settle}' RETURNING 'runs run ' || run;

-- i4_journal_is_append_only: the application may change a column
GRANT UPDATE (quantity) ON ledger.tips TO zhibo_app;
SELECT 'table ledger.tips ';

-- i4_journal_is_append_only: the application may delete
GRANT DELETE ON ledger.decisions TO zhibo_app;
SELECT 'table ledger.decisions ';

-- i4_journal_is_append_only: everyone may truncate
GRANT TRUNCATE ON ledger.reversals TO PUBLIC;
SELECT 'table ledger.reversals ';

-- i4_journal_is_append_only: the trigger forgot TRUNCATE
DROP TRIGGER append_only ON ledger.transfers;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger.transfers
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
SELECT 'table ledger.transfers ';

-- i4_journal_is_append_only: the trigger looks away when asked to
DROP TRIGGER append_only ON ledger.transfers;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.transfers FOR EACH STATEMENT
    WHEN (current_setting('zhibo.look_away', true) IS NULL) EXECUTE FUNCTION ledger.refuse_change();
SELECT 'table ledger.transfers ';

-- i4_journal_is_append_only: the trigger refuses nothing any more
CREATE OR REPLACE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
SELECT 'table ledger.account_events ';

-- i4_journal_is_append_only: a table is gone
DROP TABLE ledger.tip_limits;
SELECT 'table ledger.tip_limits ';

-- i3_policy_has_one_effect: a policy was forgotten
DELETE FROM settlement.policies WHERE entry = <policy> RETURNING 'entry ' || entry;

-- i3_policy_has_one_effect: a policy that nobody published
INSERT INTO settlement.policies (version, entry, effective_at, sha256, document, source)
    SELECT 'slipped-in', 1, '2999-01-01', sha256, document, source FROM settlement.policies WHERE entry = <policy>
    RETURNING 'version slipped-in';

-- i3_policy_has_one_effect: a policy was renamed
UPDATE settlement.policies SET version = 'renamed' WHERE entry = <policy> RETURNING 'version renamed';

-- i3_streamer_class_has_one_effect: a class that was told was forgotten
DELETE FROM settlement.streamer_classes WHERE entry = <class> RETURNING 'entry ' || entry;

-- i3_streamer_class_has_one_effect: a streamer became of another class
UPDATE settlement.streamer_classes SET class = 'standard' WHERE entry = <class> RETURNING 'entry ' || entry;

-- i3_streamer_class_has_one_effect: a class was dated back
UPDATE settlement.streamer_classes SET since = '2001-01-01' WHERE entry = <class> RETURNING 'entry ' || entry;

-- i4_settlement_is_append_only: the trigger on statements sleeps
ALTER TABLE settlement.statements DISABLE TRIGGER append_only;
SELECT 'table settlement.statements ';

-- i4_moderation_is_append_only: the application may change freezes
GRANT UPDATE ON moderation.freezes TO zhibo_app;
SELECT 'table moderation.freezes ';

-- i5_balances_follow_each_other: a line's amount_minor was changed
UPDATE ledger.transfers SET amount_minor = amount_minor + 1 WHERE seq = <tip> RETURNING 'transfers seq ' || seq;

-- i5_balances_follow_each_other: a line's debit_balance_minor was changed
UPDATE ledger.transfers SET debit_balance_minor = debit_balance_minor + 1 WHERE seq = <tip>
    RETURNING 'transfers seq ' || seq;

-- i5_balances_follow_each_other: a line's credit_balance_minor was changed
UPDATE ledger.transfers SET credit_balance_minor = credit_balance_minor + 1 WHERE seq = <tip>
    RETURNING 'transfers seq ' || seq;

-- i5_balances_follow_each_other: a line was taken out
DELETE FROM ledger.transfers WHERE seq = <tip> RETURNING 'wallet of cai';

-- i5_account_totals_equal_its_lines: an account's totals grew on both sides
UPDATE ledger.accounts SET debits_minor = debits_minor + 1, credits_minor = credits_minor + 1
    WHERE kind = 'wallet' AND owner = 'ana' RETURNING 'wallet of ana';

-- i5_account_knows_its_last_act: an account knows of an act that never was
UPDATE ledger.accounts SET last_seq = last_seq + 1 WHERE kind = 'wallet' AND owner = 'ana' RETURNING 'wallet of ana';

-- i5_account_knows_its_last_act: the last line of an account was moved
UPDATE ledger.transfers SET seq = seq + 1 WHERE seq = (SELECT last_seq FROM ledger.accounts WHERE kind = 'reward_expense')
    RETURNING 'reward_expense of platform';

-- i5_account_is_opened_once: an account was never opened
DELETE FROM ledger.account_events AS e USING ledger.accounts AS a WHERE a.id = e.account AND a.kind = 'wallet'
    AND a.owner = 'ana' RETURNING 'wallet of ana';

-- i5_account_is_opened_once: an account was opened after its first use
UPDATE ledger.account_events AS e SET seq = e.seq + 1000000000000 FROM ledger.accounts AS a
    WHERE a.id = e.account AND a.kind = 'wallet' AND a.owner = 'ana' RETURNING 'wallet of ana';

-- i5_account_is_opened_once: an account of the platform was opened by somebody
INSERT INTO ledger.account_events (seq, entry, account, event) SELECT 1, 1, id, 'opened' FROM ledger.accounts
    WHERE kind = 'coins_issued' RETURNING 'coins_issued of platform';

-- i5_account_is_opened_once: an account is gone
DELETE FROM ledger.accounts WHERE kind = 'wallet' AND owner = 'ana' RETURNING 'account ' || id || ' (missing';

-- i5_bars_equal_their_events: an account is barred by nobody
UPDATE ledger.accounts SET outgoing_barred_until = now() WHERE kind = 'wallet' AND owner = 'ana'
    RETURNING 'wallet of ana';

-- i5_bars_equal_their_events: a bar never reached its account
INSERT INTO ledger.account_events (seq, entry, account, event, until) SELECT 1, 1, id, 'incoming_barred', now()
    FROM ledger.accounts WHERE kind = 'wallet' AND owner = 'ana' RETURNING 'wallet of ana';

-- i5_tip_window_equals_its_tips: a wallet's tip_day was changed
UPDATE ledger.accounts SET tip_day = tip_day - 1 WHERE kind = 'wallet' AND owner = 'cai' RETURNING 'wallet of cai';

-- i5_tip_window_equals_its_tips: a wallet's tip_day_minor was changed
UPDATE ledger.accounts SET tip_day_minor = tip_day_minor - 1 WHERE kind = 'wallet' AND owner = 'cai'
    RETURNING 'wallet of cai';

-- i5_tip_window_equals_its_tips: a wallet's tip_day_count was changed
UPDATE ledger.accounts SET tip_day_count = tip_day_count - 1 WHERE kind = 'wallet' AND owner = 'cai'
    RETURNING 'wallet of cai';

-- i5_tip_window_equals_its_tips: a wallet's tip_month_minor was changed
UPDATE ledger.accounts SET tip_month_minor = tip_month_minor - 1 WHERE kind = 'wallet' AND owner = 'cai'
    RETURNING 'wallet of cai';

-- i5_tip_window_equals_its_tips: a wallet's tip_month_count was changed
UPDATE ledger.accounts SET tip_month_count = tip_month_count - 1 WHERE kind = 'wallet' AND owner = 'cai'
    RETURNING 'wallet of cai';

-- i5_tip_window_equals_its_tips: a wallet forgot that it ever tipped
UPDATE ledger.accounts SET tip_day = NULL WHERE kind = 'wallet' AND owner = 'cai' RETURNING 'wallet of cai';

-- i5_tip_days_equal_their_tips: a past day's amount_minor was changed
UPDATE ledger.tip_days SET amount_minor = amount_minor - 1 WHERE (account, day) = (SELECT account, day
    FROM ledger.tip_days ORDER BY 1, 2 LIMIT 1) RETURNING 'tip_days account ' || account || ' day ' || day;

-- i5_tip_days_equal_their_tips: a past day's count was changed
UPDATE ledger.tip_days SET count = count - 1 WHERE (account, day) = (SELECT account, day
    FROM ledger.tip_days ORDER BY 1, 2 LIMIT 1) RETURNING 'tip_days account ' || account || ' day ' || day;

-- i5_tip_days_equal_their_tips: a past day was forgotten
DELETE FROM ledger.tip_days WHERE (account, day) = (SELECT account, day
    FROM ledger.tip_days ORDER BY 1, 2 LIMIT 1) RETURNING 'tip_days account ' || account || ' day ' || day;

-- i5_tip_days_equal_their_tips: a past day was invented
INSERT INTO ledger.tip_days SELECT id, '2001-01-01', 5, 1 FROM ledger.accounts WHERE kind = 'wallet'
    AND owner = 'ana' RETURNING 'tip_days account ' || account || ' day 2001-01-01';

-- i5_reversal_mirrors_its_entry: a reversal gave less back
UPDATE ledger.transfers SET amount_minor = amount_minor - 1 WHERE entry = <reversal>
    RETURNING 'reversals entry ' || entry;

-- i5_reversal_mirrors_its_entry: a reversal gave back what was never given
INSERT INTO ledger.transfers
    SELECT seq + 1, entry, debit_account, credit_account, 1, debit_balance_minor, credit_balance_minor, occurred_at
    FROM ledger.transfers WHERE entry = <reversal> RETURNING 'reversals entry ' || entry;

-- i5_reversal_mirrors_its_entry: a reversal is of an entry that moved nothing
UPDATE ledger.reversals SET reversed = <price> WHERE entry = <reversal> RETURNING 'reversals entry ' || entry;

-- i5_reversal_mirrors_its_entry: a reversal undid two entries
INSERT INTO ledger.reversals SELECT <tip>, <reversal> RETURNING 'reversals entry ' || entry;

-- i6_coins_are_backed: the liability grew
UPDATE ledger.accounts SET credits_minor = credits_minor + 1 WHERE kind = 'coin_liability'
    RETURNING 'coin_liability is ' || credits_minor - debits_minor;

-- i6_entry_moves_face_value_with_its_coins: a forfeit released less liability than its coins stood for
UPDATE ledger.transfers AS t SET amount_minor = amount_minor - 1 FROM ledger.accounts AS a
    WHERE t.entry = <forfeit> AND a.id = t.debit_account AND a.kind = 'coin_liability'
    RETURNING 'entry seq ' || t.entry;

-- i7_policy_equals_its_document: a share was raised in a published policy
ALTER TABLE settlement.policies DROP CONSTRAINT policy_hash_is_of_its_document;
UPDATE settlement.policies SET document = convert_to(replace(convert_from(document, 'UTF8'), '5000', '9000'), 'UTF8')
    WHERE entry = <policy> RETURNING 'entry ' || entry;

-- i7_policy_equals_its_document: a policy and its hash were changed together
UPDATE settlement.policies SET document = d.document, sha256 = sha256(d.document) FROM settlement.policies AS d
    WHERE settlement.policies.entry = <policy> AND d.entry = <next_policy> RETURNING 'entry ' || settlement.policies.entry;

-- i7_policy_equals_its_document: a policy came into force earlier than it says
UPDATE settlement.policies SET effective_at = effective_at - INTERVAL '1 day' WHERE entry = <next_policy>
    RETURNING 'entry ' || entry;

-- i7_policies_follow_each_other: a policy is in force from before it was published
UPDATE settlement.policies SET effective_at = '2026-10-15' WHERE entry = <next_policy> RETURNING 'entry ' || entry;

-- i7_policies_follow_each_other: a policy is in force from before the one it follows
UPDATE settlement.policies SET effective_at = '2998-01-01' WHERE entry = <policy>
    RETURNING (SELECT 'entry ' || max(entry) FROM settlement.policies);

-- i7_statement_equals_its_entry: a statement shows more coins
UPDATE settlement.statements SET coins = coins + 1 WHERE streamer = 'mei' RETURNING 'streamer mei';

-- i7_statement_equals_its_entry: a statement is gone
DELETE FROM settlement.statements WHERE streamer = 'both' RETURNING 'entry ' || entry;

-- i7_statement_equals_its_entry: a statement is of another run
UPDATE settlement.statements SET run = '{tip}' WHERE streamer = 'both' RETURNING 'run {tip} streamer both';

-- i7_statement_equals_its_entry: a streamer's share went to another
UPDATE ledger.transfers AS t SET credit_account = (SELECT id FROM ledger.accounts WHERE kind = 'earnings'
    AND owner = 'bo') FROM settlement.statements AS s, ledger.accounts AS a WHERE s.streamer = 'both'
    AND t.entry = s.entry AND a.id = t.credit_account AND a.kind = 'earnings' RETURNING 'streamer both';

-- i7_statement_can_be_recomputed: a run had another share
UPDATE settlement.runs SET share_bps = share_bps + 100 WHERE run = '{settle}' RETURNING 'run {settle}';

-- i7_statement_can_be_recomputed: a settled tip was given after the cutoff
UPDATE ledger.transfers SET occurred_at = '2031-01-01' WHERE seq = <tip> RETURNING 'streamer mei';

-- i7_statement_can_be_recomputed: an accrual was held when it was settled
UPDATE ledger.hold_acts SET act = 'placed', hold = gen_random_uuid() WHERE hold = '{accrued}'
    AND act = 'captured' RETURNING 'streamer mei';

-- i7_statement_can_be_recomputed: gifts were frozen when they were settled
DELETE FROM ledger.hold_acts WHERE hold = '{to_lift}' AND act = 'released' RETURNING 'streamer bo';

-- i7_statement_can_be_recomputed: a streamer was barred from settling
INSERT INTO ledger.account_events (seq, entry, account, event, until)
    SELECT 1, 1, id, 'outgoing_barred', '2999-01-01' FROM ledger.accounts WHERE kind = 'gifts' AND owner = 'bo'
    RETURNING 'streamer bo';

-- i8_hold_begins_and_ends_once: a hold ended that was never placed
DELETE FROM ledger.hold_acts WHERE hold = '{to_lift}' AND act = 'placed' RETURNING 'hold {to_lift}';

-- i8_hold_begins_and_ends_once: a hold ended twice
DROP INDEX ledger.a_hold_ends_once;
INSERT INTO ledger.hold_acts (seq, entry, hold, account, act) SELECT seq + 1, entry, hold, account, 'expired'
    FROM ledger.hold_acts WHERE hold = '{to_lift}' AND act = 'released' RETURNING 'hold {to_lift}';

-- i8_hold_begins_and_ends_once: a hold ended on another account
UPDATE ledger.hold_acts SET account = account + 1 WHERE hold = '{to_lift}' AND act = 'released'
    RETURNING 'hold {to_lift}';

-- i8_hold_begins_and_ends_once: a hold ended before it was placed
UPDATE ledger.hold_acts SET seq = 1 WHERE hold = '{to_lift}' AND act = 'released' RETURNING 'hold {to_lift}';

-- i8_hold_begins_and_ends_once: more was captured than was held
UPDATE ledger.hold_acts SET amount_minor = 101 WHERE hold = '{to_forfeit}' AND act = 'captured'
    RETURNING 'hold {to_forfeit}';

-- i8_holds_equal_their_acts: a hold shrank
UPDATE ledger.holds SET amount_minor = 1 WHERE hold = '{held}' RETURNING 'hold {held}';

-- i8_holds_equal_their_acts: a hold was forgotten
DELETE FROM ledger.holds WHERE hold = '{held}' RETURNING 'hold {held}';

-- i8_holds_equal_their_acts: a hold was ended by nobody
UPDATE ledger.holds SET ended = 'released', ended_seq = 1 WHERE hold = '{held}' RETURNING 'hold {held}';

-- i8_holds_equal_their_acts: a hold was invented
INSERT INTO ledger.holds (hold, account, placed_seq) VALUES ('{tip}', 1, 1) RETURNING 'hold {tip}';

-- i8_what_is_frozen_is_held: what was frozen is free
UPDATE ledger.accounts SET held_minor = 0 WHERE kind = 'wallet' AND owner = 'ana' RETURNING 'wallet of ana';

-- i8_what_is_frozen_is_held: a frozen account is not
UPDATE ledger.accounts SET frozen_by = 0 WHERE kind = 'gifts' AND owner = 'é' RETURNING 'gifts of é';

-- i8_no_hold_is_overdue: an overdue hold is still open
DELETE FROM ledger.hold_acts WHERE hold = '{overdue}' AND act = 'expired' RETURNING 'hold {overdue}';

-- i8_hold_ends_in_its_time: a hold expired before its time
UPDATE ledger.hold_acts SET expires_at = '2999-01-01' WHERE hold = '{overdue}' AND act = 'placed'
    RETURNING 'hold {overdue}';

-- i8_hold_ends_in_its_time: a hold was released after its time
UPDATE ledger.hold_acts SET expires_at = '2001-01-01' WHERE hold = '{to_lift}' AND act = 'placed'
    RETURNING 'hold {to_lift}';

-- i8_capture_is_what_moved: more was moved than captured
UPDATE ledger.hold_acts SET amount_minor = amount_minor - 1 WHERE hold = '{to_forfeit}' AND act = 'captured'
    RETURNING 'entry seq ' || entry;

-- i8_freeze_rests_on_its_hold: a freeze forgot its case
DELETE FROM moderation.freezes WHERE "freeze" = '{held}' RETURNING 'freeze {held}';

-- i8_freeze_rests_on_its_hold: a freeze rests on another rule
UPDATE moderation.freezes SET rule = 'R-9' WHERE "freeze" = '{held}' RETURNING 'freeze {held}';

-- i8_freeze_rests_on_its_hold: a freeze was placed again that no decision had used up
INSERT INTO moderation.freezes ("freeze", entry, party, account, "case", rule)
    SELECT '01a11b55-0000-8000-8000-000000000001', entry, party, account, "case", rule FROM moderation.freezes WHERE "freeze" = '{held}'
    RETURNING 'freeze ' || "freeze";

-- i8_freeze_rests_on_its_hold: a freeze holds nothing
DELETE FROM ledger.hold_acts WHERE hold = '{held}' RETURNING 'freeze {held}';

-- i8_freeze_rests_on_its_hold: a freeze holds somebody else's coins
UPDATE ledger.hold_acts SET account = (SELECT id FROM ledger.accounts WHERE kind = 'wallet' AND owner = 'ben')
    WHERE hold = '{held}' RETURNING 'freeze {held}';

-- i8_lift_and_forfeit_end_a_freeze: a lift ended nothing
DELETE FROM ledger.hold_acts WHERE hold = '{to_lift}' AND act = 'released' RETURNING 'lift seq ' || entry;

-- i8_lift_and_forfeit_end_a_freeze: a lift took something
UPDATE ledger.hold_acts SET act = 'captured', amount_minor = 0 WHERE hold = '{to_lift}' AND act = 'released'
    RETURNING 'lift seq ' || entry;

-- i8_lift_and_forfeit_end_a_freeze: forfeited coins went elsewhere
UPDATE ledger.transfers AS t SET credit_account = (SELECT id FROM ledger.accounts WHERE kind = 'coins_redeemed')
    FROM ledger.accounts AS a WHERE t.entry = <forfeit> AND a.id = t.credit_account
    AND a.kind = 'coins_forfeited' RETURNING 'forfeit seq ' || t.entry;

-- i8_lift_and_forfeit_end_a_freeze: forfeited money was less than was captured
UPDATE ledger.transfers SET amount_minor = amount_minor - 1 WHERE entry = <forfeit_of_accruals>
    RETURNING 'forfeit seq ' || entry;

-- i9_entry_names_actor_and_cause: nobody asked for it
UPDATE ledger.decisions SET actor = '' WHERE id = '{tip}' RETURNING 'decisions seq ' || seq;

-- i9_entry_names_actor_and_cause: it rests on nothing
UPDATE ledger.decisions SET cause = ' ' WHERE id = '{tip}' RETURNING 'decisions seq ' || seq;

-- i9_entry_names_actor_and_cause: what was asked was forgotten
UPDATE ledger.decisions SET content_hash = '' WHERE id = '{tip}' RETURNING 'decisions seq ' || seq;

-- i3_payout_follows_its_events: a payout was paid before it was sent
DELETE FROM settlement.payout_events WHERE payout = '{payout}' AND state = 'sent' RETURNING 'payout ' || payout;

-- i3_payout_follows_its_events: a payout that failed was paid after all
INSERT INTO settlement.payout_events SELECT payout, number + 1, entry, 'paid', actor, detail, occurred_at
    FROM settlement.payout_events WHERE payout = '{failed_payout}' AND state = 'failed' RETURNING 'payout ' || payout;

-- i3_payout_follows_its_events: an answer left no trace
DELETE FROM settlement.payout_events WHERE payout = '{failed_payout}' AND state = 'failed' RETURNING 'payout ' || payout;

-- i3_payout_follows_its_events: somebody else approved than who asked to
UPDATE settlement.payout_events SET actor = 'finance:f9' WHERE payout = '{payout}' AND state = 'approved'
    RETURNING 'payout ' || payout;

-- i3_payouts_equal_their_rows: a payout is said to have failed
UPDATE settlement.payouts SET state = 'failed' WHERE payout = '{payout}' RETURNING 'payout ' || payout;

-- i3_payouts_equal_their_rows: a payout is somebody else's
UPDATE settlement.payouts SET payee = 'both' WHERE payout = '{payout}' RETURNING 'payout ' || payout;

-- i3_payouts_equal_their_rows: a payout was forgotten
DELETE FROM settlement.payouts WHERE payout = '{open_payout}' RETURNING 'payout ' || payout;

-- i3_payouts_equal_their_rows: a payout was sent by another entry
UPDATE settlement.payout_sendings SET entry = entry + 1 WHERE payout = '{payout}' RETURNING 'payout ' || payout;

-- i8_payout_money_stands_held: less is held than is to be paid
UPDATE ledger.hold_acts SET amount_minor = amount_minor - 1 WHERE hold = '{open_payout}' RETURNING 'payout ' || hold;

-- i8_payout_money_stands_held: the money of an open payout is free
INSERT INTO ledger.hold_acts (seq, entry, hold, account, act) SELECT seq + 1, entry, hold, account, 'released'
    FROM ledger.hold_acts WHERE hold = '{unknown_payout}' AND act = 'placed' RETURNING 'payout ' || hold;

-- i8_payout_money_stands_held: a hold without a payout
DELETE FROM settlement.payout_requests WHERE payout = '{open_payout}' RETURNING 'payout ' || payout;

-- i5_payout_moved_what_it_says: the bank was paid less
UPDATE ledger.transfers SET amount_minor = amount_minor - 1 WHERE entry = <paid_out> RETURNING 'seq ' || entry;

-- i5_payout_moved_what_it_says: nothing was set off against debts though the request says so
UPDATE settlement.payout_requests SET offset_minor = 1, amount_minor = amount_minor - 1
    WHERE payout = '{open_payout}' RETURNING 'payout ' || payout;

-- i5_payout_moved_what_it_says: a payout that came back was undone once more
INSERT INTO ledger.reversals (reversed, entry) VALUES (<came_back>, <reversal>) RETURNING 'seq ' || reversed;

-- i5_payout_income_is_what_was_sent: income was never counted
DELETE FROM settlement.payout_income WHERE payout = '{payout}' RETURNING 'payout ' || payout;

-- i5_payout_income_is_what_was_sent: what failed is still income
DELETE FROM settlement.payout_income WHERE payout = '{failed_payout}' AND gross_minor < 0 RETURNING 'payout ' || payout;

-- i5_payout_income_is_what_was_sent: it is somebody else's income
UPDATE settlement.payout_income SET number_hash = decode(repeat('00', 32), 'hex') WHERE payout = '{payout}'
    RETURNING 'payout ' || payout;

-- i5_payout_income_is_what_was_sent: it counts in another year
UPDATE settlement.payout_income SET year = year + 1 WHERE payout = '{payout}' RETURNING 'payout ' || payout;

-- i3_payee_fact_belongs_to_its_entry: a verification was forgotten
DELETE FROM settlement.verifications WHERE entry = <verification> RETURNING 'verification seq ' || entry;

-- i3_payee_fact_belongs_to_its_entry: a person became an organisation
UPDATE settlement.verifications SET kind = 'organisation' WHERE entry = <verification>
    RETURNING 'verification seq ' || entry;

-- i3_payee_fact_belongs_to_its_entry: an account became another party's
UPDATE settlement.payee_accounts SET party = 'bo' WHERE entry = <payee_account>
    RETURNING 'payee_account seq ' || entry;

-- i3_payee_fact_belongs_to_its_entry: an account was set by nobody
INSERT INTO settlement.payee_accounts SELECT 1, party, channel, account_hash, holder_hash, occurred_at
    FROM settlement.payee_accounts WHERE entry = <payee_account> RETURNING 'payee_account seq 1';

-- i3_payee_fact_belongs_to_its_entry: an invoice got another number
UPDATE settlement.invoices SET number = '1' WHERE entry = <invoice> RETURNING 'invoice seq ' || entry;

-- i3_payee_account_is_in_the_verified_name: an account is somebody else's
UPDATE settlement.payee_accounts SET holder_hash = account_hash WHERE entry = <payee_account>
    RETURNING 'payee_accounts entry ' || entry;

-- i3_payee_account_is_in_the_verified_name: an organisation is paid through WeChat
UPDATE settlement.payee_accounts SET channel = 'wechat' WHERE entry = <corporate_account>
    RETURNING 'payee_accounts entry ' || entry;

-- i3_payee_account_is_in_the_verified_name: nobody was verified
DELETE FROM settlement.verifications WHERE entry = <verification>;
SELECT 'payee_accounts entry <payee_account> of both: nobody had been verified';

-- i3_invoice_is_an_organisations: a person handed in an invoice
UPDATE settlement.verifications SET kind = 'person' WHERE entry = <organisation>;
SELECT 'invoices entry <invoice> of 主播 小红: it was a person then';

-- i3_organisation_is_paid_against_its_invoices: an invoice shrank
UPDATE settlement.invoices SET amount_minor = amount_minor - 1 WHERE entry = <invoice>
    RETURNING 'payout {organisation_payout}';

-- i3_sealed_value_belongs_to_its_fact: a number was thrown away
DELETE FROM settlement.sealed_values WHERE entry = <verification> AND field = 'number'
    RETURNING 'fact entry ' || entry || ' of both has no number';

-- i3_sealed_value_belongs_to_its_fact: a name was put into another party's row
UPDATE settlement.sealed_values SET party = 'bo' WHERE entry = <verification> AND field = 'name'
    RETURNING 'sealed_values entry ' || entry || ': name of bo';

-- i3_sealed_value_belongs_to_its_fact: a person has a representative
UPDATE settlement.sealed_values SET field = 'representative' WHERE entry = <verification> AND field = 'birth_date'
    RETURNING 'sealed_values entry ' || entry || ': representative of both';

-- i4_sealed_values_are_only_sealed_anew: zhibo_app may change whose a value is
GRANT UPDATE (party) ON settlement.sealed_values TO zhibo_app;
SELECT 'column party changed by zhibo_app';

-- i4_sealed_values_are_only_sealed_anew: zhibo_app may change all of it
GRANT UPDATE ON settlement.sealed_values TO zhibo_app;
SELECT 'column entry changed by zhibo_app';

-- i4_sealed_values_are_only_sealed_anew: zhibo_app may throw values away
GRANT DELETE ON settlement.sealed_values TO zhibo_app;
SELECT 'deleted by zhibo_app';

-- i7_tax_is_reckoned_from_the_year_so_far: a fen too much was withheld
UPDATE settlement.payout_income SET tax_minor = tax_minor + 1 WHERE payout = '{payout}' RETURNING 'payout ' || payout;

-- i7_tax_is_reckoned_from_the_year_so_far: an organisation was withheld from
UPDATE settlement.payout_income SET tax_minor = 1 WHERE payout = '{organisation_payout}' RETURNING 'payout ' || payout;

-- i7_tax_is_reckoned_from_the_year_so_far: a payout was sent under no policy
UPDATE settlement.payout_events SET detail = 'policy none' WHERE payout = '{payout}' AND state = 'sent'
    RETURNING 'payout ' || payout;

-- i9_payout_passed_a_second_person: who asked for it approved it
UPDATE settlement.payout_events SET actor = 'finance:mei' WHERE payout = '{payout}' AND state = 'approved'
    RETURNING 'payout ' || payout;

-- i9_payout_passed_a_second_person: the policy approved what lies above its bound
UPDATE settlement.payout_events SET actor = 'policy' WHERE payout = '{payout}' AND state = 'approved'
    RETURNING 'payout ' || payout;

-- i9_payout_passed_a_second_person: who made the batch sent it
UPDATE ledger.decisions SET actor = 'finance:f1' WHERE id = '{sending}' RETURNING 'payout {payout}';

-- i9_payout_passed_a_second_person: it was not in the batch it was sent in
UPDATE settlement.payout_batches SET payouts = ARRAY['{open_payout}'::uuid] WHERE batch = '{batch}'
    RETURNING 'payout {payout}';

-- i3_objection_has_one_effect: an objection was forgotten
DELETE FROM settlement.objections WHERE objection = '{objection}' RETURNING 'objection {objection}';

-- i3_objection_has_one_effect: an objection was made that nobody asked for
UPDATE settlement.objections SET entry = entry + 1 WHERE objection = '{objection_open}'
    RETURNING 'objection {objection_open}';

-- i3_objection_has_one_effect: an answer was given to another objection
UPDATE settlement.objection_answers SET objection = '{objection_open}' WHERE objection = '{objection}'
    RETURNING 'objection {objection_open}';

-- i9_objection_rests_on_its_statement: a statement was final earlier than promised
UPDATE settlement.objections SET heard_until = heard_until - INTERVAL '1 day' WHERE objection = '{objection}'
    RETURNING 'objection {objection}';

-- i9_objection_rests_on_its_statement: a stranger objected
UPDATE settlement.objections SET streamer = 'bo' WHERE objection = '{objection}' RETURNING 'objection {objection}';

-- i9_objection_rests_on_its_statement: an objection is to a line there is not
UPDATE settlement.objections SET line = 1000 WHERE objection = '{objection}' RETURNING 'objection {objection}';

-- i9_objection_rests_on_its_statement: what put it right was no adjustment
UPDATE settlement.objection_answers SET adjustment = <tip> WHERE objection = '{objection}'
    RETURNING 'objection {objection}';

-- i4_settlement_is_append_only: the trigger on takings sleeps
ALTER TABLE settlement.takings DISABLE TRIGGER append_only;
SELECT 'table settlement.takings ';

-- i5_taking_belongs_to_a_statement: a taking was lost
DELETE FROM settlement.takings WHERE (account, entry) = (SELECT account, entry FROM settlement.takings ORDER BY entry, account LIMIT 1)
    RETURNING 'takings account ' || account || ' entry ' || entry;

-- i5_taking_belongs_to_a_statement: a taking was made up
INSERT INTO settlement.takings SELECT account, entry + 1, strata FROM settlement.takings ORDER BY entry, account LIMIT 1
    RETURNING 'takings account ' || account || ' entry ' || entry;

-- i7_document_is_of_its_statement: a document was rewritten
UPDATE settlement.statements SET document = convert_to(replace(convert_from(document, 'UTF8'), '"streamer":"bo"', '"streamer":"no"'), 'UTF8')
    WHERE streamer = 'bo' RETURNING 'statements statement ' || statement || ' of bo';

-- i7_document_is_of_its_statement: a document was rewritten with its hash
UPDATE settlement.statements SET document = convert_to(replace(convert_from(document, 'UTF8'), '"available_minor"', '"available_fen"'), 'UTF8'),
    sha256 = sha256(convert_to(replace(convert_from(document, 'UTF8'), '"held_minor":0', '"held_minor":1'), 'UTF8'))
    WHERE streamer = 'bo' RETURNING 'statements statement ' || statement || ' of bo';

-- i5_treasury_moved_what_it_says: more tax was handed over than left the bank
UPDATE settlement.tax_remittances SET amount_minor = amount_minor + 1 WHERE remittance = '{remittance}'
    RETURNING 'tax_remittance seq <remitted>';

-- i5_treasury_moved_what_it_says: a proposal that was withdrawn was remitted
UPDATE settlement.tax_remittance_ends SET state = 'remitted', reason = NULL WHERE remittance = '{slip}'
    RETURNING 'tax_remittance seq ' || entry;

-- i5_treasury_moved_what_it_says: a debt was paid by somebody else
UPDATE settlement.debt_payments SET party = 'bo' WHERE entry = <debt_payment> RETURNING 'debt_payment seq ' || entry;

-- i9_remittance_passed_a_second_person: who proposed it approved it
UPDATE settlement.tax_remittances SET maker = 'finance:f2' WHERE remittance = '{remittance}'
    RETURNING 'remittance ' || remittance;

-- i9_remittance_passed_a_second_person: nobody proposed it
DELETE FROM settlement.tax_remittances WHERE remittance = '{remittance}' RETURNING 'remittance ' || remittance;

-- i9_remittance_passed_a_second_person: an approval became another's
UPDATE settlement.tax_remittance_ends SET remittance = '{open_remittance}' WHERE remittance = '{remittance}'
    RETURNING 'remittance ' || remittance;

-- i3_cancelled_batch_was_never_sent: a batch that was sent was cancelled
UPDATE settlement.payout_batch_cancellations SET batch = '{batch}' WHERE batch = '{cancelled_batch}'
    RETURNING 'batch ' || batch;

-- i3_cancelled_batch_was_never_sent: somebody else cancelled it
UPDATE settlement.payout_batch_cancellations SET actor = 'finance:f9' WHERE batch = '{cancelled_batch}'
    RETURNING 'batch ' || batch;

-- i3_cancelled_batch_was_never_sent: it was never made
DELETE FROM settlement.payout_batches WHERE batch = '{cancelled_batch}' RETURNING 'batch ' || batch;

-- i3_rules_command_has_one_effect: a rule book was forgotten
DELETE FROM moderation.rule_books WHERE entry = <rules> RETURNING 'entry ' || entry;

-- i3_rules_command_has_one_effect: a rule book was renamed
UPDATE moderation.rule_books SET version = 'renamed' WHERE entry = <rules> RETURNING 'rules:renamed';

-- i3_rules_command_has_one_effect: a rule was switched off by nobody
INSERT INTO moderation.rule_switches (entry, rule, is_on, reason, switched_by) VALUES (1, 'LIVE-MOD-8', false, 'x', 'moderator:m1')
    RETURNING 'entry 1';

-- i3_rule_is_switched_to_and_fro: a rule was switched on that was on
UPDATE moderation.rule_switches SET is_on = true WHERE entry = <switched_off> RETURNING 'entry ' || entry;

-- i7_rule_book_equals_its_document: a bound was raised in a published rule book
ALTER TABLE moderation.rule_books DROP CONSTRAINT rule_book_hash_is_of_its_document;
UPDATE moderation.rule_books SET document = convert_to(replace(convert_from(document, 'UTF8'), '50000', '90000'), 'UTF8')
    WHERE entry = <rules> RETURNING 'entry ' || entry;

-- i7_rule_book_equals_its_document: a rule book and its hash were changed together
UPDATE moderation.rule_books SET document = d.document, sha256 = sha256(d.document) FROM moderation.rule_books AS d
    WHERE moderation.rule_books.entry = <rules> AND d.entry = <next_rules> RETURNING 'entry ' || moderation.rule_books.entry;

-- i7_rule_books_follow_each_other: a rule book is in force from before it was published
UPDATE moderation.rule_books SET effective_at = '2020-01-01' WHERE entry = <rules> RETURNING 'entry ' || entry;

-- i7_rule_books_follow_each_other: a rule book is in force from before the one it follows
UPDATE moderation.rule_books SET effective_at = '2197-01-01' WHERE entry = <next_rules> RETURNING 'entry ' || entry;

-- i7_finding_is_judged_by_the_rules_of_its_time: a finding was judged by rules that came later
UPDATE moderation.findings SET rule_version = 'rules-1' WHERE decision = '{barring}' RETURNING 'decision ' || decision;

-- i7_finding_is_judged_by_the_rules_of_its_time: something happened after it was decided
UPDATE moderation.findings SET happened_at = happened_at + INTERVAL '90 days' WHERE decision = '{barring}'
    RETURNING 'decision ' || decision;

-- i7_finding_is_judged_by_the_rules_of_its_time: a decision was made by rules that came later
UPDATE moderation.decisions SET procedure_version = 'rules-1' WHERE decision = '{barring}' RETURNING 'decision ' || decision;

-- i7_finding_is_judged_by_the_rules_of_its_time: a decision names other rules than its findings
UPDATE moderation.decisions SET rule_version = 'rules-2' WHERE decision = '{barring}' RETURNING 'decision ' || decision;

-- i3_report_record_belongs_to_its_entry: a report was filed by nothing
UPDATE moderation.reports SET entry = 1 WHERE report = '{report}' RETURNING 'reports report ' || report;

-- i3_report_record_belongs_to_its_entry: something befell a report by a refused command
UPDATE moderation.report_events SET entry = <refused_report> WHERE report = '{report}' AND event = 'claimed'
    RETURNING 'report_events report ' || report || ' number ' || number;

-- i3_report_record_belongs_to_its_entry: a file became evidence by a tip
UPDATE moderation.evidence SET entry = <tip> WHERE entry = <evidence> RETURNING 'evidence case ' || "case";

-- i3_report_record_belongs_to_its_entry: a notice tells of nothing
UPDATE moderation.notices SET entry = 1 WHERE entry = <report> RETURNING 'notices notice ' || notice;

-- i3_report_record_belongs_to_its_entry: a file was handed in by filing
UPDATE moderation.report_files SET entry = <report> WHERE report = '{report}' RETURNING 'report_files report ' || report;

-- i3_personal_value_belongs_to_its_fact: a value was sealed by nothing
UPDATE moderation.sealed_values SET entry = 1 WHERE entry = <report_materials> AND field = 'name'
    RETURNING 'sealed_values entry ' || entry || ': ' || field;

-- i3_personal_value_belongs_to_its_fact: what was reported was forgotten
DELETE FROM moderation.sealed_values WHERE entry = <report> AND field = 'text' RETURNING 'fact entry ' || entry;

-- i3_personal_value_belongs_to_its_fact: why somebody appealed was forgotten
DELETE FROM moderation.sealed_values WHERE entry = <appeal> RETURNING 'fact entry ' || entry;

-- i3_personal_value_belongs_to_its_fact: a ticket says what somebody else asked
UPDATE moderation.sealed_values SET subject = '{ticket_overdue}' WHERE entry = <ticket> RETURNING 'sealed_values entry ' || entry;

-- i4_personal_values_are_only_sealed_anew: the application may say whose a value is
GRANT UPDATE (party) ON moderation.sealed_values TO zhibo_app;
SELECT 'table moderation.sealed_values may have its column party changed';

-- i4_personal_values_are_only_sealed_anew: the application may forget who reported
GRANT DELETE ON moderation.sealed_values TO zhibo_app;
SELECT 'table moderation.sealed_values may have its rows deleted';

-- i4_moderation_is_append_only: the application may change access records
GRANT UPDATE ON moderation.access_records TO zhibo_app;
SELECT 'table moderation.access_records ';

-- i5_report_states_equal_their_events: a rejected report waits again
UPDATE moderation.report_states SET state = 'received' WHERE report = '{rejected_report}' RETURNING 'report ' || report;

-- i5_report_states_equal_their_events: somebody else has claimed a report
UPDATE moderation.report_states SET claimed_by = 'moderator:eve' WHERE report = '{waiting_report}'
    RETURNING 'report ' || report;

-- i5_report_states_equal_their_events: a report has more time for its proof
UPDATE moderation.report_states SET materials_due = materials_due + INTERVAL '1 day'
    WHERE report = '{waiting_report}' RETURNING 'report ' || report;

-- i5_report_states_equal_their_events: a claim was forgotten
DELETE FROM moderation.report_events WHERE report = '{rejected_report}' AND event = 'claimed' RETURNING 'report ' || report;

-- i5_report_states_equal_their_events: a report is less harmful than it was
UPDATE moderation.report_states SET harm = 0 WHERE report = '{report}' RETURNING 'report ' || report;

-- i5_due_notices_are_those_that_did_not_arrive: a notice is no longer to be delivered
DELETE FROM moderation.due_notices WHERE notice = (SELECT notice FROM moderation.due_notices ORDER BY 1 LIMIT 1)
    RETURNING 'notice ' || notice;

-- i5_due_notices_are_those_that_did_not_arrive: a notice that arrived did not
DELETE FROM moderation.deliveries WHERE notice = (SELECT notice FROM moderation.deliveries ORDER BY 1 LIMIT 1)
    RETURNING 'notice ' || notice;

-- i5_due_notices_are_those_that_did_not_arrive: a try was made up
UPDATE moderation.due_notices SET attempts = attempts + 1
    WHERE notice = (SELECT notice FROM moderation.due_notices ORDER BY 1 LIMIT 1) RETURNING 'notice ' || notice;

-- i9_infringement_is_accepted_with_proof: who reported was forgotten
DELETE FROM moderation.sealed_values WHERE subject = '{report}' AND field = 'number' RETURNING 'report ' || subject;

-- i9_infringement_is_accepted_with_proof: somebody accepted what he had not claimed
UPDATE moderation.report_events SET actor = 'moderator:eve' WHERE report = '{report}' AND event = 'accepted'
    RETURNING 'report ' || report;

-- i3_register_row_has_its_entry: a promise was put in by hand
INSERT INTO moderation.promises SELECT gen_random_uuid(), 77, streamer, session, text, due_at FROM moderation.promises LIMIT 1
    RETURNING 'promises entry 77';

-- i3_register_row_has_its_entry: a disclosure was kept from the register
DELETE FROM moderation.disclosures WHERE disclosure = '{disclosure}' RETURNING 'decisions seq ' || entry;

-- i3_register_row_has_its_entry: an answer was taken back
DELETE FROM moderation.ticket_events WHERE event = 'answered' RETURNING 'decisions seq ' || entry;

-- i5_listings_count_on: a listing was taken out
DELETE FROM moderation.blacklist_listings WHERE number = 2 RETURNING 'number 3 of list ' || list;

-- i9_hit_rests_on_a_listing: nobody had been listed
UPDATE moderation.blacklist_hits SET number = 7 RETURNING 'blacklist_hits hit ' || hit;

-- i9_hit_rests_on_a_listing: the hit was said to be of somebody else
UPDATE moderation.blacklist_hits SET party = 'qiu' RETURNING 'blacklist_hits hit ' || hit;

-- i9_use_is_permitted_or_a_case: the permission came later
UPDATE moderation.permissions SET valid_from = '2030-01-01', valid_until = NULL WHERE permission = '{permission}'
    RETURNING 'uses use {use}';

-- i9_use_is_permitted_or_a_case: a permission of somebody else
UPDATE moderation.permissions SET party = 'fang' WHERE permission = '{permission}' RETURNING 'uses use {use}';

-- i9_disclosure_rests_on_a_legal_hold: somebody else was disclosed
UPDATE moderation.disclosures SET party = 'qiu' RETURNING 'disclosures disclosure ' || disclosure;

-- i5_ticket_goes_on_in_order: a ticket was escalated before it was due
UPDATE moderation.tickets SET due_at = '2199-01-01' WHERE ticket = '{ticket_overdue}' RETURNING 'tickets ticket ' || ticket;

-- i5_ticket_goes_on_in_order: a step was skipped
UPDATE moderation.ticket_events SET number = 5 WHERE event = 'answered' RETURNING 'tickets ticket ' || ticket;

-- i9_broken_promise_is_a_case: a promise was somebody else's
UPDATE moderation.promises SET streamer = 'fang' WHERE promise = '{promise}' RETURNING 'promise_outcomes promise ' || promise;

-- i3_taking_is_what_was_shown: another amount had been shown
UPDATE moderation.previews SET document = replace(convert_from(document, 'UTF8'), '"amount_minor":150', '"amount_minor":140')::bytea,
    sha256 = sha256(replace(convert_from(document, 'UTF8'), '"amount_minor":150', '"amount_minor":140')::bytea)
    WHERE preview = '{preview}' RETURNING 'entry <execution>: gifts of shu';

-- i3_taking_is_what_was_shown: the execution took from somebody else
UPDATE ledger.transfers SET debit_account = (SELECT id FROM ledger.accounts WHERE kind = 'gifts' AND owner = 'bo')
    WHERE entry = <execution> AND debit_account = (SELECT id FROM ledger.accounts WHERE kind = 'gifts' AND owner = 'shu')
    RETURNING 'entry ' || entry || ': gifts of bo';

-- i3_remission_is_what_was_given_back: more was remitted than was shown
UPDATE moderation.remissions SET amount_minor = 151 WHERE preview = '{preview}' RETURNING 'preview ' || preview;

-- i3_remission_is_what_was_given_back: less came back than was remitted
UPDATE ledger.transfers SET amount_minor = amount_minor - 10 WHERE entry = <verdict>
    AND debit_account = (SELECT id FROM ledger.accounts WHERE kind = 'damages_income') RETURNING 'entry ' || entry;

-- i3_remission_is_what_was_given_back: less was received again than was remitted
UPDATE ledger.transfers SET amount_minor = amount_minor - 10 WHERE entry = <received_again>
    AND debit_account = (SELECT id FROM ledger.accounts WHERE kind = 'penalty_income') RETURNING 'entry <verdict>';

-- i3_received_again_is_what_was_taken: it was received as of another day
UPDATE ledger.transfers SET occurred_at = occurred_at + INTERVAL '1 day' WHERE entry = <received_again>
    AND credit_account = (SELECT id FROM ledger.accounts WHERE kind = 'gifts' AND owner = 'shu') RETURNING 'entry ' || entry;

-- i3_received_again_is_what_was_taken: less was received than was recorded
UPDATE settlement.received_again SET amount_minor = amount_minor + 1 WHERE entry = <received_again> RETURNING 'entry ' || entry;

-- i3_received_again_is_what_was_taken: gifts were for a task
UPDATE settlement.received_again SET accrual = receipt WHERE entry = <received_again> RETURNING 'entry ' || entry;

-- i3_received_again_is_what_was_taken: more was given back than was taken
UPDATE ledger.transfers SET amount_minor = 79 WHERE entry = <execution>
    AND debit_account = (SELECT id FROM ledger.accounts WHERE kind = 'gifts' AND owner = 'shu');
SELECT 'hold ' || hold || ': 80 of 79' FROM settlement.received_again WHERE entry = <received_again>;

-- i3_received_again_is_what_was_taken: it is said of fewer coins whose they are
UPDATE settlement.received_again_tips SET coins = coins - 1 WHERE entry = <received_again> RETURNING 'entry ' || entry;

-- i3_received_again_is_what_was_taken: a coin is said to be nobody's
UPDATE settlement.received_again_tips SET coins_before = coins_before + 1 WHERE entry = <received_again> RETURNING 'entry ' || entry;

-- i3_received_again_is_what_was_taken: the coins are said to be of a tip to somebody else
UPDATE settlement.received_again_tips SET tip = <tip_sent_back> WHERE entry = <received_again> RETURNING 'entry ' || entry;

-- i3_received_again_is_what_was_taken: what was received again was forgotten
DELETE FROM settlement.received_again WHERE entry = <received_again> RETURNING 'entry ' || entry || ': is not recorded';

-- i3_appeal_has_one_effect: an appeal was kept from the records
DELETE FROM moderation.appeals WHERE appeal = '{appeal}' RETURNING 'appeal ' || appeal;

-- i3_appeal_has_one_effect: whoever decided answered the appeal
UPDATE moderation.appeal_verdicts SET decided_by = 'moderator:m1' WHERE appeal = '{appeal}'
    RETURNING 'appeal_decided {verdict}';

-- i3_appeal_has_one_effect: an appeal was filed too late
UPDATE moderation.decisions SET appeal_until = '2026-10-31' WHERE decision = '{taking}' RETURNING 'appeal {appeal}';

-- i3_return_is_what_moved: more coins had gone back
UPDATE settlement.returned_tips SET coins = coins + 1, unsettled_coins = unsettled_coins + 1
    WHERE tip = <tip_sent_back> RETURNING 'returned_tips tip ' || tip;

-- i3_return_is_what_moved: the streamer had not given back all of it
UPDATE settlement.returned_tips SET earnings_minor = earnings_minor - 1
    WHERE tip = (SELECT min(tip) FROM settlement.returned_tips WHERE plan = '{plan}') RETURNING 'returned_tips tip ' || tip;

-- i3_return_is_what_moved: a tip that went back was reversed
INSERT INTO ledger.reversals (reversed, entry) VALUES (<tip_sent_back>, <reversal>) RETURNING 'returned_tips tip ' || reversed;

-- i3_return_is_what_moved: it is said to have left what was received again of somebody else
INSERT INTO settlement.returned_again (tip, received_by, entry, account, receipt, coins)
    SELECT b.tip, r.entry, b.entry, b.account, r.receipt, 1 FROM settlement.returned_tips AS b, settlement.received_again AS r
    WHERE b.tip = <tip_sent_back> AND r.entry = <received_again>;
UPDATE settlement.returned_tips SET again_coins = 1 WHERE tip = <tip_sent_back> RETURNING 'returned_tips tip ' || tip;

-- i3_return_is_what_moved: it is not said what of it had been received again
UPDATE settlement.returned_tips SET again_coins = 1 WHERE tip = <tip_sent_back> RETURNING 'returned_tips tip ' || tip;

-- i3_return_is_what_moved: a return was kept from the records
DELETE FROM settlement.returned_tips WHERE tip = <minors_tip> RETURNING 'tip ' || entry;

-- i3_return_is_what_moved: coins went into somebody else's wallet
UPDATE ledger.transfers SET credit_account = (SELECT id FROM ledger.accounts WHERE kind = 'wallet' AND owner = 'ana')
    WHERE entry = <tip_return> AND amount_minor = 12 RETURNING 'returned_tips tip ' || <tip_sent_back>;

-- i3_restoration_gives_what_was_taken: the streamer got less
UPDATE settlement.restored_tips SET earnings_minor = earnings_minor - 1
    WHERE tip = (SELECT min(tip) FROM settlement.restored_tips) RETURNING 'restored_tips tip ' || tip;

-- i3_restoration_gives_what_was_taken: what stands again had never gone back
UPDATE settlement.restored_tips SET plan = '{plan}' WHERE tip = <tip_again> RETURNING 'restored_tips tip ' || tip;

-- i5_plan_equals_its_tips: a tip was planned into another wallet
UPDATE settlement.planned_returns SET viewer = 'ana' WHERE plan = '{plan}' AND tip = <tip_sent_back> RETURNING 'return_plans plan ' || plan;

-- i5_plan_equals_its_tips: a plan went missing
DELETE FROM settlement.return_plans WHERE plan = '{late_plan}' RETURNING 'planned_returns plan ' || plan;

-- i5_return_run_dealt_with_its_tips: a tip was passed by without a trace
DELETE FROM settlement.passed_returns WHERE plan = '{late_plan}' AND tip = <tip_sent_back> RETURNING 'return_runs plan ' || plan;

-- i5_return_run_dealt_with_its_tips: a plan came less far than its tips
UPDATE settlement.return_runs SET done_to = 0, finished_at = NULL WHERE plan = '{plan}' RETURNING 'return_runs plan ' || plan;

-- i5_return_run_dealt_with_its_tips: what was to stand again was forgotten
DELETE FROM settlement.restored_tips WHERE tip = <tip_again> RETURNING 'return_runs plan ' || plan;

-- i8_narrowed_hold_keeps_the_rest: a hold was said to be narrowed that never was
INSERT INTO settlement.narrowed_holds (hold, entry, rest) VALUES ('{held}', <tip_return>, NULL) RETURNING 'narrowed_holds hold ' || hold;

-- i3_decision_is_what_was_decided: a decision was said to be somebody else's
UPDATE moderation.decisions SET decided_by = 'moderator:eve' WHERE decision = '{barring}' RETURNING 'decision ' || decision;

-- i3_decision_is_what_was_decided: a decision was forgotten
DELETE FROM moderation.decisions WHERE decision = '{warning}' RETURNING 'decision ' || decision;

-- i3_decision_is_what_was_decided: an approval was made up
INSERT INTO moderation.decision_events (decision, entry, event, actor) VALUES ('{refused_decision}', 77, 'approved', 'finance:f2')
    RETURNING 'entry 77';

-- i3_decision_is_what_was_decided: a measure was taken out of its decision
DELETE FROM moderation.measures WHERE measure = '{freezing}' RETURNING 'decision ' || decision;

-- i5_decisions_stand_as_their_events_say: a refused decision stands as if it were to be executed
UPDATE moderation.decision_states SET state = 'decided' WHERE decision = '{refused_decision}' RETURNING 'decision ' || decision;

-- i5_decisions_stand_as_their_events_say: a decision has no state
DELETE FROM moderation.decision_states WHERE decision = '{barring}' RETURNING 'decision ' || decision;

-- i5_decisions_stand_as_their_events_say: a case forgot its newest decision
UPDATE moderation.case_states SET latest = '{refused_decision}' WHERE "case" = 'refused' RETURNING 'case ' || "case";

-- i9_taking_passed_a_second_person: who decided it approved it
UPDATE moderation.decision_events SET actor = 'finance:m1' WHERE decision = '{taking}' AND event = 'approved'
    RETURNING 'decision ' || decision;

-- i9_taking_passed_a_second_person: whom it is about decided it
UPDATE moderation.decisions SET decided_by = 'moderator:yun' WHERE decision = '{barring}' RETURNING 'decision ' || decision;

-- i9_taking_passed_a_second_person: it was taken before its time
UPDATE moderation.decisions SET execute_at = '2199-01-01' WHERE decision = '{taking}' RETURNING 'decision ' || decision;

-- i9_taking_passed_a_second_person: nobody approved what was taken
DELETE FROM moderation.decision_events WHERE decision = '{taking}' AND event = 'approved' RETURNING 'decision ' || decision;

-- i8_measure_holds_while_it_lasts: a hold was said to be on another account
UPDATE moderation.measure_holds SET account = 'wallet' WHERE measure = '{freezing}' RETURNING 'hold ' || hold;

-- i8_measure_holds_while_it_lasts: a freeze that lasts was said to have ended
INSERT INTO moderation.measure_ends (measure, entry, how, actor, reason) VALUES ('{freezing}', 77, 'lifted', 'moderator:m1', 'so')
    RETURNING 'measure ' || measure;

-- i8_freeze_of_everything_holds_each_account: an account was opened without it
DELETE FROM moderation.measure_holds WHERE measure = '{covering}' AND account = 'earnings' RETURNING '(earnings of hai)';

-- i8_freeze_of_everything_holds_each_account: a freeze of gifts was of everything
UPDATE moderation.measures SET account = 'everything' WHERE measure = '{freezing}' RETURNING measure;

-- i8_bars_follow_the_measures: a restriction was said to have ended
INSERT INTO moderation.measure_ends (measure, entry, how, actor, reason) VALUES ('{lasting}', 77, 'lifted', 'moderator:m1', 'so')
    RETURNING '(earnings of yun)';

-- i8_bars_follow_the_measures: a restriction got an end
UPDATE moderation.measures SET until = '2198-01-01' WHERE measure = '{lasting}' RETURNING '(earnings of yun)';

-- i8_clean_period_ends_sooner_with_what_it_counts_from: a restriction was made to end sooner
INSERT INTO moderation.shortened_measures (measure, entry, until) VALUES ('{lifted}', 77, '2026-01-01')
    RETURNING 'measure ' || measure;

-- i8_bars_follow_the_measures: a lifted restriction came back
DELETE FROM moderation.measure_ends WHERE measure = '{lifted}' RETURNING '(wallet of yun)';
