"""What received gifts earn: segments, tiers, and how a segment's amount is spread. Pure arithmetic.

A segment is what one streamer received under one policy version, class, tier, quality and guild within one
statement. It is rounded once, half up, and the platform has the rest; its amount is spread over its parts in
the order of time by running difference, so the parts always sum to the whole. Rules: LIVE-EARN-1, G10.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ledger.money import BPS, face_value, round_half_up, share_of


class Tier(NamedTuple):
    """From so many coins of a statement on, this share."""

    from_coins: int
    share_bps: int


class Terms(NamedTuple):
    """Under what gifts were received: everything that prices them.

    ``quality_bps`` is added to the share; the guild gets ``guild_bps`` of face value out of it.
    """

    policy: str
    streamer_class: str
    tiers: tuple[Tier, ...]
    quality_bps: int = 0
    guild: str | None = None
    guild_bps: int = 0


class Received(NamedTuple):
    """Gifts received in one stretch of time with the same terms, in one session or none.

    ``available_on`` is the day number from which what they earn is free; None when it is at once.
    """

    terms: Terms
    session: str | None
    available_on: int | None
    gifts: int
    coins: int


class Segment(NamedTuple):
    """What is rounded once."""

    policy: str
    streamer_class: str
    tier_from_coins: int
    share_bps: int
    quality_bps: int
    guild: str | None
    guild_bps: int


class Part(NamedTuple):
    """A segment's part in one session and with one day of availability; fen, except for coins.

    ``gifts`` is None when a tier ended within the stretch: then some gift lies in both parts.
    """

    segment: Segment
    session: str | None
    available_on: int | None
    gifts: int | None
    coins: int
    streamer_minor: int
    guild_minor: int
    platform_minor: int


class Pricing:
    """The running sums of one statement: stretches come in the order of time, single gifts or many at once.

    However finely they are cut, what they add up to is the same.
    """

    def __init__(self) -> None:
        self._coins = 0
        self._running: dict[Segment, tuple[int, int, int]] = {}

    def add(self, stretch: Received) -> Iterator[Part]:
        """The parts of a stretch, one for each tier it reaches."""
        terms = stretch.terms
        for tier, coins in _by_tier(terms.tiers, self._coins, stretch.coins):
            share = min(max(tier.share_bps + terms.quality_bps, 0), BPS)
            segment = Segment(
                terms.policy,
                terms.streamer_class,
                tier.from_coins,
                share,
                terms.quality_bps,
                terms.guild,
                terms.guild_bps,
            )
            coins_before, gross_before, guild_before = self._running.get(segment, (0, 0, 0))
            coins_after = coins_before + coins
            gross_after = share_of(face_value(coins_after), share)
            # Of the rounded share, so that no part gives the guild more than it has.
            guild_after = round_half_up(gross_after * terms.guild_bps, share) if terms.guild and share else 0
            self._running[segment] = coins_after, gross_after, guild_after
            gross, guild = gross_after - gross_before, guild_after - guild_before
            yield Part(
                segment,
                stretch.session,
                stretch.available_on,
                stretch.gifts if coins == stretch.coins else None,
                coins,
                gross - guild,
                guild,
                face_value(coins) - gross,
            )
        self._coins += stretch.coins


def priced(received: Iterable[Received]) -> list[Part]:
    """What stretches of gifts, in the order of time, come to."""
    pricing = Pricing()
    return [part for stretch in received for part in pricing.add(stretch)]


def of_coins(part: Part, begin: int, end: int) -> Part | None:
    """The part of some of a part's coins, from one up to another; None if none of them is.

    By running difference: what is cut sums to the whole, and nobody's piece is below zero.
    """
    begin, end = max(begin, 0), min(end, part.coins)
    if begin >= end:
        return None
    if end - begin == part.coins:
        return part
    (first, first_guild), (last, last_guild) = [_credited(part, coins) for coins in (begin, end)]
    gross, guild = last - first, last_guild - first_guild
    return part._replace(
        gifts=None,
        coins=end - begin,
        streamer_minor=gross - guild,
        guild_minor=guild,
        platform_minor=face_value(end - begin) - gross,
    )


def _credited(part: Part, coins: int) -> tuple[int, int]:
    """What the first coins of a part earn their streamer and guild, and the guild of that."""
    whole = part.streamer_minor + part.guild_minor
    gross = whole * coins // part.coins
    return gross, gross * part.guild_minor // whole if whole else 0


def _by_tier(tiers: Sequence[Tier], before: int, coins: int) -> Iterable[tuple[Tier, int]]:
    """The coins that follow ``before`` others, tier by tier."""
    if len(tiers) == 1:
        return [(tiers[0], coins)] if coins > 0 else []
    return _cut(tiers, before, coins)


def _cut(tiers: Sequence[Tier], before: int, coins: int) -> Iterator[tuple[Tier, int]]:
    ends = [tier.from_coins for tier in tiers[1:]]
    for tier, end in zip(tiers, [*ends, None], strict=True):
        reached = before + coins if end is None else min(end, before + coins)
        if reached > before:
            yield tier, reached - before
            coins -= reached - before
            before = reached
