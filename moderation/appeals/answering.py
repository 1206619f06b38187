"""What the answer to an appeal comes to: which measures end, what is taken less, what follows. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from ledger.kernel.entries import Act
from ledger.kernel.refusals import Refusal
from moderation.appeals.commands import DecideAppeal, Verdict
from moderation.appeals.refusals import NotAReduction, NothingChanged
from moderation.cases.records import Decision, State
from moderation.cases.refusals import DecisionClosed, MeasureNotFound, SecondPersonRequired
from moderation.measures.kinds import MeasureKind
from moderation.measures.standing import FOREVER, Measure
from moderation.persons import subject_of
from moderation.rules import judging
from moderation.rules.document import RuleBook
from moderation.rules.judging import Consequence, Mark
from moderation.takings.acts import amount_fen
from moderation.takings.plans import kept
from moderation.takings.shown import Preview, Taking, fen_of

#: What a decision imposed by its points alone.
_BY_POINTS = "points"


class Remitted(NamedTuple):
    """A measure that takes money, and what it still takes of each taking, by number (minor units)."""

    measure: Measure
    preview: Preview
    stays: Mapping[int, int]

    @property
    def given_back(self) -> list[tuple[int, Taking]]:
        """What of each taking is given back, or not taken after all, by number."""
        return [
            (n, replace(taking, amount_minor=back))
            for n, taking in self.preview.takings
            if (back := taking.amount_minor - self.stays.get(n, 0)) > 0
        ]

    @property
    def lessened(self) -> Preview:
        """The preview of the measure, once what is remitted of it is."""
        shown = enumerate(self.preview.shown.takings)
        remitted = tuple(taking.amount_minor - self.stays.get(n, 0) for n, taking in shown)
        return replace(self.preview, remitted_minor=remitted)


class Answer(NamedTuple):
    """The measures that end, and those that take less or nothing from now on."""

    ended: tuple[Measure, ...]
    remitted: tuple[Remitted, ...]


class Answered(NamedTuple):
    """An answer with all it does: its ``cause``; whose appeal against which decision, and how that stood; the
    measures of later decisions that end with it (``knocked_on``); those that end sooner from now on; and the
    acts of its entry.
    """

    cause: str
    appellant: str
    decision: Decision
    stood: State
    answer: Answer
    knocked_on: tuple[Measure, ...]
    sooner: tuple[Measure, ...]
    acts: tuple[Act, ...]

    @property
    def was_executed(self) -> bool:
        """Whether the money of the decision had moved."""
        return self.stood in (State.EXECUTING, State.EXECUTED)

    @property
    def ended(self) -> tuple[Measure, ...]:
        """Every measure that ends."""
        return (*self.answer.ended, *self.knocked_on)


class Later(NamedTuple):
    """A later decision on the same person, the rule book it was judged by, and when it was made."""

    decision: Decision
    book: RuleBook
    at: int


def why_not_answer(actor: str, decision: Decision) -> Refusal | None:
    """Refuses ``second_person_required`` of whoever decided or approved it."""
    person = subject_of(actor)
    if person in (subject_of(decision.decided_by), subject_of(decision.approved_by or "")):
        return SecondPersonRequired(person)
    return None


def answer(command: DecideAppeal, decision: Decision, previews: Mapping[UUID, Preview]) -> Answer | Refusal:
    """What an appeal's verdict does to the decision.

    Refuses ``decision_closed``, ``nothing_changed``, ``measure_not_found`` and ``not_a_reduction``.
    """
    if decision.state is State.OVERTURNED and command.verdict != Verdict.OVERTURNED:
        # Somebody else's appeal was answered so: it is not upheld, and nothing is left to change.
        return DecisionClosed(str(decision.decision), decision.state.value)
    names_something = bool(command.ended or command.lowered)
    if names_something != (command.verdict == Verdict.CHANGED):
        return NothingChanged(command.verdict)
    if command.verdict == Verdict.UPHELD:
        return Answer((), ())
    in_force = {measure.n: measure for measure in decision.in_force}
    for n in (*command.ended, *(n for n, _ in command.lowered)):
        if n not in in_force:
            return MeasureNotFound(f"{decision.decision}/{n}")
    named = in_force.keys() if command.verdict == Verdict.OVERTURNED else set(command.ended)
    ended = tuple(with_what_follows(in_force.values(), named))
    remitted = [
        Remitted(measure, previews[measure.preview], {}) for measure in ended if measure.preview is not None
    ]
    lowerable = {n: measure for n, measure in in_force.items() if measure not in ended}
    for n, fen in command.lowered:
        # Each is lowered once: of two amounts, neither is what was meant.
        measure = lowerable.pop(n, None)
        lowered = _lowered(measure, fen, previews) if measure else None
        if lowered is None:
            of = in_force[n].preview
            return NotAReduction(n, amount_fen(previews[of]) if of else 0, fen)
        remitted.append(lowered)
    return Answer(ended, tuple(remitted))


def _lowered(measure: Measure, fen: int, previews: Mapping[UUID, Preview]) -> Remitted | None:
    """What a penalty or damages still take when they are lowered; None if that is no lowering."""
    preview = previews.get(measure.preview) if measure.preview else None
    if preview is None or measure.kind not in (MeasureKind.PENALTY, MeasureKind.DAMAGES):
        return None
    takings = preview.takings
    taken = [taking for _, taking in takings]
    stays = kept(taken, fen)
    left = fen_of([taking for taking, amount in zip(taken, stays, strict=True) if amount])
    if not 0 < fen < fen_of(taken) or not left:
        return None
    return Remitted(measure, preview, {n: amount for (n, _), amount in zip(takings, stays, strict=True)})


def with_what_follows(measures: Iterable[Measure], named: Collection[int]) -> Iterator[Measure]:
    """Measures of a decision by number, each with those that are its consequences, theirs too."""
    gone = set(named)
    for measure in sorted(measures, key=lambda measure: measure.n):
        if measure.n in gone or measure.follows in gone:
            gone.add(measure.n)
            yield measure


def no_longer_following(
    overturned: UUID, marks: Sequence[tuple[UUID, Mark]], later: Sequence[Later]
) -> Iterator[Measure]:
    """What later decisions imposed by the ladder alone, and would not have without the one overturned.

    ``marks`` are the person's points, each with the decision it is of. A later step of the ladder is not
    replaced by an earlier one: nobody decided that.
    """
    for one in later:
        by_points = [measure for measure in one.decision.in_force if measure.because == _BY_POINTS]
        if not by_points:
            continue
        left = [mark for decision, mark in marks if decision != overturned and mark.at <= one.at]
        follow = judging.consequences(one.book, left, one.at)
        still = {(step.kind, step.feature, _end(step, one.at)) for step in follow}
        gone = {
            measure.n for measure in by_points if (measure.kind, measure.feature, measure.end) not in still
        }
        yield from with_what_follows(one.decision.in_force, gone)


def _end(step: Consequence, at: int) -> int:
    """When a measure of the ladder ends; a warning is said once, and lasts by nothing."""
    return FOREVER if step.kind is MeasureKind.WARN else judging.ends_at(at, step.days)
