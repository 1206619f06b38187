"""Reading receipts: what was credited to gifts and accruals and not yet taken, a statement for all streamers.

Nothing here depends on what is posted later: receipts and outflows are read below one number. The accounts
are locked, or ``below`` lies in the past.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import psycopg
from sqlalchemy import Connection, text

from ledger.instants import datetime_of, instant_of
from ledger.journal.rows import bigints, driver_of, instants
from settlement.statements.taking import (
    Stratum,
    extended,
    taken_before,
    untaken,
)

#: Below every number there can be: all that is visible.
EVERYTHING = 2**63 - 1

_ASKED = """
WITH timelines AS (
    SELECT account, array_agg(bound ORDER BY bound) AS bounds
    FROM unnest(%(bound_accounts)b::bigint[], %(bounds)b::timestamptz[]) AS b (account, bound)
    GROUP BY account
),
asked AS (
    SELECT s.*, coalesce(timelines.bounds, '{}') AS bounds,
           %(end_at)s::timestamptz AS end_at, %(end_seq)s::bigint AS end_seq, %(end_part)s::bigint AS end_part
    FROM unnest(%(accounts)b::bigint[], %(from_seqs)b::bigint[], %(to_seqs)b::bigint[],
                %(marks_at)b::timestamptz[], %(mark_seqs)b::bigint[], %(parts)b::bigint[])
         AS s (account, from_seq, to_seq, mark_at, mark_seq, part)
    LEFT JOIN timelines USING (account)
)
"""
# What lies behind the end of the taking goes to bucket -1; of the receipt at the end, a part is before it.
_BUCKET = """
CASE WHEN (t.occurred_at, t.seq) < (s.end_at, s.end_seq) OR (t.seq = s.end_seq AND s.end_part > 0)
     THEN width_bucket(t.occurred_at, s.bounds) ELSE -1 END
"""
# Parts count what was taken of a receipt, from its beginning. What was withdrawn or went back is no part: it
# goes off the whole, so that of a receipt taken to its end both are gone, and of one cut only the part.
_TAKEN = """
CASE WHEN t.seq = s.end_seq AND s.end_part > 0 THEN s.end_part ELSE {whole} END
- CASE WHEN t.seq = s.mark_seq THEN s.part ELSE 0 END
"""
_UNTAKEN = """
WHERE t.credit_account = s.account AND t.seq BETWEEN s.from_seq AND s.to_seq
  AND (t.occurred_at, t.seq) >= (s.mark_at, s.mark_seq)
  AND t.entry NOT IN (SELECT r.reversed FROM ledger.reversals AS r WHERE r.entry < %(below)s)
