"""Gathering what a settlement takes: from each account the oldest receipts, as far as they are free.

The same for a run, which holds the accounts locked, and for a recomputation, which looks back below the
statement's entry.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, tee
from typing import NamedTuple

from sqlalchemy import Connection, text

from ledger.journal.rows import bigints, driver_of
from settlement.statements.receipts import (
    Bucket,
    End,
    Wanted,
    accruals_received,
    after_other_outflows,
    gifts_received,
    reach,
    ready_before,
    received_in_turn,
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

# While the database reads one portion of a batch, another is priced.
_READ_AT_ONCE = 125

Reading = Callable[..., list[Bucket]]
_Portion = tuple[list[str], list["_Asked"], list["_Asked"]]


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


class Pair(NamedTuple):
    """The accounts of one streamer of which it is asked."""

    gifts: Ask
    accruals: Ask


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


class _Asked(NamedTuple):
    """What is asked of an account, and what of its receipts was taken before."""

    ask: Ask
    before: tuple[Stratum, ...]
    wanted: Wanted


class _Found(NamedTuple):
    """What was received on an account up to an end; what of it is ready, and what of that may be taken.

    ``is_cut`` tells that something may be taken, but not all.
    """

    asked: _Asked
    end: End
    buckets: Sequence[Bucket]
    ready: int
    limit: int
    is_cut: bool


def gathered(
    connection: Connection, pairs: Mapping[str, Pair], *, cutoff: int, below: int
) -> Iterator[tuple[str, Gathered, Gathered]]:
    """What the gifts and the accruals of each streamer give: what was received before the cutoff and is not
    taken yet, less what is held, the oldest first; nothing of an account that is stopped.

    They come as they are read; those of whom only a part can be taken come last.
    """
    connection.execute(_ROOM_TO_SORT)
    before = _strata(connection, [ask for pair in pairs.values() for ask in pair], below)
    ahead = [account for account, strata in before.items() if _reaches_beyond(strata, cutoff)]
    ready_of = ready_before(connection, ahead, cutoff, below=below)
    end = End(cutoff)
    portions, again = tee(_in_portions(pairs, before))
    wanted = (
        ([one.wanted for one in gifts], [one.wanted for one in accruals]) for _, gifts, accruals in again
    )
    in_part: list[tuple[str, _Found, _Found]] = []
    received = received_in_turn(connection, wanted, end, below=below)
    for portion, buckets in zip(portions, received, strict=True):
        of_account = _by_account(buckets)
        for streamer, *asked in zip(*portion, strict=True):
            gifts, accruals = [_found(side, end, of_account, ready_of) for side in asked]
            if gifts.is_cut or accruals.is_cut:
                in_part.append((streamer, gifts, accruals))
            else:
                yield streamer, _gathered(gifts), _gathered(accruals)
    for streamer, gifts, accruals in in_part:
        yield (
            streamer,
            _gathered(_cut(connection, gifts, gifts_received, below)),
            _gathered(_cut(connection, accruals, accruals_received, below)),
        )


def _in_portions(pairs: Mapping[str, Pair], before: Mapping[int, tuple[Stratum, ...]]) -> Iterator[_Portion]:
    """Streamers, their gifts and their accruals: a few streamers at a time."""
    everyone = iter(pairs.items())
    while portion := list(islice(everyone, _READ_AT_ONCE)):
        gifts, accruals = [
            [_asked(pair[side], before[pair[side].account]) for _, pair in portion] for side in (0, 1)
        ]
        yield [streamer for streamer, _ in portion], gifts, accruals


def _asked(ask: Ask, before: tuple[Stratum, ...]) -> _Asked:
    return _Asked(ask, before, Wanted(ask.account, extended(before, ask.to_seq), ask.bounds))


def _found(
    asked: _Asked, end: End, buckets: Mapping[int, Sequence[Bucket]], ready_of: Mapping[int, int]
) -> _Found:
    account, standing, _, _ = asked.ask
    received = buckets.get(account, ())
    whole = sum([bucket.minor for bucket in received if bucket.bucket != _BEHIND])
    ready = max(0, min(whole, ready_of.get(account, whole)))
    limit = 0 if standing.stopped else max(0, ready - standing.held_minor)
    return _Found(asked, end, received, ready, limit, 0 < limit < whole)


def _cut(connection: Connection, found: _Found, read: Reading, below: int) -> _Found:
    """What was found, as far as it may be taken."""
    if not found.is_cut:
        return found
    wanted = found.asked.wanted
    end = reach(connection, wanted.account, wanted.strata, found.limit, below=below)
    return found._replace(end=end, buckets=read(connection, [wanted], end, below=below))


def _reaches_beyond(strata: Sequence[Stratum], cutoff: int) -> bool:
    """Whether receipts from the cutoff on are taken."""
    return any(stratum.mark > (cutoff, 0) for stratum in strata)


def _gathered(found: _Found) -> Gathered:
    (ask, before, wanted), end, buckets, ready, limit, _ = found
    after = before
    taken: tuple[Bucket, ...] = ()
    if limit:
        taken = tuple([bucket for bucket in buckets if bucket.bucket != _BEHIND])
        firsts = [bucket.first_seq for bucket in buckets if bucket.bucket == _BEHIND]
        if end.part:
            firsts.append(end.seq)
        after = taken_before(wanted.strata, (end.at, end.seq), end.part)
        after = begun_at(after, min(firsts, default=None))
    return Gathered(
        ask.account,
        ask.standing,
        before,
        wanted.strata,
        end,
        after,
        taken,
        limit,
        ready - limit,
        (ask.standing.stopped or "held") if ready > limit else None,
    )


def _strata(connection: Connection, asks: Sequence[Ask], below: int) -> dict[int, tuple[Stratum, ...]]:
    latest = {ask.account: (0, ()) for ask in asks}
    driver_of(connection)
    for row in connection.execute(_LATEST, {"accounts": bigints(latest), "below": below}):
        latest[row.account] = row.entry, strata_of(row.strata)  # type: ignore[assignment]
    return after_other_outflows(connection, latest, below=below)


def _by_account(buckets: Sequence[Bucket]) -> dict[int, list[Bucket]]:
    found: dict[int, list[Bucket]] = {}
    for bucket in buckets:
        found.setdefault(bucket.account, []).append(bucket)
    return found
