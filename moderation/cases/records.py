"""Decisions as they stand, read for those who act on them; the lock that orders what happens to each."""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Row, func, select, text

from ledger.chart import AccountRef
from ledger.instants import instant_of
from moderation.cases.tables import (
    case_states,
    cases,
    decision_events,
    decision_states,
    decisions,
    findings,
)
from moderation.measures.kinds import Feature, MeasureKind
from moderation.measures.standing import Measure
from moderation.measures.tables import measure_ends, measure_holds, measures, shortened_measures
from moderation.rules.judging import Mark


class State(StrEnum):
    """How far a decision is.

    awaiting_approval ─▶ decided ─▶ executing ─▶ executed
      └─▶ refused           └─────────▶ overturned
    """

    AWAITING_APPROVAL = "awaiting_approval"
    DECIDED = "decided"
    REFUSED = "refused"
    EXECUTING = "executing"
    EXECUTED = "executed"
    OVERTURNED = "overturned"


class Case(msgspec.Struct):
    """A case: whom it is about, what is known of when it happened (instants), and its newest decision."""

    case: str
    party: str
    opened_at: int
    session: UUID | None = None
    happened_at: int | None = None
    latest: UUID | None = None


class Placed(msgspec.Struct, frozen=True):
    """A hold that a measure placed, and on which account."""

    hold: UUID
    measure: UUID
    account: AccountRef


class Decision(msgspec.Struct):
    """A decision, and how it stands. Instants; ``rule`` is the first finding's.

    What was found was judged by ``rule_version``; who decides and agrees, and until when it can be appealed
    against, is by ``procedure_version``. Of what ``ended``, ``lifted`` says when those that were lifted did.
    """

    decision: UUID
    case: str
    party: str
    entry: int
    decided_by: str
    decided_at: int
    rule_version: str
    procedure_version: str
    rule: str
    needs_second: bool
    appeal_until: int
    execute_at: int | None
    state: State
    approved_by: str | None
    measures: tuple[Measure, ...]
    holds: tuple[Placed, ...]
    ended: set[UUID] = msgspec.field(default_factory=set)
    lifted: dict[UUID, int] = msgspec.field(default_factory=dict)

    @property
    def in_force(self) -> list[Measure]:
        """Its measures that nobody has ended."""
        return [measure for measure in self.measures if measure.measure not in self.ended]

    @property
    def moves_at(self) -> int | None:
        """When its money moves at the earliest; None if none does, or none does any more."""
        return self.execute_at if any(measure.preview for measure in self.in_force) else None

    @property
    def parties(self) -> frozenset[str]:
        """Whoever it concerns: who the case is about, on whom it imposes something, and whose money it
        holds. Those who give tips that go back are among them, whoever the tips are named by.
        """
        imposed_on = (measure.party for measure in self.measures)
        return frozenset({self.party, *imposed_on, *(placed.account.owner for placed in self.holds)})


def lock_cases(connection: Connection, names: Iterable[str]) -> dict[str, Case]:
    """The cases of these names, nobody else deciding them until this transaction ends."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    connection.execute(
        select(case_states.c.case)
        .where(case_states.c.case.in_(wanted))
        .order_by(case_states.c.case)
        .with_for_update()
    )
    return read_cases(connection, wanted)


def read_cases(connection: Connection, names: Collection[str]) -> dict[str, Case]:
    """The cases of these names, those that are there."""
    if not names:
        return {}
    rows = connection.execute(
        select(
            cases.c.case,
            cases.c.party,
            cases.c.opened_at,
            cases.c.session,
            cases.c.happened_at,
            case_states.c.latest,
        )
        .join(case_states, case_states.c.case == cases.c.case)
        .where(cases.c.case.in_(names))
    )
    return {
        row.case: Case(
            row.case,
            row.party,
            instant_of(row.opened_at),
            row.session,
            instant_of(row.happened_at) if row.happened_at else None,
            row.latest,
        )
        for row in rows
    }


def lock_decisions(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, Decision]:
    """Decisions, nobody else taking a step with them until this transaction ends.

    What locks a decision comes before the locks on accounts, and here in the order of ids.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    connection.execute(
        select(decision_states.c.decision)
        .where(decision_states.c.decision.in_(wanted))
        .order_by(decision_states.c.decision)
        .with_for_update()
    )
    # A statement of its own: it sees what was committed while this one waited.
    return read_decisions(connection, wanted)


_DECISIONS = (
    select(
        decisions,
        cases.c.party,
        decision_states.c.state,
        findings.c.rule,
        decision_events.c.actor.label("approved_by"),
    )
    .join(cases, cases.c.case == decisions.c.case)
    .join(decision_states, decision_states.c.decision == decisions.c.decision)
    .outerjoin(findings, (findings.c.decision == decisions.c.decision) & (findings.c.n == 0))
    .outerjoin(
        decision_events,
        (decision_events.c.decision == decisions.c.decision) & (decision_events.c.event == "approved"),
    )
)


