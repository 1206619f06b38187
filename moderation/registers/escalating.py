"""Escalating what was not answered in its time. LIVE-CONTACT-1."""

from ledger.journal.journal import Journal
from moderation.registers.ticketing import overdue_tickets
from moderation.registers.tickets import escalation

_AT_A_TIME = 500


def escalate_overdue(journal: Journal, at: int) -> int:
    """Escalate every ticket that is overdue at an instant; how many there were."""
    escalated = 0
    while True:
        with journal.engine.connect() as connection:
            overdue = overdue_tickets(connection, at, limit=_AT_A_TIME)
        outcomes = journal.decide([escalation(ticket, at) for ticket in overdue]) if overdue else []
        done = sum(outcome.decided and not outcome.replayed for outcome in outcomes)
        escalated += done
        # What others escalated or answered meanwhile comes to nothing, and is no longer found.
        if len(overdue) < _AT_A_TIME or not done:
            return escalated
