"""Tickets over HTTP: whoever doubts or objects asks, moderators answer. LIVE-CONTACT-1."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, Query, Request
from starlette.responses import Response

from api.event_file import fields
from api.http.bodies import ID_SCHEMA
from api.http.documents import read_responses
from api.http.moderation.access import recorded
from api.http.moderation.register_bodies import (
    AnswerTicketBody,
    DoneView,
    TicketBody,
    TicketsView,
    TicketView,
)
from api.http.moderation.registers import done_view
from api.http.money import timestamp
from api.http.operations import Asked, Named, Operation
from api.http.reads import PageQuery, as_json, snapshot
from api.http.service import Service
from api.tokens import Caller
from moderation.registers.commands import AnswerTicket, FileTicket
from moderation.registers.ticketing import Ticket, tickets_of, tickets_waiting

_NEWEST = 2**63 - 1
_ASKERS = ("viewer", "streamer")


def file_ticket(asked: Asked, body: TicketBody) -> FileTicket:
    """Asks for an explanation, or objects; answered in working days, or escalated. Rule: LIVE-CONTACT-1."""
    return FileTicket(*asked.common, asked.party, body.about, body.subject, body.text)


def answer_ticket(asked: Asked, body: AnswerTicketBody, ticket: UUID) -> AnswerTicket:
    """Explains; whoever asked is told at once. Rule: LIVE-CONTACT-1."""
    return AnswerTicket(*asked.common, ticket, body.text)


TICKET_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/v1/me/tickets",
        _ASKERS,
        TicketBody,
        file_ticket,
        done_view,
        DoneView,
        ("service_terminated", "ticket_subject_not_found"),
    ),
    Operation(
        "POST",
        "/v1/tickets/{id}/answer",
        "moderator",
        AnswerTicketBody,
        answer_ticket,
        done_view,
        DoneView,
        ("own_affair", "ticket_not_found", "ticket_answered"),
        named=Named("id", fields.identifier, ID_SCHEMA),
    ),
)


def add_tickets(app: FastAPI, service: Service) -> None:
    """Add what can be read of tickets to the routes."""

    def caller_in(*roles: str) -> Any:
        async def caller(request: Request) -> Caller:
            return await service.caller(request.scope, *roles)

        return Depends(caller)

    asker, moderator = caller_in(*_ASKERS), caller_in("moderator")

    @app.get("/v1/me/tickets", **read_responses(TicketsView))
    def own_tickets(caller: Annotated[Caller, asker], query: Annotated[PageQuery, Query()]) -> Response:
        """The caller's tickets and their answers, newest first."""
        with snapshot(service) as connection:
            found = tickets_of(
                connection, caller.party, before=query.cursor or _NEWEST, limit=query.limit + 1
            )
        behind = str(found[query.limit - 1].entry) if len(found) > query.limit else None
        return as_json({"tickets": [_view(one) for one in found[: query.limit]], "next": behind})

    @app.get("/v1/tickets", **read_responses(TicketsView))
    def waiting_tickets(
        caller: Annotated[Caller, moderator], query: Annotated[PageQuery, Query()]
    ) -> Response:
        """The tickets nobody has answered: the escalated first, then what is due first."""
        with recorded(service, f"moderator:{caller.party}", "read_tickets", "tickets") as connection:
            found = tickets_waiting(connection, unless_of=caller.party, limit=query.limit)
        return as_json({"tickets": [_view(one) for one in found], "next": None})


def _view(ticket: Ticket) -> TicketView:
    return {
        "id": ticket.ticket,
        "party": ticket.party,
        "about": ticket.about,
        "subject": ticket.subject,
        "text": ticket.text,
        "filed_at": timestamp(ticket.filed_at),
        "due_at": timestamp(ticket.due_at),
        "is_escalated": ticket.is_escalated,
        "answer": ticket.answer,
    }
