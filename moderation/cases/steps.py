"""The life of a decision: which step may follow, and who may take it. Pure.

    awaiting_approval ─▶ decided ─▶ executing ─▶ executed
      └─▶ refused           └──────────┴───────────┴─▶ overturned (by an appeal)

What needs no second person begins as decided. What only restricts bites at once either way; what takes
money has it set aside, and takes it when the time to appeal is over and no appeal is open.
"""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from ledger.chart import CHART, AccountRef
from ledger.journal.commands import derived_id
from ledger.kernel.books import Books
from ledger.kernel.entries import Hold, Release
from ledger.kernel.refusals import Refusal
from moderation.cases.commands import (
    EVERYTHING,
    ApproveDecision,
    LiftMeasure,
    RefuseDecision,
)
from moderation.cases.records import Decision, Placed, State
from moderation.cases.refusals import (
    AlreadyApproved,
    ApprovalNotNeeded,
    DecisionClosed,
    MeasureCarriedOut,
    MeasureEnded,
    NotTheirMeasure,
    SecondPersonRequired,
)
from moderation.measures.kinds import MeasureKind
from moderation.measures.standing import Measure, barrable
from moderation.persons import subject_of
from moderation.rules.document import RuleBook
from moderation.rules.judging import is_measure_off, is_off, may_approve, may_decide
from moderation.rules.switches import PENALTY_TAKES_COINS
from moderation.takings.acts import Preview


def why_not_approve(command: ApproveDecision, decision: Decision, book: RuleBook) -> Refusal | None:
    """Refuses ``second_person_required``, ``not_their_measure``, ``decision_already_approved``,
    ``approval_not_needed`` and ``decision_closed``.
    """
    role, _, person = command.actor.partition(":")
    if person == subject_of(decision.decided_by):
        return SecondPersonRequired(person)
    for measure in decision.measures:
        # One of several may be for anybody to agree to; whoever agrees, agrees to all of them.
        if book.measures[measure.kind].approved_by and not may_approve(book, measure.kind, role):
            return NotTheirMeasure(role, measure.kind.value)
    if decision.approved_by:
        return AlreadyApproved(str(decision.decision), decision.approved_by)
    if decision.state is not State.AWAITING_APPROVAL:
        return _closed(decision) if decision.needs_second else ApprovalNotNeeded(str(decision.decision))
    return None


def why_not_refuse(command: RefuseDecision, decision: Decision) -> Refusal | None:
    """Refuses ``decision_already_approved`` and ``decision_closed``.

    Who decided may think again, as long as nobody has approved it.
    """
    if decision.approved_by:
        return AlreadyApproved(str(decision.decision), decision.approved_by)
    return None if decision.state is State.AWAITING_APPROVAL else _closed(decision)


def why_not_lift(
    command: LiftMeasure, measure: Measure, decision: Decision, book: RuleBook, at: int
) -> Refusal | None:
    """Refuses ``not_their_measure``, ``measure_ended`` and ``measure_carried_out``."""
    role, _, _ = command.actor.partition(":")
    if not may_decide(book, measure.kind, role):
        return NotTheirMeasure(role, measure.kind.value)
    if measure.measure in decision.ended or measure.end <= at:
        return MeasureEnded(str(measure.measure))
    if measure.preview and decision.state in (State.EXECUTING, State.EXECUTED):
        return MeasureCarriedOut(str(measure.measure))
    return None


def switched_off_since(
    decision: Decision, previews: Mapping[UUID, Preview], book: RuleBook, off: Collection[str]
) -> str | None:
    """The rule that a decision rests on for taking money and that is switched off; None if all are on.

    ``book`` is the one by which it was judged. Rule: LIVE-SEV-1.
    """
    money = taking(decision, previews)
    if money and is_off(book, off, decision.rule):
        return decision.rule
    for preview in money.values():
        if is_measure_off(book, off, preview.kind):
            return book.measures[preview.kind].clause
        takes_coins = any(CHART[one.account].currency == "ZLB" for _, one in preview.takings)
        if preview.kind is MeasureKind.PENALTY and takes_coins and PENALTY_TAKES_COINS in off:
            return PENALTY_TAKES_COINS
    return None


def is_due(decision: Decision, *, is_appealed: bool, is_switched_off: bool, at: int) -> bool:
    """Whether a decision is to be executed: agreed to, its time come, nobody asking for another look, and
    what it rests on not switched off.
    """
    return (
        decision.state is State.DECIDED
        and decision.moves_at is not None
        and decision.moves_at <= at
        and not is_appealed
        and not is_switched_off
    )


def lifted_with(measure: Measure, decision: Decision) -> list[Measure]:
    """The measures that end with one: itself, and what follows from it."""
    return [one for one in decision.in_force if one.measure == measure.measure or one.follows == measure.n]


def freezes(measure: Measure, books: Books) -> tuple[Hold, ...]:
    """The holds of a freeze: an amount of one account or the whole of it, or all accounts there are."""
    if measure.kind is not MeasureKind.FREEZE:
        return ()
    assert measure.account is not None
    kinds = [ref.kind for ref in barrable(measure.party)]
    refs = [ref for ref in barrable(measure.party) if measure.account in (ref.kind, EVERYTHING)]
    assert refs, f"{measure.account} is not one of {kinds}"
    there = [ref for ref in refs if ref in books.accounts] or refs[:1]
    return tuple(freeze_of(measure, ref) for ref in there)


def freeze_of(measure: Measure, ref: AccountRef) -> Hold:
    """The hold by which a freeze holds an account, or what it says of one."""
    return Hold(derived_id(measure.measure, f"freeze:{ref.kind}"), ref, measure.amount_minor, measure.until)


def releases(measures: Iterable[Measure], holds: Iterable[Placed], books: Books) -> tuple[Release, ...]:
    """The end of every hold of these measures that is open still."""
    ids = {measure.measure for measure in measures}
    return tuple(
        Release(placed.hold)
        for placed in holds
        if placed.measure in ids and placed.hold in books.holds and books.end_of(placed.hold) is None
    )


def taking(decision: Decision, previews: Mapping[UUID, Preview]) -> dict[UUID, Preview]:
    """The measures of a decision in force that move money, each with what was shown of it."""
    return {measure.measure: previews[measure.preview] for measure in decision.in_force if measure.preview}


def returning(decision: Decision, previews: Mapping[UUID, Preview]) -> dict[UUID, UUID]:
    """The measures of a decision in force by which tips go back, each with settlement's plan of them."""
    return {
        measure: preview.shown.plan.plan
        for measure, preview in taking(decision, previews).items()
        if preview.shown.plan
    }


def because_of(decision: Decision) -> str:
    """What causes a step."""
    return f"case:{decision.case} decision:{decision.decision}"


def _closed(decision: Decision) -> DecisionClosed:
    return DecisionClosed(str(decision.decision), decision.state.value)
