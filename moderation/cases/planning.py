"""What each command on a case comes to, by what its batch knows; and what is noted once it is accepted."""

from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import AccountNotFound, Refusal
from moderation.cases.affairs import affair_in
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
)
from moderation.cases.imposing import decide
from moderation.cases.known import Known, Step
from moderation.cases.proceeding import approve, execute, finish, lift, refuse
from moderation.cases.refusals import CaseExists, CaseNotFound, DecisionNotFound
from moderation.cases.timing import why_not_then
from moderation.measures.standing import barrable
from moderation.persons import is_about_oneself
from moderation.registers.refusals import OwnAffair

CaseCommand = OpenCase | NoteCase | Decide | OnDecision | LiftMeasure


def step(command: CaseCommand, known: Known, books: Books) -> Step | Refusal | None:
    """What a command comes to. None: nothing, which only our own may."""
    match command:
        case OpenCase():
            return _open(command, known, books)
        case NoteCase():
            return _note(command, known)
        case Decide():
            return decide(command, known, books)
        case LiftMeasure():
            return lift(command, known, books)
    decision = known.docket.decisions.get(command.decision)
    if decision is None:
        return DecisionNotFound(str(command.decision))
    match command:
        case ApproveDecision():
            return approve(command, decision, known)
        case RefuseDecision():
            return refuse(command, decision, known, books)
        case ExecuteDecision():
            return execute(command, decision, known, books)
        case FinishReturns():
            return finish(command, decision, known, books)
    raise AssertionError(f"nobody plans {command.kind}")


def _open(command: OpenCase, known: Known, books: Books) -> Step | Refusal:
    """Refuses ``account_not_found`` (nobody of that name), ``case_exists``, ``own_affair`` and
    ``not_yet_happened``.
    """
    if not any(ref in books.accounts for ref in barrable(command.party)):
        return AccountNotFound("earnings", command.party)
    if command.name in known.docket.cases:
        return CaseExists(command.name)
    if is_about_oneself(command.actor, command.party):
        return OwnAffair(command.party)
    refusal = why_not_then(command.happened_at, command.occurred_at)
    if refusal:
        return refusal

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
            happened_at=command.happened_at,
        )

    return Step(Entry(command.kind, f"case:{command.name}", ()), accepted)


def _note(command: NoteCase, known: Known) -> Step | Refusal:
    """Refuses ``case_not_found`` and ``own_affair``."""
    case = known.docket.cases.get(command.case)
    if case is None:
        return CaseNotFound(command.case)
    if is_about_oneself(command.actor, case.party):
        return OwnAffair(case.party)
    affair = affair_in(command.actor, case.case, known.involved)
    if affair:
        return affair

    def accepted(posted: Posted) -> None:
        known.rows.noted(command.case, command.note, entry=posted.seq, actor=command.actor)

    return Step(Entry(command.kind, f"case:{command.case}", ()), accepted)
