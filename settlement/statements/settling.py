"""What a statement comes to: lines, shares, holds and totals. Pure: numbers in, numbers out."""

from collections.abc import Sequence
from typing import NamedTuple

from settlement.kinds import EarningKind
from settlement.statements.gathering import Gathered
from settlement.statements.pricing import Part, Received, Segment, priced
from settlement.statements.receipts import Bucket
from settlement.statements.timeline import Stretch, Timeline


class GiftLine(NamedTuple):
    """Gifts of one segment in one session, in coins and fen. ``gifts`` is None when a tier cuts one."""

    segment: Segment
    session: str | None
    gifts: int | None
    coins: int
    streamer_minor: int
    guild_minor: int
    platform_minor: int


class AccrualLine(NamedTuple):
    """Accruals of one kind and policy version in one session, in fen."""

    kind: str
    session: str | None
    policy: str | None
    receipts: int
    amount_minor: int


class Held(NamedTuple):
    """What is credited to a payee but free only from a day on."""

    payee: str
    available_on: int
    amount_minor: int


class Settled(NamedTuple):
    """What one streamer is settled: the lines, and what they add up to, in coins and fen."""

    gifts: Gathered
    accruals: Gathered
    gift_lines: tuple[GiftLine, ...]
    accrual_lines: tuple[AccrualLine, ...]
    holds: tuple[Held, ...]
    streamer_minor: int
    guilds: tuple[tuple[str, int], ...]
    platform_minor: int

    @property
    def guild_minor(self) -> int:
        """What guilds get, fen."""
        return sum(amount for _, amount in self.guilds)

    @property
    def credited_minor(self) -> int:
        """What the streamer's earnings grow by, fen."""
        return self.streamer_minor + self.accruals.taken_minor

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to take, nor anything that could not be taken."""
        return not any(side.taken_minor or side.left_minor for side in (self.gifts, self.accruals))


def settled(
    streamer: str, timeline: Timeline, gifts: Gathered, accruals: Gathered, *, issued_on: int
) -> Settled:
    """Price what was gathered, merge it into lines, and say what is free when."""
    stretches = [(timeline.stretches[bucket.bucket], bucket) for bucket in gifts.taken]
    parts = priced(_received(stretch, bucket, issued_on) for stretch, bucket in stretches)
    holds: dict[tuple[str, int], int] = {}
    guilds: dict[str, int] = {}
    for part in parts:
        if part.segment.guild and part.guild_minor:
            guilds[part.segment.guild] = guilds.get(part.segment.guild, 0) + part.guild_minor
            _hold(holds, part.segment.guild, part.available_on, part.guild_minor)
        _hold(holds, streamer, part.available_on, part.streamer_minor)
    for bucket in accruals.taken:
        stretch = timeline.stretches[bucket.bucket]
        _hold(holds, streamer, stretch.available_on(EarningKind(bucket.kind), issued_on), bucket.minor)
    return Settled(
        gifts,
        accruals,
        _gift_lines(parts),
        _accrual_lines(accruals.taken, timeline),
        tuple([Held(*key, amount) for key, amount in sorted(holds.items()) if amount]),
        sum(part.streamer_minor for part in parts),
        tuple(sorted(guilds.items())),
        sum(part.platform_minor for part in parts),
    )


def _received(stretch: Stretch, bucket: Bucket, issued_on: int) -> Received:
    return Received(
        stretch.terms,
        stretch.session,
        stretch.available_on(EarningKind.GIFT, issued_on),
        bucket.receipts,
        bucket.minor,
    )


def _hold(holds: dict[tuple[str, int], int], payee: str, available_on: int | None, amount: int) -> None:
    if available_on is not None and amount:
        holds[payee, available_on] = holds.get((payee, available_on), 0) + amount


def _gift_lines(parts: Sequence[Part]) -> tuple[GiftLine, ...]:
    merged: dict[tuple[Segment, str | None], list[Part]] = {}
    for part in parts:
        merged.setdefault((part.segment, part.session), []).append(part)
    return tuple([_gift_line(segment, session, same) for (segment, session), same in merged.items()])


def _gift_line(segment: Segment, session: str | None, same: Sequence[Part]) -> GiftLine:
    if len(same) == 1:
        part = same[0]
        amounts = part.streamer_minor, part.guild_minor, part.platform_minor
        return GiftLine(segment, session, part.gifts, part.coins, *amounts)
    return GiftLine(
        segment,
        session,
        None if any(part.gifts is None for part in same) else sum(part.gifts or 0 for part in same),
        sum(part.coins for part in same),
        sum(part.streamer_minor for part in same),
        sum(part.guild_minor for part in same),
        sum(part.platform_minor for part in same),
    )


def _accrual_lines(buckets: Sequence[Bucket], timeline: Timeline) -> tuple[AccrualLine, ...]:
    merged: dict[tuple[str, str | None, str | None], tuple[int, int]] = {}
    for bucket in buckets:
        version = timeline.stretches[bucket.bucket].version
        key = bucket.kind, bucket.session, bucket.policy or (version.version if version else None)
        receipts, amount = merged.get(key, (0, 0))
        merged[key] = receipts + bucket.receipts, amount + bucket.minor
    ordered = sorted(merged.items(), key=lambda item: tuple(part or "" for part in item[0]))
    return tuple([AccrualLine(*key, *sums) for key, sums in ordered])
