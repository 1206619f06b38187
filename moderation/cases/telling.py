"""Telling people what was decided about them, in the commit that decides it. Rule: LIVE-MOD-3."""

from collections.abc import Sequence

from sqlalchemy import Connection

from moderation.cases.commands import Decide
from moderation.cases.reasons import decision_reasons, end_reasons, execution_reasons
from moderation.cases.records import Decision
from moderation.cases.writing import Found
from moderation.measures.standing import Measure
from moderation.notices.writing import Notice, insert_notices
from moderation.rules.versions import Version


class Telling:
    """Notices on their way, by the entry they tell of."""

    def __init__(self) -> None:
        self._notices: list[tuple[int, int, list[Notice]]] = []

    def decided(
        self,
        decision: Decision,
        found: Sequence[Found],
        versions: Sequence[Version],
        command: Decide,
        entry: int,
    ) -> None:
        """Everybody on whom something is imposed: what, why, and how to appeal."""
        books = {version.version: version.book for version in versions}
        self.tell(
            entry,
            command.occurred_at,
            [
                Notice(
                    party,
                    "decision",
                    decision.case,
                    decision_reasons(decision, found, books, command.reason, party),
                )
                for party in sorted({measure.party for measure in decision.measures})
            ],
        )

    def ended(
        self, decision: Decision, ended: Sequence[Measure], how: str, reason: str, at: int, entry: int
    ) -> None:
        """Everybody for whom something ended before its time."""
        self.tell(
            entry,
            at,
            [
                Notice(
                    party, "measure_ended", decision.case, end_reasons(decision, ended, how, reason, party)
                )
                for party in sorted({measure.party for measure in ended})
            ],
        )

    def executed(self, decision: Decision, at: int, entry: int) -> None:
        """Everybody whose money moves."""
        money = [measure for measure in decision.in_force if measure.preview]
        self.tell(
            entry,
            at,
            [
                Notice(
                    party,
                    "execution",
                    decision.case,
                    execution_reasons(decision, [one for one in money if one.party == party]),
                )
                for party in sorted({measure.party for measure in money})
            ],
        )

    def tell(self, entry: int, at: int, notices: list[Notice]) -> None:
        """All that an entry has to tell, at an instant."""
        self._notices.append((entry, at, notices))

    def write(self, connection: Connection) -> None:
        """Write them."""
        for entry, at, notices in self._notices:
            insert_notices(connection, entry, at, notices)
