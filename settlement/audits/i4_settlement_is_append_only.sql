-- On every append-only table of settlement the trigger that refuses UPDATE, DELETE and TRUNCATE is there and fires, and zhibo_app may do none of them.
WITH journal (name) AS (VALUES
    ('sessions'), ('session_ends'), ('facts'), ('accruals'), ('withdrawals'), ('withdrawn_receipts'), ('deductions'), ('tasks'),
    ('task_evaluations'), ('activity_rules'), ('enrolments'), ('activity_results'), ('commissions'),
    ('sales'), ('returned_goods'), ('ip_cases'), ('ip_costs'), ('ip_proceeds'),
    ('policies'), ('streamer_classes'),
    ('objections'), ('objection_answers'),
    ('verifications'), ('payee_accounts'), ('invoices'),
    ('payout_requests'), ('payout_events'), ('payout_sendings'), ('payout_income'), ('payout_batches'), ('payout_batch_cancellations'),
    ('tax_remittances'), ('tax_remittance_ends'), ('debt_payments'),
    ('return_plans'), ('planned_returns'), ('planned_holds'), ('returned_tips'), ('returned_again'), ('restored_tips'), ('passed_returns'), ('narrowed_holds'),
    ('received_again'), ('received_again_tips'),
    ('statements'), ('takings')),
guarded AS (
    SELECT journal.name, class.oid, class.relowner,
           (SELECT bit_or(trigger.tgtype) FROM pg_trigger AS trigger JOIN pg_proc AS function ON function.oid = trigger.tgfoid
            WHERE trigger.tgrelid = class.oid AND trigger.tgenabled IN ('O', 'A') AND trigger.tgqual IS NULL
              AND trigger.tgattr = ''::int2vector AND trigger.tgtype & 2 <> 0
              AND function.prosrc ~ '^\s*BEGIN\s+RAISE EXCEPTION') AS refuses
    FROM journal LEFT JOIN pg_class AS class ON class.oid = to_regclass('settlement.' || journal.name)
),
-- Bits of tgtype: 8 DELETE, 16 UPDATE, 32 TRUNCATE.
broken AS (
    SELECT name, CASE WHEN oid IS NULL THEN 'is not there'
                      WHEN coalesce(refuses, 0::smallint) & 56 <> 56 THEN 'has no trigger that refuses UPDATE, DELETE and TRUNCATE'
                      WHEN has_any_column_privilege('zhibo_app', oid, 'UPDATE')
                        OR has_table_privilege('zhibo_app', oid, 'DELETE, TRUNCATE') THEN 'may be changed by zhibo_app'
                      WHEN pg_has_role('zhibo_app', relowner, 'MEMBER') THEN 'belongs to zhibo_app' END AS what
    FROM guarded
)
SELECT format('table settlement.%s %s', name, what) FROM broken WHERE what IS NOT NULL ORDER BY name LIMIT 3
