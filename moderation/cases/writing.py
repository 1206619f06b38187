"""The rows of what a batch did about cases and decisions, gathered and then written at once.

Every desk of moderation that opens a case, decides one or ends a measure writes through here, so that the
projections move with the rows they follow from.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

from ledger.instants import datetime_of
from ledger.journal.commands import derived_id
from ledger.kernel.entries import Act, Hold
from moderation.cases.records import Case, Decision, Placed, State
from moderation.cases.refreezing import Refrozen
from moderation.cases.tables import (
    case_notes,
    case_states,
    cases,
    decision_events,
    decision_states,
    decisions,
    findings,
)
from moderation.measures.kinds import Severity
from moderation.measures.standing import Measure
from moderation.measures.tables import measure_ends, measure_holds, measures, shortened_measures
from moderation.tables import freezes


def measure_id(decision: UUID, n: int) -> UUID:
    """The id of a decision's measure, by its number from 0."""
    return derived_id(decision, f"measure:{n}")


class Found(NamedTuple):
    """A finding as it is kept: its severity and points are those of the rule book it was judged by.

    That is the one of its own time, ``happened_at``, an instant.
    """

    rule: str
    severity: Severity
    points: int
    happened_at: int
    rule_version: str
    evidence: tuple[str, ...] = ()
    session: UUID | None = None
    override_reason: str | None = None


def placed_by(measure: UUID, acts: Iterable[Act]) -> tuple[Placed, ...]:
    """The holds among acts, as those of a measure."""
    return tuple(Placed(act.hold, measure, act.account) for act in acts if isinstance(act, Hold))


