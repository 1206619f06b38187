"""The rows of what a batch did about appeals, gathered and then written at once."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, insert

from ledger.instants import datetime_of
from ledger.kernel.entries import Act
from moderation.access.records import Access, record_all
from moderation.appeals import wording
from moderation.appeals.answering import Answer, Remitted
from moderation.appeals.commands import DecideAppeal, FileAppeal, Verdict
from moderation.appeals.tables import appeal_verdicts, appeals
from moderation.cases.affairs import as_concerning, concerned_by, parts_of
from moderation.cases.records import Decision, State
from moderation.cases.writing import CaseRows, placed_by
from moderation.measures.standing import Measure
from moderation.notices.writing import Notice, insert_notices
from moderation.sealing.tables import sealed_values
from moderation.sealing.values import APPEAL, sealed_row
from moderation.takings.acts import holds_of
from moderation.takings.shown import Preview, Taking
from moderation.takings.tables import remissions


class AppealRows:
    """Rows on their way into the tables of appeals, cases, measures and notices."""

    def __init__(self) -> None:
        self._appeals: list[dict[str, Any]] = []
        self._texts: list[dict[str, Any]] = []
        self._verdicts: list[dict[str, Any]] = []
        self._remissions: list[dict[str, Any]] = []
        self._notices: list[tuple[int, int, list[Notice]]] = []
        self._cases = CaseRows()
        self._accesses: list[Access] = []

    def filed(self, command: FileAppeal, entry: int, *, case: str, answer_by: int, executed: bool) -> None:
        """An appeal that was filed, to be answered before an instant."""
        self._appeals.append(
            {
                "appeal": command.id,
                "entry": entry,
                "decision": command.decision,
                "appellant": command.party,
                "filed_at": datetime_of(command.occurred_at),
                "answer_by": datetime_of(answer_by),
            }
        )
        self._texts.append(
            sealed_row(command.text, APPEAL, party=command.party, subject=command.id, entry=entry)
        )
        of = f"appeal:{command.id}"
        self._accesses.append(Access(command.actor, command.kind, f"case:{case}", of))
        text = wording.received(case, answer_by=answer_by, was_taken=executed)
        self._notices.append((entry, command.occurred_at, [Notice(command.party, "appeal", case, text)]))

    def decided(
        self,
        command: DecideAppeal,
        entry: int,
        *,
        decision: Decision,
        answer: Answer,
        knocked_on: Sequence[Measure],
        sooner: Sequence[Measure],
        acts: Sequence[Act],
        appellant: str,
        executed: bool,
    ) -> None:
        """An answer: the measures it ended, or has end sooner, what it gave back, and who is told."""
        verdict = Verdict(command.verdict)
        of, case = f"appeal:{command.appeal}", f"case:{decision.case}"
        self._accesses.append(Access(command.actor, command.kind, case, of))
        self._verdicts.append(
            {
                "appeal": command.appeal,
                "entry": entry,
                "verdict": verdict.value,
                "ended": [measure.n for measure in answer.ended],
                "decided_by": command.actor,
                "reason": command.reason,
                "decided_at": datetime_of(command.occurred_at),
            }
        )
        for one in answer.remitted:
            for n, back in given_back(one):
                self._remissions.append(
                    {
                        "preview": one.preview.preview,
                        "n": n,
                        "entry": entry,
                        "appeal": command.appeal,
                        "amount_minor": back.amount_minor,
                    }
                )
            held_anew = set(holds_of(lessened(one), one.measure.measure))
            for hold in placed_by(one.measure.measure, acts):
                if hold.hold in held_anew:
                    self._cases.held(hold, entry=entry)
        ended = (*answer.ended, *knocked_on)
        self._cases.ended(ended, "overturned", entry=entry, actor=command.actor, reason=command.reason)
        self._cases.shortened(sooner, entry=entry)
        if verdict is not Verdict.UPHELD and decision.state is not State.REFUSED:
            for changed in dict.fromkeys((decision.decision, *(measure.decision for measure in knocked_on))):
                event = verdict.value if changed == decision.decision else "changed"
                self._cases.event(
                    changed, event, entry=entry, actor=command.actor, detail=f"appeal {command.appeal}"
                )
            self._cases.stands(decision)
        told = _told(command, decision, answer, knocked_on, sooner, appellant, executed)
        self._notices.append((entry, command.occurred_at, told))

    def write(self, connection: Connection) -> None:
        """Write them all."""
        for table, rows in (
            (appeals, self._appeals),
            (sealed_values, self._texts),
            (appeal_verdicts, self._verdicts),
            (remissions, self._remissions),
        ):
            if rows:
                connection.execute(insert(table), rows)
        self._cases.write(connection)
        record_all(connection, self._accesses)
        for entry, at, notices in self._notices:
            insert_notices(connection, entry, at, notices)


def lessened(one: Remitted) -> Preview:
    """The preview of a measure, once what is remitted of it is."""
    remitted = tuple(
        taking.amount_minor - one.stays.get(n, 0) for n, taking in enumerate(one.preview.shown.takings)
    )
    return msgspec.structs.replace(one.preview, remitted_minor=remitted)


def given_back(one: Remitted) -> list[tuple[int, Taking]]:
    """What of each taking is given back, or not taken after all, by number."""
    return [
        (n, Taking(taking.account, taking.owner, back))
        for n, taking in one.preview.takings
        if (back := taking.amount_minor - one.stays.get(n, 0)) > 0
    ]


def _told(
    command: DecideAppeal,
    decision: Decision,
    answer: Answer,
    knocked_on: Sequence[Measure],
    sooner: Sequence[Measure],
    appellant: str,
    executed: bool,
) -> list[Notice]:
    """Whoever appealed is told, and everybody else whose measures changed."""
    ended, verdict = (*answer.ended, *knocked_on), Verdict(command.verdict)
    shown = {one.preview.preview: one.preview for one in answer.remitted}
    changed = {one.measure: one for one in (*ended, *(one.measure for one in answer.remitted))}.values()
    parts = parts_of((one for one in changed if one.preview in shown), shown)
    notices = []
    for party in dict.fromkeys((appellant, *concerned_by(changed, parts))):
        concerning = {one.measure for one in as_concerning(changed, party, parts)}
        theirs = [one for one in answer.remitted if one.measure.measure in concerning]
        gone_back = {one.measure for one in theirs if executed and one.preview.shown.plan}
        change = wording.Change(
            sum(measure.measure in concerning for measure in ended),
            [one for one in sooner if one.party == party],
            [taking for one in theirs for _, taking in given_back(one)],
            executed,
            gave_tips_back=any((measure.measure, party) in parts for measure in gone_back),
            had_tips_back=any((measure.measure, party) not in parts for measure in gone_back),
        )
        text = (
            wording.answered(decision.case, verdict, command.reason, change)
            if party == appellant
            else wording.answered_to_another(decision.case, verdict, change)
        )
        notices.append(Notice(party, "appeal", decision.case, text))
    return notices
