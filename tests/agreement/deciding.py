"""Deciding case k1 in a few words, and what came of it."""

from collections.abc import Iterable
from uuid import UUID

from moderation.cases.commands import Decide, Finding, Imposed
from moderation.cases.records import read_decisions
from moderation.measures.standing import Measure
from tests.moderation.lately import head
from tests.moderation.takings.court import Court


def measures_of(court: Court, decision: UUID) -> tuple[Measure, ...]:
    """The measures of a decision."""
    with court.database.app.connect() as connection:
        return read_decisions(connection, [decision])[decision].measures


def told(court: Court, party: str) -> list[str]:
    """The notices of a party, oldest first."""
    query = "SELECT text FROM moderation.notices WHERE party = :party ORDER BY number"
    return [text for (text,) in court.rows(query, party=party)]


def decide(
    court: Court, *measures: Imposed, rule: str, why: str | None = None, proof: Iterable[str] = ()
) -> Decide:
    """What a moderator would decide in k1."""
    finding = Finding(rule, tuple(proof), override_reason=why)
    latest = court.rows("SELECT latest FROM moderation.case_states WHERE \"case\" = 'k1'")[0][0]
    return Decide(*head("moderator:mo"), "k1", (finding,), measures, "经查看直播画面属实", latest)
