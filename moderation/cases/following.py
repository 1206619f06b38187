"""What follows a decision by itself: the ladder of points, and the time in which no tips are received. Pure.

Rules: P-POINTS, P-MUTE: who was muted receives no tips for two to three times as long, and who was
penalised not before three months have passed since the last of it ended.
"""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from msgspec.structs import replace

from moderation.cases.records import Case, Decision
from moderation.cases.writing import measure_id
from moderation.measures.kinds import Feature, MeasureKind
from moderation.measures.standing import FOREVER, Measure
from moderation.rules import judging
from moderation.rules.document import RuleBook
from moderation.rules.judging import Mark
from moderation.rules.switches import LADDER, RESTS_AFTER_MUTE, RESTS_AFTER_PENALTY

_CLEAN = "clean_period"


def following(
    decision: UUID,
    case: Case,
    asked: Sequence[Measure],
    marks: Sequence[Mark],
    book: RuleBook,
    off: frozenset[str],
    at: int,
    held: Collection[str] = (),
) -> tuple[Measure, ...]:
    """The measures that follow, numbered behind those that were asked for; ``because`` says by which rule.

    ``marks`` are all points of whom the case is about, those of this decision too; none when nothing was
    found. ``held`` are who is under a legal hold: of them no account is closed. Rule: LIVE-MOD-9.
    """
    found: list[Measure] = []

    def follow(
        kind: MeasureKind,
        party: str,
        feature: Feature | None,
        until: int | None,
        because: str,
        behind: Measure | None = None,
    ) -> None:
        n = len(asked) + len(found)
        found.append(
            Measure(
                measure_id(decision, n),
                decision,
                case.case,
                n,
                kind,
                party,
                feature,
                until,
                follows=behind.n if behind else None,
                because=because,
            )
        )

    for one in judging.consequences(book, marks, at) if marks and LADDER not in off else ():
        if one.kind is MeasureKind.CLOSE_ACCOUNT and case.party in held:
            continue
        until = judging.ends_at(at, one.days)
        lasts = one.kind is not MeasureKind.WARN and until < FOREVER
        follow(one.kind, case.party, one.feature, until if lasts else None, "points")
    for measure in (*asked, *found) if RESTS_AFTER_MUTE not in off else ():
        if measure.feature is Feature.COMMENT:
            rests = judging.suspended_after_mute(book, at, measure.end)
            until_then = rests if rests < FOREVER else None
            follow(MeasureKind.RESTRICT, measure.party, Feature.RECEIVE, until_then, "mute", measure)
    for measure in asked if RESTS_AFTER_PENALTY not in off else ():
        if measure.kind in book.intervals.clean_after:
            # A penalty is over when it is decided; what was imposed with it for a time, when that ends.
            ends = (one.end for one in (*asked, *found) if _lengthens(one, measure.party))
            rests = judging.clean_until(book, max(ends, default=at))
            follow(MeasureKind.RESTRICT, measure.party, Feature.RECEIVE, rests, _CLEAN, measure)
    return tuple(found)


def ending_sooner(
    decision: Decision, ends: Iterable[Measure], book: RuleBook, lifted_at: int | None
) -> tuple[Measure, ...]:
    """The clean periods of a decision that end sooner once these of its measures end before their time.

    They count from when these are lifted, an instant; from what an appeal ends (None) they do not at all.
    ``book`` is the one by which the decision was judged.
    """
    gone = {one.measure for one in ends}
    over = decision.lifted | (dict.fromkeys(gone, lifted_at) if lifted_at is not None else {})
    undone = (decision.ended | gone) - over.keys()
    counted = [one for one in decision.measures if one.measure not in undone]
    found = []
    for clean in decision.in_force:
        if clean.because == _CLEAN and clean.measure not in gone:
            theirs = (one for one in counted if _lengthens(one, clean.party))
            ended = (min(one.end, over.get(one.measure, one.end)) for one in theirs)
            until = judging.clean_until(book, max(ended, default=decision.decided_at))
            if until < clean.end:
                found.append(replace(clean, until=until))
    return tuple(found)


def _lengthens(measure: Measure, party: str) -> bool:
    """Whether the clean period of a party counts from the end of a measure of the same decision."""
    is_for_a_time = bool(measure.keeps_from) and measure.end < FOREVER
    return is_for_a_time and measure.party == party and measure.because != _CLEAN
