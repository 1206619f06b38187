"""What is due by the clock: decisions to be executed, and returns of tips that have come to their end."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, select

from ledger.instants import datetime_of
from ledger.journal.commands import derived_id
from ledger.journal.journal import Journal
from moderation.appeals.reading import open_appeals
from moderation.cases.commands import ExecuteDecision, FinishReturns
from moderation.cases.records import State, read_decisions
from moderation.cases.steps import switched_off_since
from moderation.cases.tables import decision_states
from moderation.measures.kinds import MeasureKind
from moderation.measures.tables import measure_ends, measures
from moderation.rules.switches import switched_off
from moderation.rules.versions import rule_books, version_named
from moderation.takings.acts import previews

#: Who acts when the time has come.
BY_THE_CLOCK = "platform:clock"

_RETURNS = (MeasureKind.RETURN_TIPS.value, MeasureKind.RETURN_MINORS_TIPS.value)


def due_decisions(connection: Connection, at: int) -> list[UUID]:
    """The decisions whose money may move at an instant, oldest first.

    Not those that somebody appeals against, nor those that rest on a rule that is switched off.
    """
    query = (
        select(decision_states.c.decision)
        .where(
            decision_states.c.state == State.DECIDED.value, decision_states.c.execute_at <= datetime_of(at)
        )
        .order_by(decision_states.c.execute_at, decision_states.c.decision)
    )
    due = list(connection.scalars(query))
    waiting = open_appeals(connection, due) | _switched_off(connection, due)
    return [decision for decision in due if decision not in waiting]


def _switched_off(connection: Connection, named: Sequence[UUID]) -> frozenset[UUID]:
    off = switched_off(connection)
    if not off:
        return frozenset()
    found = read_decisions(connection, named)
    shown = previews(
        connection, [one.preview for each in found.values() for one in each.measures if one.preview]
    )
    versions = rule_books(connection)
    return frozenset(
        id
        for id, decision in found.items()
        if switched_off_since(decision, shown, version_named(versions, decision.rule_version).book, off)
    )


def execute_due(journal: Journal, at: int) -> int:
    """Execute what is due at an instant, each in a commit of its own; how many were."""
    with journal.engine.connect() as connection:
        due = due_decisions(connection, at)
    done = 0
    for decision in due:
        command = ExecuteDecision(derived_id(decision, "execute"), BY_THE_CLOCK, at, None, decision)
        (outcome,) = journal.decide([command])
        done += outcome.decided and not outcome.replayed
    return done


def finish_returns(journal: Journal, at: int) -> int:
    """Free what was held for tips that have all gone back; for how many measures that was done now."""
    query = (
        select(measures.c.measure, measures.c.decision)
        .join(decision_states, decision_states.c.decision == measures.c.decision)
        .outerjoin(measure_ends, measure_ends.c.measure == measures.c.measure)
        .where(
            decision_states.c.state == State.EXECUTING.value,
            measures.c.kind.in_(_RETURNS),
            measure_ends.c.measure.is_(None),
        )
        .order_by(measures.c.entry, measures.c.n)
    )
    with journal.engine.connect() as connection:
        under_way = connection.execute(query).all()
    done = 0
    for row in under_way:
        id = derived_id(row.measure, "returned")
        (outcome,) = journal.decide(
            [FinishReturns(id, BY_THE_CLOCK, at, None, row.decision, measure=row.measure)]
        )
        done += outcome.decided and not outcome.replayed
    return done