"""
_SUMS = "sum(receipts)::bigint, sum(minor)::bigint, min(first_seq)"

_WHOLE = "t.amount_minor - CASE WHEN t.seq = s.mark_seq THEN s.part ELSE 0 END"

# Each account is looked up and added up by itself: for all at once the planner would read and sort them all.
# What went back of gifts that were not taken yet is not there; of the receipt at the end, what is taken lies
# before what went back.
_GIFTS = f"""{_ASKED}
SELECT s.account, sums.bucket, {_SUMS}
FROM asked AS s
CROSS JOIN LATERAL (
    SELECT {_BUCKET} AS bucket, count(*) AS receipts, sum({_TAKEN.format(whole="t.amount_minor")}) AS minor,
           min(t.seq) AS first_seq
    FROM ledger.transfers AS t
    {_UNTAKEN}
    GROUP BY 1
    UNION ALL
    SELECT {_BUCKET}, -count(*) FILTER (WHERE {_WHOLE} = r.coins), -sum(r.coins), NULL
    FROM (SELECT receipt, unsettled_coins - again_coins AS coins FROM settlement.returned_tips
          WHERE account = s.account AND receipt BETWEEN s.from_seq AND s.to_seq
            AND unsettled_coins > 0 AND unsettled_coins > again_coins AND entry < %(below)s
          UNION ALL
          SELECT receipt, sum(coins) FROM settlement.returned_again
          WHERE account = s.account AND receipt BETWEEN s.from_seq AND s.to_seq AND entry < %(below)s
          GROUP BY receipt OFFSET 0) AS r
    JOIN ledger.transfers AS t ON t.seq = r.receipt
    WHERE (t.occurred_at, t.seq) >= (s.mark_at, s.mark_seq)
      AND NOT (t.seq = s.end_seq AND s.end_part > 0)
    GROUP BY 1
) AS sums
GROUP BY 1, 2
ORDER BY 1, 2
"""  # noqa: S608 - put together from the constants above

# An accrual that was withdrawn, or a part of it, is not there to be taken.
_NOT_WITHDRAWN = "t.amount_minor - coalesce(w.amount_minor, 0)"
_ACCRUALS = f"""{_ASKED}
SELECT s.account, sums.bucket, sums.kind, sums.session, sums.policy_version, {_SUMS}
FROM asked AS s
CROSS JOIN LATERAL (
    SELECT {_BUCKET} AS bucket, coalesce(a.kind, 'task') AS kind, a.session, a.policy_version,
           count(*) AS receipts, sum({_TAKEN.format(whole=_NOT_WITHDRAWN)}) AS minor,
           min(t.seq) AS first_seq
    FROM ledger.transfers AS t
    LEFT JOIN settlement.received_again AS again ON again.entry = t.entry
    LEFT JOIN settlement.accruals AS a ON a.entry = coalesce(again.accrual, t.entry)
    LEFT JOIN LATERAL (SELECT sum(amount_minor) AS amount_minor FROM settlement.withdrawn_receipts
                       WHERE received_by = t.entry AND entry < %(below)s) AS w ON true
    {_UNTAKEN}
    GROUP BY 1, 2, 3, 4
) AS sums
GROUP BY 1, 2, 3, 4, 5
HAVING sum(minor) > 0
ORDER BY 1, 2, 3, 4, 5
"""  # noqa: S608 - put together from the constants above

_OUTFLOWS = text("""
SELECT t.debit_account AS account, t.seq, t.amount_minor, named.seq AS named_seq,
       named.occurred_at AS named_at, named.amount_minor AS named_minor
FROM unnest(CAST(:accounts AS bigint[]), CAST(:after AS bigint[])) AS s (account, after)
CROSS JOIN LATERAL (
    SELECT * FROM ledger.transfers AS flow
    WHERE debit_account = s.account AND seq > s.after AND seq < :below AND entry <> s.after
      AND NOT EXISTS (SELECT FROM settlement.withdrawals AS w WHERE w.entry = flow.entry)
    OFFSET 0  -- A look-up an account: joined to the list, the planner would read the whole table.
) AS t
LEFT JOIN LATERAL (
    SELECT receipt.seq, receipt.occurred_at, receipt.amount_minor
    FROM (SELECT reversed AS entry FROM ledger.reversals WHERE entry = t.entry) AS undone
    JOIN ledger.transfers AS receipt ON receipt.seq >= undone.entry
     AND receipt.seq < (undone.entry / 256 + 1) * 256 AND receipt.entry = undone.entry
     AND receipt.credit_account = t.debit_account
    LIMIT 1
) AS named ON true
ORDER BY t.debit_account, t.seq
""")

_REACHED = text("""
WITH untaken AS (
    SELECT t.occurred_at, t.seq,
           t.amount_minor - CASE WHEN t.seq = s.mark_seq THEN s.part ELSE 0 END
           - coalesce((SELECT sum(amount_minor) FROM settlement.withdrawn_receipts
                       WHERE received_by = t.entry AND entry < :below), 0)
           - coalesce((SELECT unsettled_coins - again_coins FROM settlement.returned_tips
                       WHERE tip = t.entry AND entry < :below), 0)
           - coalesce((SELECT sum(coins) FROM settlement.returned_again
                       WHERE account = :account AND receipt = t.seq AND entry < :below), 0) AS minor,
           CASE WHEN t.seq = s.mark_seq THEN s.part ELSE 0 END AS part
    FROM unnest(CAST(:from_seqs AS bigint[]), CAST(:to_seqs AS bigint[]), CAST(:marks_at AS timestamptz[]),
                CAST(:mark_seqs AS bigint[]), CAST(:parts AS bigint[]))
         AS s (from_seq, to_seq, mark_at, mark_seq, part)
    JOIN ledger.transfers AS t ON t.credit_account = :account AND t.seq BETWEEN s.from_seq AND s.to_seq
    WHERE (t.occurred_at, t.seq) >= (s.mark_at, s.mark_seq)
      AND NOT EXISTS (SELECT FROM ledger.reversals AS r WHERE r.reversed = t.entry AND r.entry < :below)
),
running AS (SELECT *, sum(minor) OVER (ORDER BY occurred_at, seq) AS reached FROM untaken WHERE minor > 0)
SELECT occurred_at, seq, minor, part, reached FROM running
WHERE reached >= :amount ORDER BY occurred_at, seq LIMIT 1
""")

_READY = text("""
SELECT a.account,
       coalesce((SELECT sum(amount_minor) FROM ledger.transfers
                 WHERE credit_account = a.account AND occurred_at < :cutoff AND seq < :below
                   AND entry NOT IN (SELECT reversed FROM ledger.reversals WHERE entry < :below)), 0)::bigint
       - coalesce((SELECT sum(r.unsettled_coins)
                   FROM settlement.returned_tips AS r JOIN ledger.transfers AS t ON t.seq = r.receipt
                   WHERE r.account = a.account AND r.entry < :below AND t.occurred_at < :cutoff), 0)::bigint
       - coalesce((SELECT sum(w.amount_minor)
                   FROM ledger.accounts AS c JOIN settlement.withdrawals AS w ON w.streamer = c.owner
                   JOIN settlement.accruals AS of ON of.entry = w.accrual
                   WHERE c.id = a.account AND c.kind = 'accruals' AND w.entry < :below
                     AND of.occurred_at < :cutoff), 0)::bigint
       - coalesce((SELECT sum(amount_minor) FROM ledger.transfers AS flow
                   WHERE debit_account = a.account AND seq < :below
                     AND entry NOT IN (SELECT entry FROM ledger.reversals)
                     AND NOT EXISTS (SELECT FROM settlement.withdrawals AS w WHERE w.entry = flow.entry)
                     AND NOT EXISTS (SELECT FROM settlement.returned_tips AS r
                                     WHERE r.account = a.account AND r.entry = flow.entry)), 0)::bigint
       AS ready_minor
