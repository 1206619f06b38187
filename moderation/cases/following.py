"""What follows a decision by itself: the ladder of points, and the time in which no tips are received. Pure.

Rules: P-POINTS, P-MUTE: who was muted receives no tips for two to three times as long, and who was
penalised not before three months have passed since the last of it ended.
"""

from collections.abc import Sequence
from uuid import UUID

from moderation.cases.records import Case
from moderation.cases.writing import measure_id
from moderation.measures.kinds import Feature, MeasureKind
from moderation.measures.standing import FOREVER, Measure
from moderation.rules import judging
from moderation.rules.document import RuleBook
from moderation.rules.judging import Mark
from moderation.rules.switches import LADDER, RESTS_AFTER_MUTE, RESTS_AFTER_PENALTY


def following(
    decision: UUID,
    case: Case,
    asked: Sequence[Measure],
    marks: Sequence[Mark],
    book: RuleBook,
    off: frozenset[str],
    at: int,
) -> tuple[Measure, ...]:
    """The measures that follow, numbered behind those that were asked for; ``because`` says by which rule.

    ``marks`` are all points of whom the case is about, those of this decision too; none when nothing was
    found.
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
            ends = [one.end for one in (*asked, *found) if one.party == measure.party and one.keeps_from]
            # A penalty is over when it is decided; what was imposed with it for a time, when that ends.
            rests = judging.clean_until(book, max((end for end in ends if end < FOREVER), default=at))
            follow(MeasureKind.RESTRICT, measure.party, Feature.RECEIVE, rests, "clean_period", measure)
    return tuple(found)
