-- On every append-only table of moderation the trigger that refuses UPDATE, DELETE and TRUNCATE is there and fires, and zhibo_app may do none of them.
WITH journal (name) AS (VALUES ('freezes'), ('cases'), ('case_notes'), ('decisions'), ('findings'), ('decision_events'), ('measures'), ('measure_holds'), ('measure_ends'), ('shortened_measures'), ('blacklist_imports'), ('blacklist_listings'), ('blacklist_hits'), ('false_identities'), ('permissions'), ('permission_ends'), ('uses'), ('promises'), ('promise_outcomes'), ('room_actions'), ('disclosures'), ('tickets'), ('ticket_events'), ('access_records'), ('notices'), ('deliveries'), ('notice_reads'), ('evidence'), ('reports'), ('report_events'), ('report_files'), ('rule_books'), ('rule_switches'), ('previews'), ('remissions'), ('appeals'), ('appeal_verdicts')),
guarded AS (
    SELECT journal.name, class.oid, class.relowner,
           (SELECT bit_or(trigger.tgtype) FROM pg_trigger AS trigger JOIN pg_proc AS function ON function.oid = trigger.tgfoid
            WHERE trigger.tgrelid = class.oid AND trigger.tgenabled IN ('O', 'A') AND trigger.tgqual IS NULL
              AND trigger.tgattr = ''::int2vector AND trigger.tgtype & 2 <> 0
              AND function.prosrc ~ '^\s*BEGIN\s+RAISE EXCEPTION') AS refuses
    FROM journal LEFT JOIN pg_class AS class ON class.oid = to_regclass('moderation.' || journal.name)
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
SELECT format('table moderation.%s %s', name, what) FROM broken WHERE what IS NOT NULL ORDER BY name LIMIT 3
