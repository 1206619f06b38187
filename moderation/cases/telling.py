"""Telling people what was decided about them, in the commit that decides it. Rule: LIVE-MOD-3."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import Connection

from moderation.cases.affairs import as_concerning, concerned_by, parts_of
from moderation.cases.commands import Decide
from moderation.cases.ending import Ending
from moderation.cases.reasons import (
    decision_reasons,
    end_reasons,
    execution_reasons,
    given_reasons,
    received_reasons,
)
from moderation.cases.records import Decision
from moderation.cases.writing import Found
from moderation.measures.standing import Measure
from moderation.notices.writing import Notice, insert_notices
from moderation.rules.versions import Version
from moderation.takings.acts import Preview, amount_fen
from moderation.takings.returning import WentBack


class Telling:
    """Notices on their way, by the entry they tell of."""

    def __init__(self) -> None:
        self._notices: list[tuple[int, int, list[Notice]]] = []

    def decided(
        self,
        decision: Decision,
        found: Sequence[Found],
        versions: Sequence[Version],
        previews: Mapping[UUID, Preview],
        command: Decide,
        entry: int,
    ) -> None:
        """Everybody of whom something is found, on whom something is imposed, or who gives tips back: what,
        why, and how to appeal.
        """
        told = set(concerned_by(decision.measures, parts_of(decision.measures, previews)))
        if found:
            told.add(decision.party)
        books = {version.version: version.book for version in versions}
        self.tell(
            entry,
            command.occurred_at,
            [
                Notice(
                    party,
                    "decision",
                    decision.case,
                    decision_reasons(decision, found, books, command.reason, party, previews),
                )
                for party in sorted(told)
            ],
        )

    def ended(
        self, decision: Decision, ending: Ending, previews: Mapping[UUID, Preview], at: int, entry: int
    ) -> None:
        """Everybody for whom something ended before its time."""
        parts = parts_of(ending.measures, previews)
        self.tell(
            entry,
            at,
            [
                Notice(party, "measure_ended", decision.case, end_reasons(decision, ending, party, parts))
                for party in concerned_by(ending.measures, parts)
            ],
        )

    def executed(self, decision: Decision, previews: Mapping[UUID, Preview], at: int, entry: int) -> None:
        """Everybody whose money moves: what appeals left of it."""
        money = [
            replace(measure, amount_minor=amount_fen(previews[measure.preview]))
            for measure in decision.in_force
            if measure.preview
        ]
        parts = parts_of(money, previews)
        self.tell(
            entry,
            at,
            [
                Notice(
                    party,
                    "execution",
                    decision.case,
                    execution_reasons(decision, as_concerning(money, party, parts)),
                )
                for party in concerned_by(money, parts)
            ],
        )

    def went_back(
        self,
        decision: Decision,
        measure: Measure,
        went: Mapping[str, WentBack],
        previews: Mapping[UUID, Preview],
        at: int,
        entry: int,
    ) -> None:
        """Everybody concerned by tips that went back: what did, in the end. What was passed by did not."""
        parts = parts_of([measure], previews)
        notices = []
        for party in concerned_by([measure], parts):
            part = parts.get((measure.measure, party))
            gave = part is not None and part.is_given_by_them
            text = (
                given_reasons(decision, measure, went.get(party, WentBack()))
                if gave
                else received_reasons(decision, measure, went.values())
            )
            notices.append(Notice(party, "execution", decision.case, text))
        self.tell(entry, at, notices)

    def tell(self, entry: int, at: int, notices: list[Notice]) -> None:
        """All that an entry has to tell, at an instant."""
        self._notices.append((entry, at, notices))

    def write(self, connection: Connection) -> None:
        """Write them."""
        for entry, at, notices in self._notices:
            insert_notices(connection, entry, at, notices)