class CaseRows:
    """Rows on their way into the tables of cases and measures."""

    def __init__(self) -> None:
        self._rows: dict[Table, list[dict[str, Any]]] = {}
        self._latest: dict[str, UUID | None] = {}
        self._new_states: dict[UUID, dict[str, Any]] = {}
        self._states: dict[UUID, dict[str, Any]] = {}

    def opened(
        self,
        case: str,
        *,
        entry: int,
        source: str,
        party: str,
        summary: str,
        actor: str,
        at: int,
        session: UUID | None = None,
        happened_at: int | None = None,
    ) -> Case:
        """A case that was opened, at an instant; ``happened_at``: another one, if it is known."""
        self._add(
            cases,
            case=case,
            entry=entry,
            source=source,
            party=party,
            session=session,
            happened_at=None if happened_at is None else datetime_of(happened_at),
            summary=summary,
            opened_by=actor,
            opened_at=datetime_of(at),
        )
        self._latest[case] = None
        return Case(case, party, at, session, happened_at)

    def noted(self, case: str, note: str, *, entry: int, actor: str) -> None:
        """A line of a case's time line: one an entry."""
        self._add(case_notes, entry=entry, case=case, actor=actor, note=note)

    def decided(self, decision: Decision, found: Iterable[Found], reason: str) -> None:
        """A decision, with its findings, measures and the holds they placed."""
        execute_at = datetime_of(decision.execute_at) if decision.execute_at is not None else None
        self._add(
            decisions,
            decision=decision.decision,
            case=decision.case,
            entry=decision.entry,
            decided_by=decision.decided_by,
            decided_at=datetime_of(decision.decided_at),
            rule_version=decision.rule_version,
            procedure_version=decision.procedure_version,
            needs_second=decision.needs_second,
            appeal_until=datetime_of(decision.appeal_until),
            execute_at=execute_at,
            reason=reason,
        )
        for n, one in enumerate(found):
            self._add(
                findings,
                decision=decision.decision,
                n=n,
                rule=one.rule,
                severity=one.severity.value,
                points=one.points,
                happened_at=datetime_of(one.happened_at),
                rule_version=one.rule_version,
                evidence=list(one.evidence),
                session=one.session,
                override_reason=one.override_reason,
            )
        for measure in decision.measures:
            self._add(
                measures,
                measure=measure.measure,
                decision=measure.decision,
                n=measure.n,
                entry=decision.entry,
                kind=measure.kind.value,
                party=measure.party,
                feature=measure.feature and measure.feature.value,
                until=datetime_of(measure.until) if measure.until is not None else None,
                account=measure.account,
                amount_minor=measure.amount_minor,
                preview=measure.preview,
                follows=measure.follows,
                because=measure.because,
                note=measure.note,
            )
        for hold in decision.holds:
            self.held(hold, entry=decision.entry)
        self._latest[decision.case] = decision.decision
        self._new_states[decision.decision] = {
            "decision": decision.decision,
            "state": decision.state.value,
            "execute_at": execute_at,
        }
        self.event(decision.decision, "decided", entry=decision.entry, actor=decision.decided_by)

    def held(self, hold: Placed, *, entry: int) -> None:
        """A hold that a measure placed."""
        self._add(
            measure_holds,
            hold=hold.hold,
            measure=hold.measure,
            entry=entry,
            account=hold.account.kind,
            owner=hold.account.owner,
        )

    def frozen_again(self, decision: Decision, again: Iterable[Refrozen], *, entry: int, actor: str) -> None:
        """Freezes of the case that the decision had used up, under new ids, which the time line tells."""
        ids = []
        for hold, ground in again:
            if ground.measure is not None:
                self.held(Placed(hold.hold, ground.measure, hold.account), entry=entry)
                continue
            ids.append(str(hold.hold))
            kind, party = hold.account
            rests_on = {"case": decision.case, "rule": ground.rule}
            self._add(freezes, freeze=hold.hold, entry=entry, party=party, account=kind, **rests_on)
        if ids:
            self.noted(decision.case, f"frozen again: {', '.join(ids)}", entry=entry, actor=actor)

    def event(self, decision: UUID, event: str, *, entry: int, actor: str, detail: str | None = None) -> None:
        """Something that happened to a decision: one an entry."""
        self._add(decision_events, decision=decision, entry=entry, event=event, actor=actor, detail=detail)

    def stands(self, decision: Decision) -> None:
        """How a decision stands from now on. What is no longer due is no longer looked for."""
        due = decision.moves_at if decision.state is State.DECIDED else None
        row = {"state": decision.state.value, "execute_at": datetime_of(due) if due is not None else None}
        if decision.decision in self._new_states:
            self._new_states[decision.decision] |= row
        else:
            self._states[decision.decision] = {"of_decision": decision.decision, **row}

    def ended(self, ends: Iterable[Measure], how: str, *, entry: int, actor: str, reason: str) -> None:
        """Measures that ended before their time: lifted, overturned or refused."""
        for measure in ends:
            self._add(measure_ends, measure=measure.measure, entry=entry, how=how, actor=actor, reason=reason)

    def shortened(self, measures: Iterable[Measure], *, entry: int) -> None:
        """Measures that end sooner than was decided."""
        for one in measures:
            assert one.until is not None, "what has no end is not shortened"
            self._add(shortened_measures, measure=one.measure, entry=entry, until=datetime_of(one.until))

    def write(self, connection: Connection) -> None:
        """Write them, and the projections."""
        for table, rows in self._rows.items():
            connection.execute(insert(table), rows)
        if self._latest:
            rows = [{"case": case, "latest": latest} for case, latest in sorted(self._latest.items())]
            stated = upsert(case_states)
            connection.execute(
                stated.on_conflict_do_update(
                    index_elements=[case_states.c.case], set_={"latest": stated.excluded.latest}
                ),
                rows,
            )
        if self._new_states:
            connection.execute(insert(decision_states), list(self._new_states.values()))
        if self._states:
            connection.execute(
                update(decision_states)
                .where(decision_states.c.decision == bindparam("of_decision"))
                .values(state=bindparam("state"), execute_at=bindparam("execute_at")),
                list(self._states.values()),
            )

    def _add(self, table: Table, **row: Any) -> None:
        self._rows.setdefault(table, []).append(row)
