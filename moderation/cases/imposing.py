"""Imposing what is decided: what it sets aside, holds and bars, in one entry."""

from collections.abc import Iterable, Sequence

from ledger.kernel.books import Books
from ledger.kernel.entries import Act, Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import AccountNotFound, Refusal
from moderation.cases import steps
from moderation.cases.affairs import affair_in
from moderation.cases.bounds import lost_by
from moderation.cases.commands import Decide
from moderation.cases.deciding import Ruling, Situation, judge
from moderation.cases.known import Known, Step
from moderation.cases.records import Case, Decision, Placed, State
from moderation.cases.refusals import CaseNotFound
from moderation.cases.writing import placed_by
from moderation.measures.kinds import MeasureKind
from moderation.measures.standing import barrable
from moderation.rules.judging import Mark
from moderation.takings.acts import Preview, hold_acts, holds_of, why_not


def decide(command: Decide, known: Known, books: Books) -> Step | Refusal:
    """Refuses ``case_not_found``, ``own_affair``, what :func:`judge` does, ``account_not_found`` (nobody of
    that name), what :func:`why_not` does, and what the kernel does of freezes and bars. Whatever it takes is
    set aside in the same entry, first.
    """
    case = known.docket.cases.get(command.case)
    if case is None:
        return CaseNotFound(command.case)
    affair = affair_in(command.actor, case.case, known.involved)
    if affair:
        return affair
    named = {case.party, *(asked.party for asked in command.measures if asked.party)}
    situation = Situation(
        case,
        known.versions,
        known.began,
        known.off,
        {sha256 for name, sha256 in known.evidence if name == case.case},
        known.marks.get(case.party, ()),
        known.lost,
        known.previews,
        known.concerned,
        [
            one
            for party in sorted(named)
            for one in known.docket.in_force(party)
            if one.kind is MeasureKind.LEGAL_HOLD and one.end > books.now
        ],
    )
    ruling = judge(command, situation)
    if isinstance(ruling, Refusal):
        return ruling
    for party in sorted(named):
        if not any(ref in books.accounts for ref in barrable(party)):
            return AccountNotFound("earnings", party)
    money = {one.measure: known.previews[one.preview] for one in ruling.measures if one.preview}
    parties = sorted({one.party for one in ruling.measures})
    standing = [one for party in parties for one in known.docket.in_force(party)]
    facts = known.facts.standing((one.preview for one in standing), known.docket.lessened)
    refusal = why_not(list(money.values()), facts, books)
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
    acts += known.docket.bars(parties, books, imposed=ruling.measures)
    rule = ruling.found[0].rule if ruling.found else ""
    cause = f"case:{case.case}" + (f" rule:{rule}" if rule else "")

    def accepted(posted: Posted) -> None:
        decision = _decision(command, case, rule, ruling, holds, posted)
        known.docket.decisions[command.id] = decision
        known.docket.impose(ruling.measures)
        case.latest = command.id
        _remember(ruling, money.values(), command, known)
        known.rows.decided(decision, ruling.found, command.reason)
        known.telling.decided(decision, ruling.found, known.versions, known.previews, command, posted.seq)

    return Step(Entry(command.kind, cause, tuple(acts)), accepted)


def _remember(ruling: Ruling, shown: Iterable[Preview], command: Decide, known: Known) -> None:
    """What later decisions of the batch are judged by, too."""
    party = known.docket.cases[command.case].party
    at = command.occurred_at
    known.marks.setdefault(party, []).extend(Mark(one.points, at) for one in ruling.found)
    if not ruling.needs_second:
        known.lost += lost_by(ruling.measures, known.previews, at)
    known.facts = known.facts.once_decided(shown)


def _decision(
    command: Decide,
    case: Case,
    rule: str,
    ruling: Ruling,
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
        ruling.by.version,
        ruling.procedure.version,
        rule,
        ruling.needs_second,
        ruling.appeal_until,
        ruling.execute_at,
        State.AWAITING_APPROVAL if ruling.needs_second else State.DECIDED,
        None,
        ruling.measures,
        tuple(holds),
    )
