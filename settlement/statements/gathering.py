"""Gathering what a settlement takes: from each account the oldest receipts, as far as they are free.

The same for a run, which holds the accounts locked, and for a recomputation, which looks back below the
statement's entry.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, text

from settlement.statements.receipts import (
    Bucket,
    End,
    Wanted,
    after_other_outflows,
    reach,
    ready_before,
)
from settlement.statements.taking import Stratum, begun_at, extended, strata_of, taken_before

_BEHIND = -1

# The receipts of a batch are sorted in memory, not on disk.
_ROOM_TO_SORT = text("SET LOCAL work_mem = '64MB'")

_LATEST = text("""
SELECT a.account, latest.entry, latest.strata
FROM unnest(CAST(:accounts AS bigint[])) AS a (account)
CROSS JOIN LATERAL (SELECT entry, strata FROM settlement.takings
                    WHERE account = a.account AND entry < :below ORDER BY entry DESC LIMIT 1) AS latest
""")

Reading = Callable[..., list[Bucket]]


class Standing(NamedTuple):
    """How an account stands when it is settled: minor units, and what stops it, if anything does."""

    posted_minor: int
    held_minor: int
    stopped: str | None = None


class Ask(NamedTuple):
    """One account of one streamer: where it stands, the last number in it, and how time is cut."""

    account: int
    standing: Standing
    to_seq: int
    bounds: Sequence[int]


class Gathered(NamedTuple):
    """What is taken from an account, in stretches, and what is not, and why.

    ``before`` and ``after`` say what was taken of its receipts before, and once this is; ``looked_at`` is
    ``before`` with what came since, and ``end`` where this taking ends.
    """

    account: int
    standing: Standing
    before: tuple[Stratum, ...]
    looked_at: tuple[Stratum, ...]
    end: End
    after: tuple[Stratum, ...]
    taken: tuple[Bucket, ...]
    taken_minor: int
    left_minor: int
    left_reason: str | None


def gathered(
    connection: Connection, asks: Sequence[Ask], read: Reading, *, cutoff: int, below: int
) -> dict[int, Gathered]:
    """What each account gives, by account: what was received before the cutoff and is not taken yet,
    less what is held, the oldest first; nothing while the account is stopped.
    """
    connection.execute(_ROOM_TO_SORT)
    before = _strata(connection, asks, below)
    wanted = {
        ask.account: Wanted(
            ask.account, extended(before[ask.account], ask.to_seq), End(cutoff), (*ask.bounds, cutoff)
        )
        for ask in asks
    }
    buckets = _by_account(read(connection, list(wanted.values()), below=below))
    ahead = [ask.account for ask in asks if _reaches_beyond(before[ask.account], cutoff)]
    ready_of = ready_before(connection, ahead, cutoff, below=below)
    limits: dict[int, tuple[int, int]] = {}
    shortened: dict[int, Wanted] = {}
    for ask in asks:
        mine = wanted[ask.account]
        whole = sum(bucket.minor for bucket in buckets.get(ask.account, ()) if bucket.bucket != _BEHIND)
        ready = max(0, min(whole, ready_of.get(ask.account, whole)))
        limit = 0 if ask.standing.stopped else max(0, ready - ask.standing.held_minor)
        limits[ask.account] = ready, limit
        if 0 < limit < whole:
            end = reach(connection, ask.account, mine.strata, limit, below=below)
            shortened[ask.account] = mine._replace(end=end)
    if shortened:
        buckets |= _by_account(read(connection, list(shortened.values()), below=below))
    wanted |= shortened
    return {ask.account: _gathered(ask, before, wanted, buckets, *limits[ask.account]) for ask in asks}


def _reaches_beyond(strata: Sequence[Stratum], cutoff: int) -> bool:
    """Whether receipts from the cutoff on are taken."""
    return any(stratum.mark > (cutoff, 0) for stratum in strata)


def _gathered(
    ask: Ask,
    before: dict[int, tuple[Stratum, ...]],
    wanted: dict[int, Wanted],
    buckets: dict[int, list[Bucket]],
    ready: int,
    limit: int,
) -> Gathered:
    mine, found = wanted[ask.account], buckets.get(ask.account, [])
    after = before[ask.account]
    taken: tuple[Bucket, ...] = ()
    if limit:
        taken = tuple([bucket for bucket in found if bucket.bucket != _BEHIND])
        firsts = [bucket.first_seq for bucket in found if bucket.bucket == _BEHIND]
        if mine.end.part:
            firsts.append(mine.end.seq)
        after = taken_before(mine.strata, (mine.end.at, mine.end.seq), mine.end.part)
        after = begun_at(after, min(firsts, default=None))
    return Gathered(
        ask.account,
        ask.standing,
        before[ask.account],
        mine.strata,
        mine.end,
        after,
        taken,
        limit,
        ready - limit,
        (ask.standing.stopped or "held") if ready > limit else None,
    )


def _strata(connection: Connection, asks: Sequence[Ask], below: int) -> dict[int, tuple[Stratum, ...]]:
    latest = {ask.account: (0, ()) for ask in asks}
    for row in connection.execute(_LATEST, {"accounts": list(latest), "below": below}):
        latest[row.account] = row.entry, strata_of(row.strata)  # type: ignore[assignment]
    return after_other_outflows(connection, latest, below=below)


def _by_account(buckets: Sequence[Bucket]) -> dict[int, list[Bucket]]:
    found: dict[int, list[Bucket]] = {}
    for bucket in buckets:
        found.setdefault(bucket.account, []).append(bucket)
    return found
