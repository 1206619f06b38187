"""Reading appeals: which are open, how each stands; and the points of those who appealed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Connection, select, text

from ledger.instants import instant_of
from ledger.sealing import SealedValue
from moderation.appeals.answering import Later
from moderation.appeals.tables import appeal_verdicts, appeals
from moderation.cases.reading import cases_concerning
from moderation.cases.records import Decision
from moderation.cases.tables import decisions
from moderation.rules.judging import Mark
from moderation.rules.versions import Version, version_named
from moderation.sealing.values import sealed_of

_LATER = text("""
SELECT DISTINCT m.decision
FROM moderation.decisions AS first
JOIN moderation.cases AS c ON c."case" = first."case"
JOIN moderation.measures AS m ON m.party = c.party AND m.entry > first.entry AND m.because = 'points'
WHERE first.decision = ANY (:decisions)
  AND NOT EXISTS (SELECT FROM moderation.measure_ends AS e WHERE e.measure = m.measure)
""")

_MARKS = text("""
SELECT c.party, f.decision, f.points, l.occurred_at
FROM moderation.cases AS c
JOIN moderation.decisions AS d ON d."case" = c."case"
JOIN moderation.decision_states AS s ON s.decision = d.decision AND s.state NOT IN ('refused', 'overturned')
JOIN moderation.findings AS f ON f.decision = d.decision
JOIN ledger.decisions AS l ON l.seq = d.entry
WHERE c.party = ANY (:parties)
ORDER BY d.entry, f.n
""")

_STANDING = (
    select(
        appeals,
        appeal_verdicts.c.verdict,
        appeal_verdicts.c.reason,
        appeal_verdicts.c.decided_by,
        appeal_verdicts.c.decided_at,
    )
    .outerjoin(appeal_verdicts, appeal_verdicts.c.appeal == appeals.c.appeal)
    .order_by(appeals.c.entry)
)


class Appeal(msgspec.Struct, frozen=True):
    """An appeal, as far as those who decide it need it; ``verdict`` is None while it is open."""

    appeal: UUID
    decision: UUID
    appellant: str
    verdict: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.verdict is None


class AppealView(NamedTuple):
    """An appeal as it stands, its text sealed. Times are instants; what tells of an answer is None while
    there is none.
    """

    appeal: UUID
    decision: UUID
    appellant: str
    text: SealedValue
    filed_at: int
    answer_by: int
    verdict: str | None
    reason: str | None
    decided_by: str | None
    decided_at: int | None
    entry: int


class Ladder(NamedTuple):
    """A person's points that count, each with the decision that gave it."""

    marks: Sequence[tuple[UUID, Mark]]

    def later(
        self, decision: Decision, known: Mapping[UUID, Decision], versions: Sequence[Version]
    ) -> list[Later]:
        """The decisions on the same person after this one, in order, each with the rules it was judged by."""
        made_at = {of: mark.at for of, mark in self.marks}
        return [
            Later(one, version_named(versions, one.rule_version).book, made_at[one.decision])
            for one in sorted(known.values(), key=lambda one: one.entry)
            if one.party == decision.party and one.entry > decision.entry and one.decision in made_at
        ]


def open_appeals(connection: Connection, named: Collection[UUID]) -> frozenset[UUID]:
    """Which of these decisions are appealed against by somebody who has no answer yet.

    It holds still under the locks of the decisions.
    """
    return frozenset(
        appeal.decision for appeal in appeals_against(connection, named).values() if appeal.is_open
    )


def appeals_against(connection: Connection, named: Collection[UUID]) -> dict[UUID, Appeal]:
    """The appeals against these decisions, oldest first."""
    if not named:
        return {}
    rows = connection.execute(_STANDING.where(appeals.c.decision.in_(named)))
    return {row.appeal: Appeal(row.appeal, row.decision, row.appellant, row.verdict) for row in rows}


def decisions_of_appeals(connection: Connection, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Which decision each appeal is against: that never changes."""
    if not ids:
        return {}
    rows = connection.execute(select(appeals.c.appeal, appeals.c.decision).where(appeals.c.appeal.in_(ids)))
    return {row.appeal: row.decision for row in rows}


def later_decisions(connection: Connection, named: Sequence[UUID]) -> frozenset[UUID]:
    """Decisions on the same persons, made after these, whose points imposed something that is in force."""
    if not named:
        return frozenset()
    return frozenset(connection.scalars(_LATER, {"decisions": list(named)}))


def ladder_of(connection: Connection, parties: Collection[str]) -> dict[str, Ladder]:
    """The points of each person, by decisions that were not refused or overturned."""
    marks: dict[str, list[tuple[UUID, Mark]]] = defaultdict(list)
    for row in connection.execute(_MARKS, {"parties": list(parties)}) if parties else ():
        marks[row.party].append((row.decision, Mark(row.points, instant_of(row.occurred_at))))
    return {party: Ladder(marks[party]) for party in parties}


def appeals_of(
    connection: Connection,
    *,
    appellant: str | None = None,
    appeal: UUID | None = None,
    is_open: bool | None = None,
    unless_about: str | None = None,
    after: int | None = None,
    limit: int = 100,
) -> list[AppealView]:
    """Appeals as they stand, oldest first, behind an entry: of a person, one alone, or the open ones.

    Those of cases that concern ``unless_about`` are left out.
    """
    query = _STANDING.limit(limit)
    if appellant is not None:
        query = query.where(appeals.c.appellant == appellant)
    if unless_about is not None:
        theirs = select(decisions.c.decision).where(decisions.c.case.in_(cases_concerning(unless_about)))
        query = query.where(appeals.c.appellant != unless_about, appeals.c.decision.not_in(theirs))
    if after is not None:
        query = query.where(appeals.c.entry > after)
    if appeal is not None:
        query = query.where(appeals.c.appeal == appeal)
    if is_open is not None:
        query = query.where(appeal_verdicts.c.appeal.is_(None) == is_open)
    rows = connection.execute(query).all()
    texts = sealed_of(connection, [row.appeal for row in rows])
    return [
        AppealView(
            row.appeal,
            row.decision,
            row.appellant,
            texts[row.appeal][0],
            instant_of(row.filed_at),
            instant_of(row.answer_by),
            row.verdict,
            row.reason,
            row.decided_by,
            instant_of(row.decided_at) if row.decided_at else None,
            row.entry,
        )
        for row in rows
    ]
