"""Whom cases concern: to them a case is not there, and they take no step in it."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, text

from moderation.cases.affairs import Involved
from moderation.persons import people
from moderation.takings.returning import Plans

_CONCERNED = text("""
WITH imposed AS (
    SELECT d."case", m.measure, m.party
    FROM moderation.decisions AS d
    JOIN moderation.measures AS m ON m.decision = d.decision
    WHERE d."case" = ANY (:cases)
)
SELECT "case", party AS person FROM moderation.cases
WHERE "case" = ANY (:cases) AND party = ANY (:persons)
UNION
SELECT "case", party FROM imposed WHERE party = ANY (:persons)
UNION
SELECT i."case", h.owner FROM imposed AS i
JOIN moderation.measure_holds AS h ON h.measure = i.measure
WHERE h.owner = ANY (:persons)
""")

_REPORTED = text("""
SELECT s."case", r.reporter AS person
FROM moderation.reports AS r
JOIN moderation.report_states AS s ON s.report = r.report
WHERE r.reporter = ANY (:persons) AND s."case" = ANY (:cases)
""")

_PLANS = text("""
SELECT d."case", p.plan
FROM moderation.decisions AS d
JOIN moderation.measures AS m ON m.decision = d.decision
JOIN moderation.previews AS p ON p.preview = m.preview
WHERE d."case" = ANY (:cases) AND p.plan IS NOT NULL
""")


def is_concerned(connection: Connection, person: str, case: str) -> bool:
    """Whether a case, or a decision in it, concerns a person: to them it is not there."""
    return bool(_concerned(connection, [case], [person]))


def involved(connection: Connection, plans: Plans, cases: Collection[str], actors: Iterable[str]) -> Involved:
    """Who of those who act takes no step in which of these cases.

    They are whomever it concerns, a viewer who is paid back and a guild that gives its part, and whoever
    reported what it is about.
    """
    names, persons = list(cases), sorted(people(actors))
    if not names or not persons:
        return frozenset()
    asked = {"cases": names, "persons": persons}
    reported = frozenset((row.case, row.person) for row in connection.execute(_REPORTED, asked))
    planned = connection.execute(_PLANS, {"cases": names}).all()
    theirs = plans.concerned(connection, {row.plan for row in planned}, persons)
    paid = frozenset((row.case, person) for row in planned for plan, person in theirs if plan == row.plan)
    return _concerned(connection, names, persons) | reported | paid


def _concerned(
    connection: Connection, cases: Collection[str], persons: Collection[str]
) -> frozenset[tuple[str, str]]:
    rows = connection.execute(_CONCERNED, {"cases": list(cases), "persons": list(persons)})
    return frozenset((row.case, row.person) for row in rows)
