"""What each command on a case comes to, by what its batch knows; and what is noted once it is accepted."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from ledger.journal.commands import Command
from ledger.kernel.books import Books
from ledger.kernel.entries import Act, Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import AccountNotFound, Refusal
from moderation.cases import steps
from moderation.cases.commands import (
    ApproveDecision,
    Decide,
    ExecuteDecision,
    FinishReturns,
    LiftMeasure,
    NoteCase,
    OnDecision,
    OpenCase,
    RefuseDecision,
    RenewBars,
)
from moderation.cases.deciding import Ruling, Situation, judge, subject_of
from moderation.cases.docket import Docket
from moderation.cases.records import Case, Decision, Lost, Placed, State
from moderation.cases.refreezing import Ground, Refrozen, refrozen
from moderation.cases.refusals import (
    CaseExists,
    CaseNotFound,
    DecisionNotFound,
    MeasureNotFound,
)
from moderation.cases.telling import Telling
from moderation.cases.writing import CaseRows, placed_by
from moderation.measures.kinds import MeasureKind
from moderation.measures.standing import Measure, barrable
from moderation.registers.refusals import OwnAffair
from moderation.rules.document import RuleBook
from moderation.rules.judging import Mark
from moderation.rules.versions import Version, in_force, version_named
from moderation.takings.acts import (
    Facts,
    Preview,
    amount_fen,
    execute_acts,
    hold_acts,
    holds_of,
    release_acts,
    why_not,
)
from moderation.takings.refusals import PreviewStale

CaseCommand = OpenCase | NoteCase | Decide | OnDecision | LiftMeasure | RenewBars


@dataclass
class Known:
    """What a batch knows of its cases, advancing as commands are accepted; and what is to be written.

    ``impossible`` are previews whose tips can no longer go back as they were shown, ``finished`` the plans
    of which every tip was dealt with, ``announced`` those that are to be carried out now; ``grounds`` are
    what freezes rest on that decisions used up.
    """

    docket: Docket = field(default_factory=Docket)
    decision_of: dict[UUID, UUID] = field(default_factory=dict)
    previews: dict[UUID, Preview] = field(default_factory=dict)
    grounds: dict[UUID, Ground] = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)
    off: frozenset[str] = frozenset()
    evidence: frozenset[tuple[str, str]] = frozenset()
    marks: dict[str, list[Mark]] = field(default_factory=dict)
    lost: list[Lost] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)
    impossible: Collection[UUID] = ()
    finished: Collection[UUID] = ()
    rows: CaseRows = field(default_factory=CaseRows)
    telling: Telling = field(default_factory=Telling)
    announced: list[UUID] = field(default_factory=list)

    def returning(self, decision: Decision) -> dict[UUID, UUID]:
        """The measures by which tips go back, each with its plan."""
        return steps.returning(decision, self.previews)

    def lasting(self, decision: Decision) -> dict[UUID, Ground]:
        """What freezes rest on, but for measures on whom the decision concerns that have ended."""
        in_force = {one.measure for party in decision.parties for one in self.docket.in_force(party)}
        return {id: one for id, one in self.grounds.items() if one.measure in (None, *in_force)}

    def book_of(self, decision: Decision) -> RuleBook:
        """The rule book that a decision was judged by."""
        return version_named(self.versions, decision.rule_version).book


class Step(NamedTuple):
    """What a command comes to, and what is to be done once it is accepted."""

    entry: Entry
    accepted: Callable[[Posted], None]


def step(command: CaseCommand, known: Known, books: Books) -> Step | Refusal | None:
    """What a command comes to. None: nothing, which only our own may."""
    match command:
        case OpenCase():
            return _open(command, known, books)
        case NoteCase():
            return _note(command, known)
        case Decide():
            return _decide(command, known, books)
        case LiftMeasure():
            return _lift(command, known, books)
        case RenewBars():
            return _renew(command, known, books)
    decision = known.docket.decisions.get(command.decision)
    if decision is None:
        return DecisionNotFound(str(command.decision))
    match command:
        case ApproveDecision():
            return _approve(command, decision, known)
        case RefuseDecision():
            return _refuse(command, decision, known, books)
        case ExecuteDecision():
            return _execute(command, decision, known, books)
        case FinishReturns():
            return _finish(command, decision, known, books)
    raise AssertionError(f"nobody plans {command.kind}")


def _open(command: OpenCase, known: Known, books: Books) -> Step | Refusal:
    """Refuses ``account_not_found`` (nobody of that name), ``case_exists`` and ``own_affair``."""
    if not any(ref in books.accounts for ref in barrable(command.party)):
        return AccountNotFound("earnings", command.party)
    if command.name in known.docket.cases:
        return CaseExists(command.name)
    if subject_of(command.actor) == command.party:
        return OwnAffair(command.party)

    def accepted(posted: Posted) -> None:
        known.docket.cases[command.name] = known.rows.opened(
            command.name,
            entry=posted.seq,
            source=command.source,
            party=command.party,
            session=command.session,
            summary=command.summary,
            actor=command.actor,
            at=command.occurred_at,
        )

    return Step(Entry(command.kind, f"case:{command.name}", ()), accepted)


def _note(command: NoteCase, known: Known) -> Step | Refusal:
    """Refuses ``case_not_found`` and ``own_affair``."""
    case = known.docket.cases.get(command.case)
    if case is None:
        return CaseNotFound(command.case)
    if subject_of(command.actor) == case.party:
        return OwnAffair(case.party)

    def accepted(posted: Posted) -> None:
        known.rows.noted(command.case, command.note, entry=posted.seq, actor=command.actor)

    return Step(Entry(command.kind, f"case:{command.case}", ()), accepted)


def _decide(command: Decide, known: Known, books: Books) -> Step | Refusal:
    """Refuses ``case_not_found``, what :func:`judge` and :func:`why_not` do, and what the kernel does
    of freezes and bars. Whatever it takes is set aside in the same entry, before anything else.
    """
    case = known.docket.cases.get(command.case)
    if case is None:
        return CaseNotFound(command.case)
    situation = Situation(
        case,
        in_force(known.versions, command.occurred_at),
        known.off,
        {sha256 for name, sha256 in known.evidence if name == case.case},
        known.marks.get(case.party, ()),
        known.lost,
        known.previews,
    )
    ruling = judge(command, situation)
    if isinstance(ruling, Refusal):
        return ruling
    money = {one.measure: known.previews[one.preview] for one in ruling.measures if one.preview}
    refusal = why_not(list(money.values()), known.facts, books) or _why_impossible(money.values(), known)
    if refusal:
        return refusal
    acts: list[Act] = list(hold_acts(money, books))
    holds: list[Placed] = []
    for measure, preview in money.items():
        mine = set(holds_of(preview, measure))
        holds += (placed for placed in placed_by(measure, acts) if placed.hold in mine)
    for one in ruling.measures:
        froze = steps.freezes(one, books)
        acts += froze
        holds += placed_by(one.measure, froze)
    parties = {one.party for one in ruling.measures}
    acts += known.docket.bars(sorted(parties), books, imposed=ruling.measures)
    rule = ruling.found[0].rule if ruling.found else ""
    cause = f"case:{case.case}" + (f" rule:{rule}" if rule else "")

    def accepted(posted: Posted) -> None:
        decision = _decision(command, case, rule, ruling, situation.version, holds, posted)
        known.docket.decisions[command.id] = decision
        known.docket.impose(ruling.measures)
        case.latest = command.id
        _remember(ruling, money.values(), command, known)
        known.rows.decided(decision, ruling.found, command.reason)
        known.telling.decided(decision, ruling.found, situation.version.book, command, posted.seq)

    return Step(Entry(command.kind, cause, tuple(acts)), accepted)


def _why_impossible(shown: Iterable[Preview], known: Known) -> PreviewStale | None:
    for preview in shown:
        if preview.preview in known.impossible:
            assert preview.shown.plan is not None
            streamer = preview.shown.plan.streamers[0]
            return PreviewStale(str(preview.preview), "gifts", streamer, "ZLB", preview.shown.plan.coins, 0)
    return None


def _remember(ruling: Ruling, shown: Iterable[Preview], command: Decide, known: Known) -> None:
    """What later decisions of the batch are judged by, too."""
    party = known.docket.cases[command.case].party
    at = command.occurred_at
    known.marks.setdefault(party, []).extend(Mark(one.points, at) for one in ruling.found)
    if not ruling.needs_second:
        known.lost += (
            Lost(one.party, one.case, one.amount_minor or 0, at) for one in ruling.measures if one.preview
        )
    known.facts = _after(known.facts, shown)


def _approve(command: ApproveDecision, decision: Decision, known: Known) -> Step | Refusal:
    """Refuses what :func:`steps.why_not_approve` does."""
    book = known.book_of(decision)
    refusal = steps.why_not_approve(command, decision, book)
    if refusal:
        return refusal

    def accepted(posted: Posted) -> None:
        decision.approved_by = command.actor
        _moved_on(command, decision, State.DECIDED, "approved", known, posted)

    return Step(Entry(command.kind, steps.because_of(decision), ()), accepted)


def _refuse(command: RefuseDecision, decision: Decision, known: Known, books: Books) -> Step | Refusal:
    """Refuses what :func:`steps.why_not_refuse` does. All it imposed ends."""
    refusal = steps.why_not_refuse(command, decision)
    if refusal:
        return refusal
    ends = decision.in_force
    again, acts = _ending(decision, ends, known, books)

    def accepted(posted: Posted) -> None:
        _end(command, ends, "refused", command.reason, known, posted)
        known.rows.frozen_again(decision, again, entry=posted.seq, actor=command.actor)
        _moved_on(command, decision, State.REFUSED, "refused", known, posted, command.reason)
        known.telling.ended(decision, ends, "refused", command.reason, command.occurred_at, posted.seq)

    return Step(Entry(command.kind, steps.because_of(decision), acts), accepted)


def _lift(command: LiftMeasure, known: Known, books: Books) -> Step | Refusal:
    """Refuses ``measure_not_found`` and what :func:`steps.why_not_lift` does."""
    decision = known.docket.decisions.get(known.decision_of.get(command.measure, UUID(int=0)))
    if decision is None:
        return MeasureNotFound(str(command.measure))
    measure = next(one for one in decision.measures if one.measure == command.measure)
    book = known.book_of(decision)
    refusal = steps.why_not_lift(command, measure, decision, book, command.occurred_at)
    if refusal:
        return refusal
    ends = steps.lifted_with(measure, decision)
    again, acts = _ending(decision, ends, known, books)

    def accepted(posted: Posted) -> None:
        _end(command, ends, "lifted", command.reason, known, posted)
        known.rows.frozen_again(decision, again, entry=posted.seq, actor=command.actor)
        if not any(one.preview for one in decision.in_force):
            decision.execute_at = None
        known.rows.stands(decision)
        known.telling.ended(decision, ends, "lifted", command.reason, command.occurred_at, posted.seq)

    cause = f"{steps.because_of(decision)} measure:{command.measure}"
    return Step(Entry(command.kind, cause, acts), accepted)


def _renew(command: RenewBars, known: Known, books: Books) -> Step | None:
    """Bars accounts as the measures in force say; nothing, if they say so already."""
    acts = known.docket.bars([command.party], books)
    if not acts:
        return None
    return Step(Entry(command.kind, f"party:{command.party}", acts), lambda _: None)


def _execute(command: ExecuteDecision, decision: Decision, known: Known, books: Books) -> Step | None:
    """Takes what was shown; nothing, if it is not due."""
    is_appealed = decision.decision in known.docket.appealed
    if not steps.is_due(decision, is_appealed=is_appealed, at=command.occurred_at):
        return None
    acts = execute_acts(steps.taking(decision, known.previews), books)
    plans = known.returning(decision)

    def accepted(posted: Posted) -> None:
        state = State.EXECUTING if plans else State.EXECUTED
        _moved_on(command, decision, state, "executed", known, posted)
        known.announced += plans.values()
        known.telling.executed(decision, command.occurred_at, posted.seq)

    return Step(Entry(command.kind, steps.because_of(decision), acts), accepted)


def _finish(command: FinishReturns, decision: Decision, known: Known, books: Books) -> Step | None:
    """Frees what was held for tips that have all gone back; nothing, if they have not."""
    plans = known.returning(decision)
    if decision.state is not State.EXECUTING or plans.get(command.measure) not in known.finished:
        return None
    money = steps.taking(decision, known.previews)
    acts = release_acts({command.measure: money[command.measure]}, books)
    left = [other for other, plan in plans.items() if plan not in known.finished]

    def accepted(posted: Posted) -> None:
        state = State.EXECUTING if left else State.EXECUTED
        _moved_on(command, decision, state, "finished", known, posted, str(command.measure))

    return Step(Entry(command.kind, steps.because_of(decision), acts), accepted)


def _ending(
    decision: Decision, ends: Sequence[Measure], known: Known, books: Books
) -> tuple[tuple[Refrozen, ...], tuple[Act, ...]]:
    parties = sorted({one.party for one in ends})
    ended = {one.measure for one in ends}
    released = steps.releases(ends, decision.holds, books)
    again = refrozen(decision, ends, released, known.lasting(decision), books)
    held = (one.hold for one in again)
    return again, (*released, *held, *known.docket.bars(parties, books, ended=ended))


def _end(
    command: Command, ends: Sequence[Measure], how: str, reason: str, known: Known, posted: Posted
) -> None:
    known.docket.end(ends)
    known.rows.ended(ends, how, entry=posted.seq, actor=command.actor, reason=reason)


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


def _after(facts: Facts, shown: Iterable[Preview]) -> Facts:
    """The same once these are decided, too."""
    penalty_fen, cap_fen = dict(facts.penalty_fen), dict(facts.cap_fen)
    used = set(facts.used)
    for preview in shown:
        used.add(preview.preview)
        about = preview.case, preview.party
        if preview.kind is MeasureKind.PENALTY:
            penalty_fen[about] = penalty_fen.get(about, 0) + amount_fen(preview)
        elif preview.kind is MeasureKind.DAMAGES:
            penalty_fen[about] = penalty_fen.get(about, 0) - preview.shown.netted_minor
        elif preview.kind is MeasureKind.COMPENSATION:
            cap_fen[preview.party] = cap_fen.get(preview.party, 0) - amount_fen(preview)
    return Facts(frozenset(used), penalty_fen, cap_fen, facts.promised, facts.spares_coins)


def _decision(
    command: Decide,
    case: Case,
    rule: str,
    ruling: Ruling,
    version: Version,
    holds: Sequence[Placed],
    posted: Posted,
) -> Decision:
    return Decision(
        command.id,
        case.case,
        case.party,
        posted.seq,
        command.actor,
        command.occurred_at,
        version.version,
        rule,
        ruling.needs_second,
        ruling.appeal_until,
        ruling.execute_at,
        State.AWAITING_APPROVAL if ruling.needs_second else State.DECIDED,
        None,
        ruling.measures,
        tuple(holds),
    )
