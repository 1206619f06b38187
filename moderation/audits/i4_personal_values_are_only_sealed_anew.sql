-- Of what people told moderation under seal zhibo_app may change under which key it is sealed, and nothing else; it may delete none.
SELECT format('table moderation.sealed_values %s', what)
FROM (
    SELECT 'may have its rows deleted by zhibo_app' AS what, class.oid FROM pg_class AS class
    WHERE class.oid = to_regclass('moderation.sealed_values')
      AND (has_table_privilege('zhibo_app', class.oid, 'DELETE, TRUNCATE') OR pg_has_role('zhibo_app', class.relowner, 'MEMBER'))
    UNION ALL
    SELECT format('may have its column %s changed by zhibo_app', attname), attrelid FROM pg_attribute
    WHERE attrelid = to_regclass('moderation.sealed_values') AND attnum > 0 AND NOT attisdropped
      AND attname NOT IN ('key_id', 'sealed') AND has_column_privilege('zhibo_app', attrelid, attnum, 'UPDATE')
    UNION ALL
    SELECT 'is not there', 0 WHERE to_regclass('moderation.sealed_values') IS NULL
) AS broken
ORDER BY what
LIMIT 3
