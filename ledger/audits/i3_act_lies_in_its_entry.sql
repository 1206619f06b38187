-- A hold act or account event has a number in its entry's microsecond, and shares it with no transfer of that entry.
SELECT format('%s seq %s: does not fit into its entry %s', act.name, act.seq, act.entry)
FROM (
    SELECT 'hold_acts' AS name, seq, entry FROM ledger.hold_acts
    UNION ALL SELECT 'account_events', seq, entry FROM ledger.account_events
) AS act
LEFT JOIN ledger.transfers AS t ON t.seq = act.seq AND t.entry = act.entry
WHERE act.seq < act.entry OR act.seq / 256 <> act.entry / 256 OR t.seq IS NOT NULL
ORDER BY act.seq
LIMIT 3
