"""Judging an activity: what its rules make of a streamer's sessions. Pure.

One session that breaks the rules disqualifies for the whole activity: the streamer counts as not having
taken part. Rules: LIVE-ACT-1, LIVE-ACT-2, LIVE-TIME-1.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from settlement.sessions.live import Live, reached


class Result(StrEnum):
    """What an activity comes to for a streamer. All but the first are without award."""

    AWARDED = "AWARDED"
    NOT_ENROLLED = "NOT_ENROLLED"
    OUT_OF_WINDOW = "OUT_OF_WINDOW"
    WRONG_CONTENT = "WRONG_CONTENT"
    FACE_NOT_SHOWN = "FACE_NOT_SHOWN"
    LOW_INTERACTION = "LOW_INTERACTION"
    WITHDRAWN = "WITHDRAWN"


class Rules(NamedTuple):
    """One version of an activity's rules, published as ``entry``; instants, and fen."""

    entry: int
    since: int
    until: int
    tag: str
    minimum_interactions: int
    face_shown: bool
    award_minor: int


class Judgement(NamedTuple):
    """A result, and the number of the entry it rests on: a fact, a session, or the rules."""

    result: Result
    rests_on: int


def judge(rules: Rules, sessions: Sequence[Live], last: Live | None) -> Judgement:
    """What these rules make of the sessions that were on in their window, in the order of time.

    ``last`` is the streamer's latest session, at whatever time. The first that fails counts, in this order:
    time, content, face, interaction.
    """
    if not sessions:
        return Judgement(Result.OUT_OF_WINDOW, last.entry if last else rules.entry)
    counted = [session for session in sessions if rules.tag in session.tags]
    if not counted:
        return Judgement(Result.WRONG_CONTENT, sessions[-1].entry)
    if rules.face_shown:
        for session in counted:
            shown = session.facts.get("face_shown")
            if shown is None or not shown.value:
                return Judgement(Result.FACE_NOT_SHOWN, shown.entry if shown else session.entry)
    if reached("interactions", counted) < rules.minimum_interactions:
        return Judgement(Result.LOW_INTERACTION, _newest_interactions(counted))
    return Judgement(Result.AWARDED, rules.entry)


def _newest_interactions(counted: Sequence[Live]) -> int:
    """The last fact that was too little; when nobody counted any, the session of which nothing was said."""
    facts = [session.facts["interactions"].entry for session in counted if "interactions" in session.facts]
    return max(facts, default=counted[-1].entry)
