"""Tickets: doubts and objections (疑问和异议), answered in their time or escalated. LIVE-CONTACT-1.

filed ─▶ answered, or filed ─▶ escalated ─▶ answered. Two who take a step at once meet in the number of the
step; one looks again.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger.instants import datetime_of
from ledger.journal.commands import Command, derived_id
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from moderation.notices.writing import Notice, insert_notices
from moderation.persons import is_about_oneself
from moderation.registers.commands import AnswerTicket, EscalateTicket, FileTicket
from moderation.registers.page import RegisterPage
from moderation.registers.refusals import (
    OwnAffair,
    ServiceTerminated,
    TicketAnswered,
    TicketNotFound,
    TicketSubjectNotFound,
)
from moderation.registers.tables import ticket_events, tickets
from moderation.registers.terminations import why_no_refund
from moderation.registers.ticketing import Ticket, Tickets, subjects_of, tickets_named
from moderation.rules.judging import objection_answer_by
from moderation.rules.versions import Version, in_force, rule_books
from moderation.sealing.tables import sealed_values
from moderation.sealing.values import TICKET, sealed_row

TicketCommand = FileTicket | AnswerTicket | EscalateTicket
_ESCALATION = "platform:tickets"


class _Told(NamedTuple):
    """A notice, and the entry it belongs to."""

    entry: int
    at: int
    notice: Notice


class TicketDesk:
    """Plans ``ticket``, ``ticket_answered`` and ``ticket_escalated``."""

    commands: tuple[type[Command], ...] = (FileTicket, AnswerTicket, EscalateTicket)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "TicketPage":
        """The rules by which tickets are due, what they are about, and those that go on."""
        filed = [command for command in commands if isinstance(command, FileTicket)]
        named = [command.ticket for command in commands if isinstance(command, AnswerTicket | EscalateTicket)]
        refunds = {command.party: command.occurred_at for command in filed if command.about == "refund"}
        terminated = why_no_refund(connection, refunds, max(refunds.values())) if refunds else {}
        return TicketPage(
            tickets_named(connection, named),
            subjects_of(connection, filed),
            rule_books(connection) if filed else [],
            terminated,
        )


class TicketPage(RegisterPage):
    """Tickets as they stand, moving on with the batch."""

    def __init__(
        self,
        known: Tickets,
        subjects: frozenset[tuple[str, str, str]],
        versions: Sequence[Version],
        terminated: dict[str, ServiceTerminated],
    ) -> None:
        super().__init__()
        self._known = known
        self._subjects = subjects
        self._versions = versions
        self._terminated = terminated
        self._told: list[_Told] = []

    def plan(self, command: TicketCommand, books: Books) -> Entry | Refusal | None:
        """Refuses ``service_terminated`` and ``ticket_subject_not_found``; ``ticket_not_found``,
        ``own_affair`` and ``ticket_answered``. A ticket that is not overdue is not escalated.
        """
        match command:
            case FileTicket():
                return self._file(command)
            case AnswerTicket():
                return self._answer(command)
            case EscalateTicket():
                ticket = self._known.get(command.ticket)
                if ticket is None or not ticket.is_overdue(command.occurred_at):
                    return None
                return Entry("ticket_escalated", f"ticket:{command.ticket}", ())

    def _file(self, command: FileTicket) -> Entry | Refusal:
        if command.about == "refund" and command.party in self._terminated:
            return self._terminated[command.party]
        if command.subject is None:
            return Entry("ticket", f"party:{command.party} about:{command.about}", ())
        if (command.party, command.about, command.subject) not in self._subjects:
            return TicketSubjectNotFound(command.about, command.subject)
        return Entry("ticket", f"party:{command.party} {command.about}:{command.subject}", ())

    def _answer(self, command: AnswerTicket) -> Entry | Refusal:
        ticket = self._known.get(command.ticket)
        if ticket is None:
            return TicketNotFound(str(command.ticket))
        if is_about_oneself(command.actor, ticket.party):
            return OwnAffair(ticket.party)
        if ticket.is_answered:
            return TicketAnswered(str(command.ticket))
        return Entry("ticket_answered", f"ticket:{command.ticket}", ())

    def accepted(self, command: TicketCommand, posted: Posted) -> None:
        """A step in the life of a ticket; its party is told of an answer, and that there was none in time."""
        entry, at = posted.seq, command.occurred_at
        match command:
            case FileTicket():
                self._filed(command, entry)
                self._step(command.id, "filed", command.actor, entry, at)
            case AnswerTicket():
                self.acted(command, f"ticket:{command.ticket}")
                self._step(command.ticket, "answered", command.actor, entry, at, command.text)
                self._tell(
                    command.ticket, "ticket_answered", entry, at, f"关于您的异议，答复如下：{command.text}"
                )
            case EscalateTicket():
                self._step(command.ticket, "escalated", command.actor, entry, at)
                late = "您的异议未能按时答复，已升级处理，我们会尽快答复您。"
                self._tell(command.ticket, "ticket_escalated", entry, at, late)

    def _filed(self, command: FileTicket, entry: int) -> None:
        version = in_force(self._versions, command.occurred_at)
        due_at = objection_answer_by(version.book, command.occurred_at).at
        self._known[command.id] = Ticket(
            command.id, entry, command.party, command.about, command.subject,
            command.occurred_at, due_at, 0, is_escalated=False, answer=None,
        )  # fmt: skip
        self.add(
            tickets,
            ticket=command.id,
            entry=entry,
            party=command.party,
            about=command.about,
            subject=command.subject,
            filed_at=datetime_of(command.occurred_at),
            due_at=datetime_of(due_at),
            rules=version.version,
        )
        text = sealed_row(command.text, TICKET, party=command.party, subject=command.id, entry=entry)
        self.add(sealed_values, **text)

    def _step(self, id: UUID, event: str, actor: str, entry: int, at: int, text: str | None = None) -> None:
        ticket = self._known[id]
        number = ticket.steps + 1
        escalated = ticket.is_escalated or event == "escalated"
        self._known[id] = ticket._replace(steps=number, is_escalated=escalated, answer=text or ticket.answer)
        self.add(
            ticket_events,
            ticket=id,
            number=number,
            entry=entry,
            event=event,
            actor=actor,
            text=text,
            occurred_at=datetime_of(at),
        )

    def _tell(self, id: UUID, kind: str, entry: int, at: int, text: str) -> None:
        ticket = self._known[id]
        case = ticket.subject if ticket.about == "case" else None
        self._told.append(_Told(entry, at, Notice(ticket.party, kind, case, text)))

    def write(self, connection: Connection) -> None:
        """The steps taken, and the notices of them."""
        super().write(connection)
        for told in self._told:
            insert_notices(connection, told.entry, told.at, [told.notice])


def escalation(ticket: UUID, at: int) -> EscalateTicket:
    """The command by which a ticket that is overdue at an instant is escalated, whoever notices."""
    return EscalateTicket(derived_id(ticket, "escalation"), _ESCALATION, at, None, ticket)
