"""What one person alone may move: amounts that count together, and when a second person has to agree. G4.

Amounts count together by person and by case, over a window of days: taking in pieces meets a bound as the
whole would. Of tips that go back, what each streamer gives counts for that streamer, whoever they are named
by.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.instants import datetime_of, instant_of
from moderation.measures.standing import Measure
from moderation.rules import judging
from moderation.rules.document import RuleBook
from moderation.takings.shown import PlanShown, Preview, shown_in


class Lost(NamedTuple):
    """Money that a measure moved at an instant, in fen; ``case`` is None if it counts for the person only."""

    party: str
    case: str | None
    amount_minor: int
    at: int


_LOST_ALONE = text("""
SELECT m.party, d."case", m.amount_minor, d.decided_at,
       CASE WHEN p.plan IS NOT NULL THEN p.document END AS document
FROM moderation.decisions AS d
JOIN moderation.decision_states AS s ON s.decision = d.decision AND s.state <> 'overturned'
JOIN moderation.measures AS m ON m.decision = d.decision
JOIN moderation.previews AS p ON p.preview = m.preview
WHERE NOT d.needs_second AND d.decided_at > :since
  AND (m.party = ANY (:parties) OR d."case" = ANY (:cases)
       OR EXISTS (SELECT FROM moderation.measure_holds AS h
                  WHERE h.measure = m.measure AND h.owner = ANY (:parties)))
  AND NOT EXISTS (SELECT FROM moderation.measure_ends AS e WHERE e.measure = m.measure)
""")


def lost_alone(
    connection: Connection, *, parties: Iterable[str], cases: Iterable[str], since: int
) -> list[Lost]:
    """What was taken of these parties, or in these cases, since an instant by one person alone."""
    asked = {"parties": sorted(parties), "cases": sorted(cases), "since": datetime_of(since)}
    found: list[Lost] = []
    for row in connection.execute(_LOST_ALONE, asked):
        plan = shown_in(row.document).plan if row.document else None
        found += _lost(row.party, row.case, row.amount_minor, plan, instant_of(row.decided_at))
    return found


def lost_by(measures: Iterable[Measure], previews: Mapping[UUID, Preview], at: int) -> list[Lost]:
    """What the money measures among these move, decided at an instant."""
    return [lost for measure in measures if measure.preview for lost in _lost_by(measure, previews, at)]


def is_beyond(
    measures: Sequence[Measure],
    previews: Mapping[UUID, Preview],
    before: Sequence[Lost],
    book: RuleBook,
    at: int,
) -> bool:
    """Whether these measures together, after what was taken before, are more than one person may decide."""
    here: list[Lost] = []
    for measure in measures:
        since = judging.summed_since(book, measure.kind, at)
        theirs = _lost_by(measure, previews, at)
        for lost in theirs:
            taken = sum(
                other.amount_minor
                for other in (*before, *here)
                if other.at > since
                and (other.party == lost.party or (other.case is not None and other.case == lost.case))
            )
            if judging.needs_second(book, measure.kind, lost.amount_minor, taken):
                return True
        here += theirs
    return False


def _lost_by(measure: Measure, previews: Mapping[UUID, Preview], at: int) -> list[Lost]:
    if measure.preview is None:
        return [Lost(measure.party, measure.case, 0, at)]
    plan = previews[measure.preview].shown.plan
    return _lost(measure.party, measure.case, measure.amount_minor or 0, plan, at)


def _lost(party: str, case: str, amount_minor: int, plan: PlanShown | None, at: int) -> list[Lost]:
    givings = plan.givings if plan else ()
    others = [Lost(one.streamer, None, one.fen, at) for one in givings if one.streamer != party]
    return [Lost(party, case, amount_minor, at), *others]
