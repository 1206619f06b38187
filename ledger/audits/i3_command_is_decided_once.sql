-- A command id has one decision, and a decision a number of its own.
SELECT format('decisions id %s: decided %s times', id, count(*))
FROM ledger.decisions GROUP BY id HAVING count(*) > 1
UNION ALL
SELECT format('decisions seq %s: is the number of %s decisions', seq, count(*))
FROM ledger.decisions GROUP BY seq HAVING count(*) > 1
LIMIT 3