FROM unnest(CAST(:accounts AS bigint[])) AS a (account)
""")


Driver = psycopg.Connection[Any]
Fetching = Callable[[], "list[Bucket]"]


class End(NamedTuple):
    """Where a taking ends: everything before the mark, and ``part`` of the receipt at it."""

    at: int
    seq: int = 0
    part: int = 0


class Wanted(NamedTuple):
    """What is asked of one account: its strata, and the bounds that cut its time."""

    account: int
    strata: tuple[Stratum, ...]
    bounds: Sequence[int]


class Bucket(NamedTuple):
    """Receipts between two bounds: how many, their minor units, and for accruals what they were for.

    ``bucket`` counts the bounds at or before them; -1 is what lies behind the end.
    """

    account: int
    bucket: int
    receipts: int
    minor: int
    first_seq: int
    kind: str = "gift"
    session: str | None = None
    policy: str | None = None


def gifts_received(connection: Connection, wanted: Sequence[Wanted], end: End, *, below: int) -> list[Bucket]:
    """The gifts of these accounts that are not taken yet, by stretch."""
    return ask_gifts(driver_of(connection), wanted, end, below=below)() if wanted else []


def accruals_received(
    connection: Connection, wanted: Sequence[Wanted], end: End, *, below: int
) -> list[Bucket]:
    """The accruals of these accounts that are not taken yet, by stretch, kind, session and policy."""
    return ask_accruals(driver_of(connection), wanted, end, below=below)() if wanted else []


def received_in_turn(
    connection: Connection,
    wanted: Iterable[tuple[Sequence[Wanted], Sequence[Wanted]]],
    end: End,
    *,
    below: int,
) -> Iterator[list[Bucket]]:
    """The gifts and accruals of some accounts after the other: the next are read while one is worked on.

    Until all were fetched the connection takes no other statement.
    """
    driver = driver_of(connection)
    with driver.pipeline():
        ahead: tuple[Fetching, ...] = ()
        for gifts, accruals in wanted:
            asked = (
                ask_gifts(driver, gifts, end, below=below),
                ask_accruals(driver, accruals, end, below=below),
            )
            # What is found is sent at once, not when the next is found, too.
            driver.pgconn.send_flush_request()
            driver.pgconn.flush()
            if ahead:
                yield [bucket for fetch in ahead for bucket in fetch()]
            ahead = asked
        yield [bucket for fetch in ahead for bucket in fetch()]


def ask_gifts(driver: Driver, wanted: Sequence[Wanted], end: End, *, below: int) -> Fetching:
    """Ask for the gifts of these accounts, to be fetched later."""
    rows = driver.execute(_GIFTS, _arguments(wanted, end, below), binary=True)
    return lambda: [Bucket(*row) for row in rows]


def ask_accruals(driver: Driver, wanted: Sequence[Wanted], end: End, *, below: int) -> Fetching:
    """Ask for the accruals of these accounts, to be fetched later."""
    rows = driver.execute(_ACCRUALS, _arguments(wanted, end, below), binary=True)
    return lambda: [
        Bucket(account, bucket, receipts, minor, first_seq, kind, str(session) if session else None, policy)
        for account, bucket, kind, session, policy, receipts, minor, first_seq in rows
    ]


def after_other_outflows(
    connection: Connection, strata: Mapping[int, tuple[int, tuple[Stratum, ...]]], *, below: int
) -> dict[int, tuple[Stratum, ...]]:
    """Strata by account, once what left otherwise since a settlement's entry has taken its share.

    An outflow that undoes its receipt takes that one, as far as it is still there, and of the others the
    rest. What was withdrawn took nothing of others: it goes off the receipts it names.
    """
    found = {account: kept for account, (_, kept) in strata.items()}
    arguments = {
        "accounts": bigints(strata),
        "after": bigints(after for after, _ in strata.values()),
        "below": below,
    }
    driver_of(connection)
    for row in connection.execute(_OUTFLOWS, arguments).all():
        kept = extended(found[row.account], row.seq - 1)
        of_others = row.amount_minor
        if row.named_seq is not None:
            of_others -= untaken(kept, row.named_seq, instant_of(row.named_at), row.named_minor)
        if of_others > 0:
            # Below what follows, so that what this one undid is none of the others.
            end = reach(connection, row.account, kept, of_others, below=row.seq + 1)
            kept = taken_before(kept, (end.at, end.seq), end.part)
        found[row.account] = kept
    return found


def reach(
    connection: Connection, account: int, strata: tuple[Stratum, ...], amount_minor: int, *, below: int
) -> End:
    """Where the oldest receipts not yet taken add up to an amount."""
    arguments = {**_columns(strata), "account": account, "amount": amount_minor, "below": below}
    row = connection.execute(_REACHED, arguments).one()
    left = int(row.reached) - amount_minor
    if left == 0:
        return End(instant_of(row.occurred_at), row.seq + 1)
    return End(instant_of(row.occurred_at), row.seq, int(row.part + row.minor) - left)


def ready_before(
    connection: Connection, accounts: Sequence[int], cutoff: int, *, below: int
) -> dict[int, int]:
    """What was received before a cutoff less all that ever left, by account; it may be below zero.

    What was reversed, withdrawn or went back unsettled counts on neither side. All lines are added up. That
    is only needed where later receipts than the cutoff are taken already: otherwise it is what is not taken
    of those before it.
    """
    arguments = {"accounts": accounts, "cutoff": datetime_of(cutoff), "below": below}
    rows = connection.execute(_READY, arguments) if accounts else ()
    return {row.account: row.ready_minor for row in rows}


def _columns(strata: Iterable[Stratum]) -> dict[str, Any]:
    strata = tuple(strata)
    return {
        "from_seqs": [stratum.from_seq for stratum in strata],
        "to_seqs": [stratum.to_seq for stratum in strata],
        "marks_at": [datetime_of(stratum.at) for stratum in strata],
        "mark_seqs": [stratum.seq for stratum in strata],
        "parts": [stratum.part for stratum in strata],
    }


def _arguments(wanted: Sequence[Wanted], end: End, below: int) -> dict[str, Any]:
    rows = [(ask, stratum) for ask in wanted for stratum in ask.strata]
    return {
        "accounts": bigints(ask.account for ask, _ in rows),
        "from_seqs": bigints(stratum.from_seq for _, stratum in rows),
        "to_seqs": bigints(stratum.to_seq for _, stratum in rows),
        "marks_at": instants(stratum.at for _, stratum in rows),
        "mark_seqs": bigints(stratum.seq for _, stratum in rows),
        "parts": bigints(stratum.part for _, stratum in rows),
        "end_at": datetime_of(end.at),
        "end_seq": end.seq,
        "end_part": end.part,
        "bound_accounts": bigints(ask.account for ask in wanted for _ in ask.bounds),
        "bounds": instants(bound for ask in wanted for bound in ask.bounds),
        "below": below,
    }
