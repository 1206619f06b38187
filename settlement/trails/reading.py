"""Trails of collusion: tips that come back to their source, and tips kept just under a limit.

A query for finance and moderators. It says what is worth a look and does nothing about it: a person opens a
case. Every statement reads the tips of the period once; reversed tips do not count.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from sqlalchemy import Connection, text

from ledger.kernel.posted import SEQS_PER_MICROSECOND, last_seq_at
from settlement.trails.persons import persons
from settlement.trails.rings import Gift, rings
from settlement.trails.terms import TERMS, TrailTerms

TrailKind = Literal["self_tip", "shared_payee", "ring", "tips_just_under", "days_just_under"]


class Trail(NamedTuple):
    """Something worth a look: who gave, who received, how many coins in how many tips.

    In a ring everybody does both. ``shared_payee``: givers and receivers are verified under one number, or
    paid into one account.
    """

    kind: TrailKind
    givers: tuple[str, ...]
    receivers: tuple[str, ...]
    coins: int
    tips: int


class _Pair(NamedTuple):
    """What a party gave another, and the people behind both."""

    giver: str
    receiver: str
    giver_person: str
    receiver_person: str
    coins: int
    tips: int
    given: int
    received: int


_GIVEN = """
given AS (
    SELECT m.debit_account AS wallet, m.credit_account AS gifts, m.amount_minor AS coins,
           t.entry, m.occurred_at
    FROM ledger.tips AS t
    JOIN ledger.transfers AS m ON m.entry = t.entry
    LEFT JOIN ledger.reversals AS r ON r.reversed = t.entry
    WHERE t.entry BETWEEN :since AND :upto AND m.seq BETWEEN :since AND :upto AND r.reversed IS NULL
)
"""

# Only whoever gives and receives can be part of a ring: of all the viewers, few.
_PAIRS = text(f"""
WITH {_GIVEN},
pairs AS (SELECT wallet, gifts, sum(coins) AS coins, count(*) AS tips FROM given GROUP BY wallet, gifts),
person (party, name) AS (SELECT * FROM unnest(CAST(:parties AS text[]), CAST(:persons AS text[]))),
named AS MATERIALIZED (
    SELECT giver.owner AS giver, receiver.owner AS receiver,
           coalesce(behind_giver.name, giver.owner) AS giver_person,
           coalesce(behind_receiver.name, receiver.owner) AS receiver_person, pairs.coins, pairs.tips
    FROM pairs
    JOIN ledger.accounts AS giver ON giver.id = pairs.wallet
    JOIN ledger.accounts AS receiver ON receiver.id = pairs.gifts
    LEFT JOIN person AS behind_giver ON behind_giver.party = giver.owner
    LEFT JOIN person AS behind_receiver ON behind_receiver.party = receiver.owner
),
givers AS (SELECT giver_person, sum(coins) AS given FROM named GROUP BY giver_person),
receivers AS (SELECT receiver_person, sum(coins) AS received FROM named GROUP BY receiver_person)
SELECT named.giver, named.receiver, named.giver_person, named.receiver_person,
       CAST(named.coins AS bigint) AS coins, named.tips,
       CAST(givers.given AS bigint) AS given, CAST(receivers.received AS bigint) AS received
FROM named
JOIN receivers AS also_receives ON also_receives.receiver_person = named.giver_person
JOIN givers ON givers.giver_person = named.giver_person
JOIN receivers ON receivers.receiver_person = named.receiver_person
""")  # noqa: S608 (texts of ours)

_LIMITED = """
limits AS (
    SELECT entry, coalesce(lead(entry) OVER (ORDER BY entry), 9223372036854775807) AS behind, per_tip, per_day
    FROM ledger.tip_limits
)
"""

_TIPS_JUST_UNDER = text(f"""
WITH {_GIVEN}, {_LIMITED},
near AS (
    SELECT given.*, count(*) OVER (
        PARTITION BY wallet, gifts ORDER BY occurred_at
        RANGE BETWEEN make_interval(mins => :window_minutes) PRECEDING AND CURRENT ROW) AS in_window
    FROM given JOIN limits ON given.entry >= limits.entry AND given.entry < limits.behind
    WHERE given.coins <= limits.per_tip AND given.coins * 10000 >= limits.per_tip * (10000 - :margin_bps)
)
SELECT giver.owner AS giver, receiver.owner AS receiver,
       CAST(sum(near.coins) AS bigint) AS coins, count(*) AS tips
