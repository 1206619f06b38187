"""Trying a policy (试算): what a period would have come to under it, next to what it comes to. Moves nothing.

Both sides are priced alike, as if the period had been settled whole by one statement a streamer, so that what
differs is due to the policy alone; what is held, frozen, settled or taken already makes no difference. What a
measure took and an appeal gave back counts once, as it first came.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from ledger.instants import CHINA_OFFSET_MICROSECONDS, MICROSECONDS_PER_DAY, business_day, day_of, end_of_day
from ledger.journal.tables import accounts
from settlement.kinds import EarningKind
from settlement.periods import Period
from settlement.policies.classes import classes_of
from settlement.policies.document import Policy
from settlement.policies.versions import Version, versions
from settlement.received_again.reading import Again, received_again_within
from settlement.sessions.reading import sessions_of
from settlement.statements.pricing import Received, priced
from settlement.statements.receipts import (
    EVERYTHING,
    Bucket,
    End,
    Wanted,
    accruals_received,
    gifts_received,
)
from settlement.statements.taking import Stratum
from settlement.statements.timeline import Timeline, under_policies

STREAMERS_A_BATCH = 1_000
#: Days after which nothing can be held any more: how long is no question of a trial.
_LONG_AFTER_DAYS = 1_000


class NothingToCompare(Exception):
    """No policy is published, so there is nothing that another could change."""


class Sums(NamedTuple):
    """What gifts and accruals come to, fen."""

    streamer_minor: int
    guild_minor: int
    platform_minor: int


class Tried(NamedTuple):
    """One streamer's period: under the policies in force then, and under the one that is tried."""

    streamer: str
    now: Sums
    tried: Sums

    @property
    def gain_minor(self) -> int:
        """What the streamer would have more; negative is less."""
        return self.tried.streamer_minor - self.now.streamer_minor


def trial(connection: Connection, policy: Policy, period: Period) -> Iterator[Tried]:
    """Every streamer who received anything in a period, in the order of their names, a batch at a time.

    The connection should see one snapshot. Raises :class:`NothingToCompare`.
    """
    published = versions(connection)
    if not published:
        raise NothingToCompare("no policy is published to compare with")
    instead = [version._replace(version=policy.version, sha256="", policy=policy) for version in published]
    again = received_again_within(connection, _start(period), end_of_day(period.through))
    behind = ""
    while batch := _gifts_accounts(connection, behind):
        behind = list(batch)[-1]
        yield from _tried(connection, batch, period, (published, instead), again)


def _start(period: Period) -> int:
    return day_of(period.first) * MICROSECONDS_PER_DAY - CHINA_OFFSET_MICROSECONDS


def _gifts_accounts(connection: Connection, behind: str) -> dict[str, tuple[int, int]]:
    """The next streamers, with their accounts of gifts and of accruals."""
    accruals = accounts.alias()
    query = (
        select(accounts.c.owner, accounts.c.id, accruals.c.id)
        .join(accruals, accruals.c.owner == accounts.c.owner)
        .where(accounts.c.kind == "gifts", accruals.c.kind == "accruals", accounts.c.owner > behind)
        .order_by(accounts.c.owner)
        .limit(STREAMERS_A_BATCH)
    )
    return {owner: (gifts, accrued) for owner, gifts, accrued in connection.execute(query)}


def _tried(
    connection: Connection,
    batch: Mapping[str, tuple[int, int]],
    period: Period,
    sides: tuple[Sequence[Version], Sequence[Version]],
    again: Mapping[int, Sequence[Again]],
) -> Iterator[Tried]:
    cutoff = end_of_day(period.through)
    classes = classes_of(connection, list(batch))
    sessions = sessions_of(connection, list(batch), EVERYTHING)

    def timeline(streamer: str, version: Sequence[Version]) -> Timeline:
        return under_policies(
            version,
            classes.get(streamer, ()),
            sessions.get(streamer, ()),
            issued_on=business_day(cutoff) + _LONG_AFTER_DAYS,
            cutoff=cutoff,
        )

    timelines = {streamer: [timeline(streamer, side) for side in sides] for streamer in batch}

    def wanted(streamer: str, account: int) -> Wanted:
        # The same bounds on both sides: the versions differ in what they say, not in when.
        return Wanted(
            account, _all_but(again.get(account, ()), _start(period)), timelines[streamer][0].bounds
        )

    of_gifts, of_accruals = [
        [wanted(streamer, pair[side]) for streamer, pair in batch.items()] for side in (0, 1)
    ]
    gifts = _by_account(gifts_received(connection, of_gifts, End(cutoff), below=EVERYTHING))
    accrued = _by_account(accruals_received(connection, of_accruals, End(cutoff), below=EVERYTHING))
    for received, asked in ((gifts, of_gifts), (accrued, of_accruals)):
        for account, _, bounds in asked:
            if account in again:
                first = received.get(account, ())
                received[account] = list(_without_withdrawn(first, again[account], bounds))
    for streamer, (gifts_account, accruals_account) in batch.items():
        both = gifts.get(gifts_account, ()), accrued.get(accruals_account, ())
        if any(both):
            now, tried = (_sums(timeline, *both) for timeline in timelines[streamer])
            yield Tried(streamer, now, tried)


def _all_but(again: Iterable[Again], start: int) -> tuple[Stratum, ...]:
    """All receipts from an instant on but those, in the order of their numbers."""
    strata = []
    begin = 0
    for one in again:
        strata.append(Stratum(begin, one.seq - 1, start, 0, 0))
        begin = one.seq + 1
    return *strata, Stratum(begin, EVERYTHING, start, 0, 0)


def _without_withdrawn(
    received: Iterable[Bucket], again: Iterable[Again], bounds: Sequence[int]
) -> Iterator[Bucket]:
    """What was received as it first came, less what was taken back of it where it was received again."""
    withdrawn: dict[tuple[int, str, str | None, str | None], int] = {}
    for one in again:
        key = bisect_right(bounds, one.at), one.kind, one.session, one.policy
        withdrawn[key] = withdrawn.get(key, 0) + one.withdrawn_minor
    for bucket in received:
        less = withdrawn.get((bucket.bucket, bucket.kind, bucket.session, bucket.policy), 0)
        yield bucket._replace(minor=bucket.minor - less)


def _by_account(buckets: Sequence[Bucket]) -> dict[int, list[Bucket]]:
    """What was received within the period: a bucket below 0 lies behind it."""
    found: dict[int, list[Bucket]] = {}
    for bucket in buckets:
        if bucket.bucket >= 0:
            found.setdefault(bucket.account, []).append(bucket)
    return found


def _sums(timeline: Timeline, gifts: Sequence[Bucket], accrued: Sequence[Bucket]) -> Sums:
    stretches = [(timeline.stretches[bucket.bucket], bucket) for bucket in gifts]
    parts = priced(
        Received(stretch.terms, stretch.session, None, bucket.receipts, bucket.minor)
        for stretch, bucket in stretches
    )
    earned = 0
    for bucket in accrued:
        version = timeline.stretches[bucket.bucket].version
        if version is not None and version.policy.kinds[EarningKind(bucket.kind)].enabled:
            earned += bucket.minor
    return Sums(
        sum(part.streamer_minor for part in parts) + earned,
        sum(part.guild_minor for part in parts),
        sum(part.platform_minor for part in parts),
    )