def read_decisions(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Decision]:
    """Decisions as they stand, those that are there; without a lock they may move on at once."""
    if not ids:
        return {}
    of_decision: dict[UUID, list[Measure]] = {}
    for row in connection.execute(
        _MEASURES.where(measures.c.decision.in_(ids)).order_by(measures.c.decision, measures.c.n)
    ):
        of_decision.setdefault(row.decision, []).append(measure_of(row))
    known = [measure.measure for theirs in of_decision.values() for measure in theirs]
    ends = connection.execute(_ENDS, {"measures": known}).all() if known else ()
    ended = {row.measure for row in ends}
    lifted = {row.measure: instant_of(row.lifted_at) for row in ends if row.lifted_at}
    placed = holds_of_measures(connection, known)
    found = {}
    for row in connection.execute(_DECISIONS.where(decisions.c.decision.in_(ids))):
        theirs = tuple(of_decision.get(row.decision, ()))
        their_ids = {measure.measure for measure in theirs}
        found[row.decision] = Decision(
            row.decision,
            row.case,
            row.party,
            row.entry,
            row.decided_by,
            instant_of(row.decided_at),
            row.rule_version,
            row.procedure_version,
            row.rule or "",
            row.needs_second,
            instant_of(row.appeal_until),
            instant_of(row.execute_at) if row.execute_at else None,
            State(row.state),
            row.approved_by,
            theirs,
            tuple(hold for hold in placed if hold.measure in their_ids),
            ended & their_ids,
            {measure: at for measure, at in lifted.items() if measure in their_ids},
        )
    return found


_ENDS = text("""
SELECT e.measure, l.occurred_at AS lifted_at
FROM moderation.measure_ends AS e
LEFT JOIN ledger.decisions AS l ON l.seq = e.entry AND e.how = 'lifted'
WHERE e.measure = ANY (:measures)
""")
_SOONER = (
    select(func.min(shortened_measures.c.until))
    .where(shortened_measures.c.measure == measures.c.measure)
    .scalar_subquery()
)
_MEASURES = select(measures, decisions.c.case, _SOONER.label("sooner")).join(
    decisions, decisions.c.decision == measures.c.decision
)


def decisions_of_measures(connection: Connection, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Which decision each measure is of: that never changes."""
    if not ids:
        return {}
    rows = connection.execute(
        select(measures.c.measure, measures.c.decision).where(measures.c.measure.in_(ids))
    )
    return {row.measure: row.decision for row in rows}


def measures_in_force(
    connection: Connection, parties: Collection[str], at: int | None = None
) -> dict[str, dict[UUID, Measure]]:
    """What is imposed on each party and was not ended, oldest first; with ``at`` not what ended by then.

    To impose or end something on a party, read it under the locks of the party's accounts.
    """
    found: dict[str, dict[UUID, Measure]] = {party: {} for party in parties}
    if not found:
        return found
    query = (
        _MEASURES.outerjoin(measure_ends, measure_ends.c.measure == measures.c.measure)
        .where(measures.c.party.in_(list(found)), measure_ends.c.measure.is_(None))
        .order_by(measures.c.entry, measures.c.n)
    )
    for row in connection.execute(query):
        measure = measure_of(row)
        if at is None or measure.end > at:
            found[row.party][measure.measure] = measure
    return found


def holds_of_measures(connection: Connection, ids: Collection[UUID]) -> list[Placed]:
    """The holds that measures placed, whether they are open or not."""
    if not ids:
        return []
    rows = connection.execute(
        select(measure_holds)
        .where(measure_holds.c.measure.in_(ids))
        .order_by(measure_holds.c.entry, measure_holds.c.hold)
    )
    return [Placed(row.hold, row.measure, AccountRef(row.account, row.owner)) for row in rows]


_MARKS = text("""
SELECT c.party, f.points, d.decided_at
FROM moderation.cases AS c
JOIN moderation.decisions AS d ON d."case" = c."case"
JOIN moderation.decision_states AS s ON s.decision = d.decision AND s.state NOT IN ('refused', 'overturned')
JOIN moderation.findings AS f ON f.decision = d.decision
WHERE c.party = ANY (:parties)
ORDER BY d.entry, f.n
""")


def marks_of(connection: Connection, parties: Iterable[str]) -> dict[str, list[Mark]]:
    """The points of each party, of every finding that stands."""
    found: dict[str, list[Mark]] = {party: [] for party in parties}
    for row in connection.execute(_MARKS, {"parties": list(found)}) if found else ():
        found[row.party].append(Mark(row.points, instant_of(row.decided_at)))
    return found


def measure_of(row: Row[Any]) -> Measure:
    """A measure, from a row of its table with the case beside it, and when it ends if that is ``sooner``."""
    until = row.sooner or row.until
    return Measure(
        row.measure,
        row.decision,
        row.case,
        row.n,
        MeasureKind(row.kind),
        row.party,
        Feature(row.feature) if row.feature else None,
        instant_of(until) if until else None,
        row.account,
        row.amount_minor,
        row.preview,
        row.follows,
        row.because,
        row.note,
    )
