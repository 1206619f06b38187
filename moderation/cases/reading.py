"""Reading cases: pages of them, one with everything that was found and done, and decisions by who waits."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CompoundSelect, Connection, Select, exists, literal, select, union_all

from ledger.instants import instant_of
from ledger.kernel.posted import posted_instant
from moderation.cases.affairs import Parts, parts_of
from moderation.cases.records import Decision, State, read_decisions
from moderation.cases.tables import (
    case_notes,
    case_states,
    cases,
    decision_events,
    decision_states,
    decisions,
    findings,
)
from moderation.cases.writing import Found
from moderation.measures.kinds import Severity
from moderation.measures.standing import Measure
from moderation.measures.tables import measure_ends, measure_holds, measures
from moderation.takings.reading import previews
from moderation.takings.shown import Preview


class CaseRow(NamedTuple):
    """A case. ``entry`` is the cursor behind it; ``state`` is that of its newest decision, None without."""

    case: str
    entry: int
    source: str
    party: str
    session: UUID | None
    happened_at: int | None
    summary: str
    opened_by: str
    opened_at: int
    latest: UUID | None
    state: State | None


class CasePage(NamedTuple):
    """Some cases, newest first, and the cursor of the page behind."""

    cases: list[CaseRow]
    next_cursor: int | None


class Happening(NamedTuple):
    """A line of a time line: what was done, by whom, at an instant, and more about it."""

    entry: int
    what: str
    actor: str
    detail: str | None
    decision: UUID | None

    @property
    def at(self) -> int:
        """When, as it was posted."""
        return posted_instant(self.entry)


class Judged(NamedTuple):
    """A decision with its findings and why it was made.

    ``remitted`` is, by measure, what appeals gave back or have it no longer take, in fen; ``parts`` is what
    each streamer gives of tips that go back.
    """

    decision: Decision
    found: tuple[Found, ...]
    reason: str
    remitted: Mapping[UUID, int]
    parts: Parts


class CaseFile(NamedTuple):
    """A case with everything that was decided in it, and its time line, oldest first."""

    case: CaseRow
    decisions: list[Judged]
    timeline: list[Happening]

    @property
    def parties(self) -> frozenset[str]:
        """Whomever it concerns: to them it is not there."""
        return frozenset({self.case.party}).union(*(one.decision.parties for one in self.decisions))


_CASES = (
    select(cases, case_states.c.latest, decision_states.c.state)
    .join(case_states, case_states.c.case == cases.c.case)
    .outerjoin(decision_states, decision_states.c.decision == case_states.c.latest)
)


def cases_page(
    connection: Connection,
    *,
    party: str | None = None,
    source: str | None = None,
    unless_about: str | None = None,
    before: int | None,
    limit: int,
) -> CasePage:
    """Cases about a party, from a source; none that concerns ``unless_about``, who may not see them."""
    query = _CASES.order_by(cases.c.entry.desc()).limit(limit + 1)
    for column, value in ((cases.c.party, party), (cases.c.source, source)):
        if value is not None:
            query = query.where(column == value)
    if unless_about is not None:
        query = query.where(cases.c.case.not_in(cases_concerning(unless_about)))
    if before is not None:
        query = query.where(cases.c.entry < before)
    found = [_case(row) for row in connection.execute(query)]
    return CasePage(found[:limit], found[limit - 1].entry if len(found) > limit else None)


def case_file(connection: Connection, case: str) -> CaseFile | None:
    """A case with everything that happened in it; None when nobody opened it."""
    row = connection.execute(_CASES.where(cases.c.case == case)).one_or_none()
    if row is None:
        return None
    query = select(decisions.c.decision).where(decisions.c.case == case).order_by(decisions.c.entry)
    return CaseFile(
        _case(row), judged(connection, connection.scalars(query).all()), _timeline(connection, case)
    )


def judged(connection: Connection, ids: Collection[UUID]) -> list[Judged]:
    """Decisions with their findings, in the order they are named."""
    if not ids:
        return []
    stand = read_decisions(connection, ids)
    query = select(findings).where(findings.c.decision.in_(ids)).order_by(findings.c.decision, findings.c.n)
    found: dict[UUID, list[Found]] = {}
    for row in connection.execute(query):
        found.setdefault(row.decision, []).append(
            Found(
                row.rule,
                Severity(row.severity),
                row.points,
                instant_of(row.happened_at),
                row.rule_version,
                tuple(row.evidence),
                row.session,
                row.override_reason,
            )
        )
    reasons = connection.execute(
        select(decisions.c.decision, decisions.c.reason).where(decisions.c.decision.in_(ids))
    )
    why = {row.decision: row.reason for row in reasons}
    money = [one for decision in stand.values() for one in decision.measures if one.preview]
    shown = previews(connection, [one.preview for one in money if one.preview])
    remitted, parts = _remitted(connection, money, shown), parts_of(money, shown)
    return [
        Judged(stand[id], tuple(found.get(id, ())), why[id], remitted, parts) for id in ids if id in stand
    ]


def _remitted(
    connection: Connection, money: Sequence[Measure], shown: Mapping[UUID, Preview]
) -> dict[UUID, int]:
    """By measure; one that an appeal ended takes nothing, and of tips that went back none has."""
    found = {one.measure: shown[one.preview].remitted_fen for one in money if one.preview}
    ended = select(measure_ends.c.measure).where(
        measure_ends.c.measure.in_(list(found)), measure_ends.c.how == "overturned"
    )
    overturned = set(connection.scalars(ended)) if found else ()
    return found | {one.measure: one.amount_minor or 0 for one in money if one.measure in overturned}


class DecisionPage(NamedTuple):
    """Some decisions, newest first, and the cursor of the page behind."""

    decisions: list[Judged]
    next_cursor: int | None


def decisions_page(
    connection: Connection,
    *,
    state: str | None = None,
    unless_about: str | None = None,
    before: int | None,
    limit: int,
) -> DecisionPage:
    """Decisions in a state; none of a case that concerns ``unless_about``."""
    query = (
        select(decisions.c.decision, decisions.c.entry)
        .join(decision_states, decision_states.c.decision == decisions.c.decision)
        .join(cases, cases.c.case == decisions.c.case)
    )
    if state is not None:
        query = query.where(decision_states.c.state == state)
    if unless_about is not None:
        query = query.where(cases.c.case.not_in(cases_concerning(unless_about)))
    return _decisions_page(connection, query, before, limit)


def decisions_on(connection: Connection, party: str, *, before: int | None, limit: int) -> DecisionPage:
    """The decisions that found or impose something on a party, or hold money of theirs."""
    query = select(decisions.c.decision, decisions.c.entry).where(decisions.c.decision.in_(_on(party)))
    return _decisions_page(connection, query, before, limit)


def cases_concerning(person: str) -> CompoundSelect[Any]:
    """The names of the cases about a person, and of those in which a decision concerns them."""
    about = select(cases.c.case).where(cases.c.party == person)
    return about.union(select(decisions.c.case).where(decisions.c.decision.in_(_on(person))))


def _on(party: str) -> CompoundSelect[Any]:
    imposed = select(measures.c.decision).where(measures.c.party == party)
    holding = select(measure_holds.c.measure).where(measure_holds.c.owner == party)
    about = select(decisions.c.decision).join(cases, cases.c.case == decisions.c.case)
    found = about.where(cases.c.party == party, exists().where(findings.c.decision == decisions.c.decision))
    return imposed.union(found, select(measures.c.decision).where(measures.c.measure.in_(holding)))


def _decisions_page(
    connection: Connection, query: Select[Any], before: int | None, limit: int
) -> DecisionPage:
    if before is not None:
        query = query.where(decisions.c.entry < before)
    rows = connection.execute(query.order_by(decisions.c.entry.desc()).limit(limit + 1)).all()
    found = judged(connection, [row.decision for row in rows[:limit]])
    return DecisionPage(found, rows[limit - 1].entry if len(rows) > limit else None)


def _timeline(connection: Connection, case: str) -> list[Happening]:
    of_case = decisions.c.case == case
    nobody = literal(None, type_=decisions.c.decision.type)
    lines = union_all(
        select(case_notes.c.entry, literal("noted"), case_notes.c.actor, case_notes.c.note, nobody).where(
            case_notes.c.case == case
        ),
        select(
            decision_events.c.entry,
            decision_events.c.event,
            decision_events.c.actor,
            decision_events.c.detail,
            decision_events.c.decision,
        )
        .join(decisions, decisions.c.decision == decision_events.c.decision)
        .where(of_case),
        select(
            measure_ends.c.entry,
            literal("lifted"),
            measure_ends.c.actor,
            measure_ends.c.reason,
            measures.c.decision,
        )
        .distinct()
        .join(measures, measures.c.measure == measure_ends.c.measure)
        .join(decisions, decisions.c.decision == measures.c.decision)
        .where(of_case, measure_ends.c.how == "lifted"),
    )
    return sorted(Happening(*row) for row in connection.execute(lines))


def _case(row: Any) -> CaseRow:
    return CaseRow(
        row.case,
        row.entry,
        row.source,
        row.party,
        row.session,
        instant_of(row.happened_at) if row.happened_at else None,
        row.summary,
        row.opened_by,
        instant_of(row.opened_at),
        row.latest,
        State(row.state) if row.state else None,
    )
