"""What people write to moderation, sealed as it is at the door."""

from uuid import UUID

from moderation.appeals.commands import FileAppeal
from moderation.registers.commands import FileTicket, TicketAbout
from moderation.sealing.values import APPEAL, TICKET
from tests.ledger.asked import Head
from tests.settlement.payees.sample import KEYS


def appeal(head: Head, decision: UUID, party: str, text: str = "it was not me") -> FileAppeal:
    """Why a decision is wrong, as somebody on whom it imposes something has it."""
    return FileAppeal(*head, decision, party, KEYS.personal(head[0], party, APPEAL, text))


def ticket(head: Head, party: str, about: TicketAbout, subject: str | None, text: str = "why?") -> FileTicket:
    """What somebody wants explained."""
    return FileTicket(*head, party, about, subject, KEYS.personal(head[0], party, TICKET, text))
