"""What becomes of a decision once it is made: agreed to or not, lifted, carried out."""

from collections.abc import Sequence
from uuid import UUID

from ledger.kernel.books import Books
from ledger.kernel.entries import Act, Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from moderation.cases import steps
from moderation.cases.commands import (
    ApproveDecision,
    ExecuteDecision,
    FinishReturns,
    LiftMeasure,
    OnDecision,
    RefuseDecision,
)
from moderation.cases.ending import Ending
from moderation.cases.following import ending_sooner
from moderation.cases.known import Known, Step
from moderation.cases.records import Decision, State
from moderation.cases.refreezing import refrozen
from moderation.cases.refusals import MeasureNotFound, RuleSwitchedOff
from moderation.measures.standing import Measure
from moderation.takings.acts import execute_acts, release_acts


def approve(command: ApproveDecision, decision: Decision, known: Known) -> Step | Refusal:
    """Refuses ``own_affair``, what :func:`steps.why_not_approve` does, and ``rule_switched_off``."""
    book = known.book_of(decision)
    refusal = known.own_affair(command.actor, decision) or steps.why_not_approve(command, decision, book)
    if refusal:
        return refusal
    off = known.switched_off(decision)
    if off is not None:
        return RuleSwitchedOff(off)

    def accepted(posted: Posted) -> None:
        decision.approved_by = command.actor
        _moved_on(command, decision, State.DECIDED, "approved", known, posted)

    return Step(Entry(command.kind, steps.because_of(decision), ()), accepted)


def refuse(command: RefuseDecision, decision: Decision, known: Known, books: Books) -> Step | Refusal:
    """Refuses ``own_affair`` and what :func:`steps.why_not_refuse` does. All it imposed ends."""
    refusal = known.own_affair(command.actor, decision) or steps.why_not_refuse(command, decision)
    if refusal:
        return refusal
    ending, acts = _ending(command, decision, decision.in_force, "refused", known, books)

    def accepted(posted: Posted) -> None:
        _end(command, decision, ending, known, posted)
        _moved_on(command, decision, State.REFUSED, "refused", known, posted, command.reason)

    return Step(Entry(command.kind, steps.because_of(decision), acts), accepted)


def lift(command: LiftMeasure, known: Known, books: Books) -> Step | Refusal:
    """Refuses ``measure_not_found``, ``own_affair`` and what :func:`steps.why_not_lift` does."""
    decision = known.docket.decisions.get(known.decision_of.get(command.measure, UUID(int=0)))
    if decision is None:
        return MeasureNotFound(str(command.measure))
    measure = next(one for one in decision.measures if one.measure == command.measure)
    book = known.book_of(decision)
    refusal = known.own_affair(command.actor, decision) or steps.why_not_lift(
        command, measure, decision, book, command.occurred_at
    )
    if refusal:
        return refusal
    ends = steps.lifted_with(measure, decision)
    sooner = ending_sooner(decision, ends, known.judged_by(decision), command.occurred_at)
    ending, acts = _ending(command, decision, ends, "lifted", known, books, sooner)

    def accepted(posted: Posted) -> None:
        _end(command, decision, ending, known, posted)
        decision.lifted |= {one.measure: command.occurred_at for one in ends}
        known.rows.stands(decision)

    cause = f"{steps.because_of(decision)} measure:{command.measure}"
    return Step(Entry(command.kind, cause, acts), accepted)


def execute(command: ExecuteDecision, decision: Decision, known: Known, books: Books) -> Step | None:
    """Takes what was shown; nothing, if it is not due."""
    is_appealed = decision.decision in known.docket.appealed
    is_off = known.switched_off(decision) is not None
    if not steps.is_due(decision, is_appealed=is_appealed, is_switched_off=is_off, at=command.occurred_at):
        return None
    acts = execute_acts(steps.taking(decision, known.standing), books)
    plans = known.returning(decision)

    def accepted(posted: Posted) -> None:
        state = State.EXECUTING if plans else State.EXECUTED
        _moved_on(command, decision, state, "executed", known, posted)
        known.announced += plans.values()
        known.telling.executed(decision, known.standing, command.occurred_at, posted.seq)

    return Step(Entry(command.kind, steps.because_of(decision), acts), accepted)


def finish(command: FinishReturns, decision: Decision, known: Known, books: Books) -> Step | None:
    """Frees what was held for tips that have all gone back; nothing, if they have not."""
    plans = known.returning(decision)
    if decision.state is not State.EXECUTING or plans.get(command.measure) not in known.finished:
        return None
    money = steps.taking(decision, known.standing)
    acts = release_acts({command.measure: money[command.measure]}, books)
    left = [other for other, plan in plans.items() if plan not in known.finished]

    def accepted(posted: Posted) -> None:
        state = State.EXECUTING if left else State.EXECUTED
        _moved_on(command, decision, state, "finished", known, posted, str(command.measure))
        measure = next(one for one in decision.measures if one.measure == command.measure)
        went_back = known.finished[plans[command.measure]]
        known.telling.went_back(decision, measure, went_back, known.standing, command.occurred_at, posted.seq)

    return Step(Entry(command.kind, steps.because_of(decision), acts), accepted)


def _ending(
    command: RefuseDecision | LiftMeasure,
    decision: Decision,
    ends: Sequence[Measure],
    how: str,
    known: Known,
    books: Books,
    sooner: Sequence[Measure] = (),
) -> tuple[Ending, tuple[Act, ...]]:
    parties = sorted({one.party for one in ends})
    ended = {one.measure for one in ends}
    released = steps.releases(ends, decision.holds, books)
    freed = frozenset(books.holds[act.hold].account.owner for act in released)
    again = refrozen(decision, ends, released, known.lasting(decision), books)
    held = (one.hold for one in again)
    before = ended.union(one.measure for one in sooner)
    bars = known.docket.bars(parties, books, imposed=sooner, ended=before)
    acts: tuple[Act, ...] = (*released, *held, *bars)
    return Ending(ends, how, command.reason, sooner, freed, again), acts


def _end(
    command: RefuseDecision | LiftMeasure, decision: Decision, ending: Ending, known: Known, posted: Posted
) -> None:
    entry, actor = posted.seq, command.actor
    known.docket.end(ending.measures)
    known.docket.shorten(ending.sooner)
    known.rows.shortened(ending.sooner, entry=entry)
    known.rows.ended(ending.measures, ending.how, entry=entry, actor=actor, reason=ending.reason)
    known.rows.frozen_again(decision, ending.again, entry=entry, actor=actor)
    known.telling.ended(decision, ending, known.standing, command.occurred_at, entry)


def _moved_on(
    command: OnDecision,
    decision: Decision,
    state: State,
    event: str,
    known: Known,
    posted: Posted,
    detail: str | None = None,
) -> None:
    decision.state = state
    known.rows.event(decision.decision, event, entry=posted.seq, actor=command.actor, detail=detail)
    known.rows.stands(decision)