FROM near
JOIN ledger.accounts AS giver ON giver.id = near.wallet
JOIN ledger.accounts AS receiver ON receiver.id = near.gifts
GROUP BY giver.owner, receiver.owner
HAVING max(near.in_window) >= :tips_just_under
""")  # noqa: S608 (texts of ours)

# A day counts for the streamer who had most of it; the limit is that of the day's last tip.
_DAYS_JUST_UNDER = text(f"""
WITH {_GIVEN}, {_LIMITED},
daily AS (
    SELECT wallet, gifts, CAST(occurred_at AT TIME ZONE INTERVAL '8 hours' AS date) AS day,
           sum(coins) AS coins, count(*) AS tips, max(entry) AS last
    FROM given GROUP BY wallet, gifts, day
),
days AS (
    SELECT wallet, day, sum(coins) AS coins, sum(tips) AS tips, max(last) AS last, max(coins) AS most
    FROM daily GROUP BY wallet, day
),
near AS (
    SELECT days.* FROM days JOIN limits ON days.last >= limits.entry AND days.last < limits.behind
    WHERE days.coins <= limits.per_day AND days.coins * 10000 >= limits.per_day * (10000 - :margin_bps)
),
meant AS (
    SELECT DISTINCT ON (near.wallet, near.day) near.wallet, near.day, daily.gifts, daily.coins, daily.tips
    FROM near JOIN daily ON daily.wallet = near.wallet AND daily.day = near.day
    WHERE daily.coins = near.most AND daily.coins * 2 > near.coins
    ORDER BY near.wallet, near.day, daily.gifts
)
SELECT array_agg(DISTINCT giver.owner ORDER BY giver.owner) AS givers, receiver.owner AS receiver,
       CAST(sum(meant.coins) AS bigint) AS coins, CAST(sum(meant.tips) AS bigint) AS tips
FROM meant
JOIN ledger.accounts AS giver ON giver.id = meant.wallet
JOIN ledger.accounts AS receiver ON receiver.id = meant.gifts
GROUP BY receiver.owner
HAVING count(*) >= :days_just_under
""")  # noqa: S608 (texts of ours)


def trails(connection: Connection, since: int, until: int, terms: TrailTerms = TERMS) -> list[Trail]:
    """What is worth a look among the tips posted between two instants: the largest amount first."""
    period = {"since": since * SEQS_PER_MICROSECOND, "upto": last_seq_at(until - 1)}
    found = [*_returning(connection, period, terms), *_just_under(connection, period, terms)]
    return sorted(found, key=lambda trail: (-trail.coins, trail))


def _returning(connection: Connection, period: Mapping[str, int], terms: TrailTerms) -> Iterable[Trail]:
    """Tips that come back: to the giver, to the giver's own account or number, or around a ring."""
    known = persons(connection, period["upto"])
    asked = {**period, "parties": list(known), "persons": list(known.values())}
    pairs = [_Pair(*row) for row in connection.execute(_PAIRS, asked)]
    own: dict[tuple[TrailKind, str], list[_Pair]] = defaultdict(list)
    between: dict[tuple[str, str], list[_Pair]] = defaultdict(list)
    for pair in pairs:
        if pair.giver == pair.receiver:
            own["self_tip", pair.giver].append(pair)
        elif pair.giver_person == pair.receiver_person:
            own["shared_payee", pair.giver_person].append(pair)
        else:
            between[pair.giver_person, pair.receiver_person].append(pair)
    for (kind, _), theirs in own.items():
        trail = _trail(kind, theirs)
        if trail.coins >= terms.least_coins:
            yield trail
    gifts = [
        Gift(*people, sum(one.coins for one in theirs), sum(one.tips for one in theirs), *theirs[0][-2:])
        for people, theirs in between.items()
    ]
    for ring in rings(gifts, terms):
        members = set(ring.members)
        inside = [pair for people, theirs in between.items() if members.issuperset(people) for pair in theirs]
        yield _trail("ring", inside)


def _just_under(connection: Connection, period: Mapping[str, int], terms: TrailTerms) -> Iterable[Trail]:
    """Tips, and days of tips, that stay just below what is allowed."""
    asked = {**period, **terms._asdict()}
    for row in connection.execute(_TIPS_JUST_UNDER, asked):
        yield Trail("tips_just_under", (row.giver,), (row.receiver,), row.coins, row.tips)
    for row in connection.execute(_DAYS_JUST_UNDER, asked):
        yield Trail("days_just_under", tuple(row.givers), (row.receiver,), row.coins, row.tips)


def _trail(kind: TrailKind, pairs: Iterable[_Pair]) -> Trail:
    theirs = list(pairs)
    return Trail(
        kind,
        tuple(sorted({pair.giver for pair in theirs})),
        tuple(sorted({pair.receiver for pair in theirs})),
        sum(pair.coins for pair in theirs),
        sum(pair.tips for pair in theirs),
    )
