"""Who is told what of the answer to an appeal. Pure."""

from collections.abc import Collection, Iterable
from uuid import UUID

from ledger.kernel.entries import Act, Transfer
from moderation.appeals import wording
from moderation.appeals.answering import Answered, Remitted
from moderation.appeals.commands import DecideAppeal, Verdict
from moderation.cases.affairs import Parts, as_concerning, concerned_by, parts_of
from moderation.notices.writing import Notice
from moderation.takings.shown import RECEIVED


def told(command: DecideAppeal, answered: Answered) -> list[Notice]:
    """Whoever appealed is told, and everybody else whose measures changed."""
    case, verdict, remitted = answered.decision.case, Verdict(command.verdict), answered.answer.remitted
    shown = {one.preview.preview: one.preview for one in remitted}
    changed = {one.measure: one for one in (*answered.ended, *(one.measure for one in remitted))}.values()
    parts = parts_of((one for one in changed if one.preview in shown), shown)
    notices = []
    for party in dict.fromkeys((answered.appellant, *concerned_by(changed, parts))):
        change = _change(
            party, answered, {one.measure for one in as_concerning(changed, party, parts)}, parts
        )
        text = (
            wording.answered(case, verdict, command.reason, change)
            if party == answered.appellant
            else wording.answered_to_another(case, verdict, change)
        )
        notices.append(Notice(party, "appeal", case, text))
    return notices


def _change(party: str, answered: Answered, concerning: Collection[UUID], parts: Parts) -> wording.Change:
    theirs = [one for one in answered.answer.remitted if one.measure.measure in concerning]
    gone_back = [one.measure.measure for one in theirs if answered.was_executed and one.preview.shown.plan]
    given = {of for (of, person), part in parts.items() if person == party and part.is_given_by_them}
    return wording.Change(
        sum(measure.measure in concerning for measure in answered.ended),
        [one for one in answered.sooner if one.party == party],
        _moved(party, theirs, answered.acts) if answered.was_executed else _spared(theirs),
        gave_tips_back=any(measure in given for measure in gone_back),
        had_tips_back=any(measure not in given for measure in gone_back),
    )


def _spared(theirs: Iterable[Remitted]) -> wording.Money:
    """What was to be taken, or given, and is not."""
    money = wording.Money()
    for one in theirs:
        for _, taking in one.given_back:
            side = money.not_given if taking.account == "refunds_payable" else money.not_taken
            side[taking.account] += taking.amount_minor
    return money


def _moved(party: str, theirs: Iterable[Remitted], acts: Iterable[Act]) -> wording.Money:
    """What was taken and is theirs again: what the entry moves, and what is received again behind it."""
    money = wording.Money()
    for act in acts:
        if not isinstance(act, Transfer):
            continue
        if act.credit.owner == party:
            money.back[act.credit.kind] += act.amount_minor
        if act.debit.owner == party:
            money.gone[act.debit.kind] += act.amount_minor
    for one in theirs:
        for _, taking in one.given_back:
            if taking.account in RECEIVED:
                money.back[taking.account] += taking.amount_minor
    return money
