"""Reading tickets: how each stands, what it may be about, and which wait for an answer."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, text

from ledger.instants import datetime_of, instant_of
from moderation.registers.commands import FileTicket, TicketAbout


class Ticket(NamedTuple):
    """A ticket as it stands, but for what it says, which is sealed. Instants; ``steps`` is how many there
    were.
    """

    ticket: UUID
    entry: int
    party: str
    about: TicketAbout
    subject: str | None
    filed_at: int
    due_at: int
    steps: int
    is_escalated: bool
    answer: str | None

    @property
    def is_answered(self) -> bool:
        """Whether it has its answer."""
        return self.answer is not None

    def is_overdue(self, at: int) -> bool:
        """Whether it is to be escalated: its time is over, and nobody has answered or escalated it."""
        return self.due_at <= at and not self.is_answered and not self.is_escalated


Tickets = dict[UUID, Ticket]

_TICKETS = """
SELECT t.*, coalesce(e.steps, 0) AS steps, coalesce(e.is_escalated, false) AS is_escalated, e.answer
FROM moderation.tickets AS t
LEFT JOIN LATERAL (
    SELECT count(*) AS steps, bool_or(event = 'escalated') AS is_escalated, max(text) AS answer
    FROM moderation.ticket_events WHERE ticket = t.ticket
) AS e ON true
"""
_NAMED = text(f"{_TICKETS} WHERE t.ticket = ANY (:tickets)")
_OF_PARTY = text(
    f"{_TICKETS} WHERE t.party = :party AND t.entry < :before ORDER BY t.entry DESC LIMIT :limit"
)
# Whoever has waited past the due date comes first, then whoever is due first.
_WAITING = text(
    f"{_TICKETS} WHERE e.answer IS NULL AND t.party <> :party"
    " ORDER BY e.is_escalated DESC, t.due_at, t.entry LIMIT :limit"
)
_OVERDUE = text("""
SELECT t.ticket FROM moderation.tickets AS t
WHERE t.due_at <= :at AND NOT EXISTS (
    SELECT FROM moderation.ticket_events AS e WHERE e.ticket = t.ticket AND e.event <> 'filed'
)
ORDER BY t.due_at LIMIT :limit
""")

# An entry is somebody's who asked for it, or on whose accounts it acted.
_ENTRIES = text("""
SELECT asked.party, asked.subject
FROM unnest(CAST(:parties AS text[]), CAST(:subjects AS text[])) AS asked (party, subject)
JOIN ledger.decisions AS d ON d.id = CAST(asked.subject AS uuid) AND d.refusal IS NULL
WHERE substr(d.actor, strpos(d.actor, ':') + 1) = asked.party
   OR EXISTS (
        SELECT FROM ledger.transfers AS t
        JOIN ledger.accounts AS a ON a.id IN (t.debit_account, t.credit_account) AND a.owner = asked.party
        WHERE t.seq >= d.seq AND t.seq < (d.seq / 256 + 1) * 256 AND t.entry = d.seq)
   OR EXISTS (
        SELECT FROM ledger.hold_acts AS h
        JOIN ledger.accounts AS a ON a.id = h.account AND a.owner = asked.party
        WHERE h.seq >= d.seq AND h.seq < (d.seq / 256 + 1) * 256 AND h.entry = d.seq)
""")
_CASES = text("""
SELECT asked.party, asked.subject
FROM unnest(CAST(:parties AS text[]), CAST(:subjects AS text[])) AS asked (party, subject)
JOIN moderation.cases AS c ON c."case" = asked.subject AND c.party = asked.party
""")
_PROMISES = text("""
SELECT asked.party, asked.subject
FROM unnest(CAST(:parties AS text[]), CAST(:subjects AS text[])) AS asked (party, subject)
JOIN moderation.promises AS p ON p.promise = CAST(asked.subject AS uuid)
""")
_SUBJECTS = {"entry": _ENTRIES, "case": _CASES, "promise": _PROMISES}


def tickets_named(connection: Connection, ids: Sequence[UUID]) -> Tickets:
    """Those of the tickets that were filed."""
    rows = connection.execute(_NAMED, {"tickets": list(ids)}) if ids else ()
    return {row.ticket: _ticket(row) for row in rows}


def tickets_of(connection: Connection, party: str, *, before: int, limit: int) -> list[Ticket]:
    """A party's tickets, the newest first, among those before a cursor."""
    asked = {"party": party, "before": before, "limit": limit}
    return [_ticket(row) for row in connection.execute(_OF_PARTY, asked)]


def tickets_waiting(connection: Connection, *, unless_of: str, limit: int) -> list[Ticket]:
    """The tickets nobody has answered: what was escalated, then what is due. None of one's own."""
    return [_ticket(row) for row in connection.execute(_WAITING, {"party": unless_of, "limit": limit})]


def overdue_tickets(connection: Connection, at: int, *, limit: int) -> list[UUID]:
    """The tickets to be escalated at an instant."""
    return list(connection.scalars(_OVERDUE, {"at": datetime_of(at), "limit": limit}))


def subjects_of(connection: Connection, filed: Sequence[FileTicket]) -> frozenset[tuple[str, str, str]]:
    """What tickets are about, as far as it is there and the party's affair: party, about, subject."""
    found: set[tuple[str, str, str]] = set()
    for about, statement in _SUBJECTS.items():
        asked = {
            (command.party, command.subject)
            for command in filed
            if command.about == about and _can_be(about, command.subject)
        }
        if asked:
            columns = {"parties": [party for party, _ in asked], "subjects": [what for _, what in asked]}
            rows = connection.execute(statement, columns)
            found.update((row.party, about, row.subject) for row in rows)
    return frozenset(found)


def _can_be(about: str, subject: str | None) -> bool:
    """Whether a subject can be the id of such a thing."""
    if subject is None:
        return False
    if about == "case":
        return True
    try:
        UUID(subject)
    except ValueError:
        return False
    return True


def _ticket(row: Row[tuple[object, ...]]) -> Ticket:
    return Ticket(
        row.ticket,
        row.entry,
        row.party,
        row.about,
        row.subject,
        instant_of(row.filed_at),
        instant_of(row.due_at),
        row.steps,
        row.is_escalated,
        row.answer,
    )
