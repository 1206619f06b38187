"""A streamer's timeline: under which terms, in which session and on which day something was received.

The bounds cut time into stretches in which nothing changes: a policy version, a class, a session, and, as
far back as something may still be held, a day.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from ledger.instants import CHINA_OFFSET_MICROSECONDS, MICROSECONDS_PER_DAY, business_day
from settlement.kinds import EarningKind
from settlement.policies.document import STANDARD, Policy
from settlement.policies.versions import Version
from settlement.sessions.reading import Session
from settlement.statements.pricing import Terms, Tier

_T = TypeVar("_T")


class Stretch(NamedTuple):
    """What holds between two bounds. ``version`` is None for a flat share, which knows no classes.

    ``day`` is the day number of the stretch, None when it is too long ago for anything to be held.
    """

    terms: Terms
    version: Version | None
    session: str | None
    day: int | None

    def available_on(self, kind: EarningKind, issued_on: int) -> int | None:
        """The day from which what was earned here is free; None when that is the day of issue or before."""
        if self.version is None or self.day is None:
            return None
        available_on = self.day + self.version.policy.hold_days(self.terms.streamer_class, kind)
        return available_on if available_on > issued_on else None


class Timeline(NamedTuple):
    """Bounds (instants, rising) and the stretches around them: one more than there are bounds."""

    bounds: tuple[int, ...]
    stretches: tuple[Stretch, ...]


def flat(label: str, share_bps: int, sessions: Sequence[Session]) -> Timeline:
    """The timeline of a run at one share for all."""
    terms = Terms(label, STANDARD, (Tier(0, share_bps),))
    bounds = sorted({bound for session in sessions for bound in _ends_of(session)})
    stretches = [Stretch(terms, None, _session_id(sessions, start), None) for start in [None, *bounds]]
    return Timeline(tuple(bounds), tuple(stretches))


def under_policies(
    versions: Sequence[Version],
    classes: Sequence[tuple[int, str, str | None]],
    sessions: Sequence[Session],
    *,
    issued_on: int,
    cutoff: int,
) -> Timeline:
    """The timeline of a run under the published versions, in the order in which they come into force."""
    longest = max(_longest_hold(version.policy) for version in versions)
    days = range(issued_on - longest, business_day(cutoff))
    bounds = sorted(
        {version.effective_at for version in versions[1:]}
        | {since for since, _, _ in classes}
        | {bound for session in sessions for bound in _ends_of(session)}
        | {_start_of(day) for day in days if longest}
    )
    first_day = _start_of(days.start)
    stretches = []
    for start in [None, *bounds]:
        version = _last(versions, [version.effective_at for version in versions], start) or versions[0]
        told = _last(classes, [since for since, _, _ in classes], start)
        _, streamer_class, guild = told or (0, STANDARD, None)
        session = _session_at(sessions, start)
        day = business_day(start) if start is not None and longest and start >= first_day else None
        terms = _terms(version, streamer_class, guild, session.quality_bps if session else 0)
        stretches.append(Stretch(terms, version, str(session.session) if session else None, day))
    return Timeline(tuple(bounds), tuple(stretches))


def _terms(version: Version, streamer_class: str, guild: str | None, quality_bps: int) -> Terms:
    policy = version.policy
    quality = policy.quality.bounded(quality_bps)
    tiers = tuple(
        [Tier(tier.from_coins, tier.share_bps) for tier in policy.class_terms(streamer_class).tiers]
    )
    if not policy.kinds[EarningKind.GIFT].enabled:
        # Recorded, and settled to the platform: the kind earned nothing then. Rule: LIVE-EARN-3.
        return Terms(version.version, streamer_class, (Tier(0, 0),))
    guild_bps = policy.guild.share_bps if guild else 0
    return Terms(version.version, streamer_class, tiers, quality, guild if guild_bps else None, guild_bps)


def _longest_hold(policy: Policy) -> int:
    by_kind = [terms.hold_days or 0 for terms in policy.kinds.values()]
    return max([*by_kind, *(terms.hold_days for terms in policy.classes.values())])


def _last(items: Sequence[_T], starts: Sequence[int], at: int | None) -> _T | None:
    behind = bisect_right(starts, at) if at is not None else 0
    return items[behind - 1] if behind else None


def _session_at(sessions: Sequence[Session], at: int | None) -> Session | None:
    session = _last(sessions, [session.opened_at for session in sessions], at)
    if session is None or at is None or (session.closed_at is not None and session.closed_at <= at):
        return None
    return session


def _session_id(sessions: Sequence[Session], at: int | None) -> str | None:
    session = _session_at(sessions, at)
    return str(session.session) if session else None


def _ends_of(session: Session) -> tuple[int, ...]:
    return (session.opened_at,) if session.closed_at is None else (session.opened_at, session.closed_at)


def _start_of(day: int) -> int:
    return day * MICROSECONDS_PER_DAY - CHINA_OFFSET_MICROSECONDS
