"""The rows of what a batch did about appeals, gathered and then written at once."""

from typing import Any

from sqlalchemy import Connection, insert

from ledger.instants import datetime_of
from moderation.access.records import Access, record_all
from moderation.appeals import wording
from moderation.appeals.answering import Answered
from moderation.appeals.commands import DecideAppeal, FileAppeal, Verdict
from moderation.appeals.tables import appeal_verdicts, appeals
from moderation.appeals.telling import told
from moderation.cases.records import State
from moderation.cases.writing import CaseRows, placed_by
from moderation.notices.writing import Notice, insert_notices
from moderation.sealing.tables import sealed_values
from moderation.sealing.values import APPEAL, sealed_row
from moderation.takings.acts import holds_of
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

    def decided(self, command: DecideAppeal, entry: int, answered: Answered) -> None:
        """An answer: the measures it ended, or has end sooner, what it gave back, and who is told."""
        decision, answer = answered.decision, answered.answer
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
            for n, back in one.given_back:
                self._remissions.append(
                    {
                        "preview": one.preview.preview,
                        "n": n,
                        "entry": entry,
                        "appeal": command.appeal,
                        "amount_minor": back.amount_minor,
                    }
                )
            held_anew = set(holds_of(one.lessened, one.measure.measure))
            for hold in placed_by(one.measure.measure, answered.acts):
                if hold.hold in held_anew:
                    self._cases.held(hold, entry=entry)
        self._cases.ended(
            answered.ended, "overturned", entry=entry, actor=command.actor, reason=command.reason
        )
        self._cases.shortened(answered.sooner, entry=entry)
        if verdict is not Verdict.UPHELD and answered.stood not in (State.REFUSED, State.OVERTURNED):
            for changed in dict.fromkeys((decision.decision, *(one.decision for one in answered.knocked_on))):
                event = verdict.value if changed == decision.decision else "changed"
                self._cases.event(
                    changed, event, entry=entry, actor=command.actor, detail=f"appeal {command.appeal}"
                )
            self._cases.stands(decision)
        self._notices.append((entry, command.occurred_at, told(command, answered)))

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
