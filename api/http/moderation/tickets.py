"""Tickets over HTTP: whoever doubts or objects asks, moderators answer. LIVE-CONTACT-1."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, Query
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
from api.http.unsealing import opened
from api.sealing import Keys
from api.tokens import Caller
from ledger.sealing import SealedValue
from moderation.registers.commands import AnswerTicket, FileTicket
from moderation.registers.ticketing import Ticket, tickets_of, tickets_waiting
from moderation.sealing.values import TICKET, sealed_of

_NEWEST = 2**63 - 1
_ASKERS = ("viewer", "streamer")


def ticket_operations(keys: Keys) -> tuple[Operation, ...]:
    """What can be asked about tickets; what they say is sealed at the door under these keys."""

    def file_ticket(asked: Asked, body: TicketBody) -> FileTicket:
        """Asks for an explanation, or objects; answered in working days, or escalated. LIVE-CONTACT-1."""
        text = keys().personal(asked.id, asked.party, TICKET, body.text)
        return FileTicket(*asked.common, asked.party, body.about, body.subject, text)

    return (
        Operation(
            "POST",
            "/v1/me/tickets",
            _ASKERS,
            TicketBody,
            file_ticket,
            done_view,
            DoneView,
            ("service_terminated", "ticket_subject_not_found", "sealing_keys_missing"),
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


def answer_ticket(asked: Asked, body: AnswerTicketBody, ticket: UUID) -> AnswerTicket:
    """Explains; whoever asked is told at once. Rule: LIVE-CONTACT-1."""
    return AnswerTicket(*asked.common, ticket, body.text)


def add_tickets(app: FastAPI, service: Service, keys: Keys) -> None:
    """Add what can be read of tickets to the routes."""
    asker, moderator = service.caller_in(*_ASKERS), service.caller_in("moderator")

    @app.get("/v1/me/tickets", **read_responses(TicketsView))
    def own_tickets(caller: Annotated[Caller, asker], query: Annotated[PageQuery, Query()]) -> Response:
        """The caller's tickets and their answers, newest first."""
        with snapshot(service) as connection:
            found = tickets_of(
                connection, caller.party, before=query.cursor or _NEWEST, limit=query.limit + 1
            )
            texts = sealed_of(connection, [one.ticket for one in found])
        behind = str(found[query.limit - 1].entry) if len(found) > query.limit else None
        return as_json({"tickets": _views(found[: query.limit], texts, keys), "next": behind})

    @app.get("/v1/tickets", **read_responses(TicketsView))
    def waiting_tickets(
        caller: Annotated[Caller, moderator], query: Annotated[PageQuery, Query()]
    ) -> Response:
        """The tickets nobody has answered: the escalated first, then what is due first."""
        with recorded(service, f"moderator:{caller.party}", "read_tickets", "tickets") as connection:
            found = tickets_waiting(connection, unless_of=caller.party, limit=query.limit)
            texts = sealed_of(connection, [one.ticket for one in found])
        return as_json({"tickets": _views(found, texts, keys), "next": None})


def _views(
    found: Sequence[Ticket], texts: Mapping[UUID, Sequence[SealedValue]], keys: Keys
) -> list[TicketView]:
    return [_view(one, opened(keys(), texts[one.ticket][0])) for one in found]


def _view(ticket: Ticket, text: str) -> TicketView:
    return {
        "id": ticket.ticket,
        "party": ticket.party,
        "about": ticket.about,
        "subject": ticket.subject,
        "text": text,
        "filed_at": timestamp(ticket.filed_at),
        "due_at": timestamp(ticket.due_at),
        "is_escalated": ticket.is_escalated,
        "answer": ticket.answer,
    }
