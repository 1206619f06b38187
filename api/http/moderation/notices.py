"""Notices over HTTP: everyone's own inbox, and nobody else's."""

from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, Query
from pydantic import PlainValidator, WithJsonSchema
from starlette.responses import Response
from typing_extensions import TypedDict

from api.event_file.fields import Malformed
from api.http.documents import read_responses
from api.http.moderation.access import writing
from api.http.money import next_page, timestamp
from api.http.problems import Problem
from api.http.reads import PageQuery, as_json, snapshot
from api.http.requests import now
from api.http.service import Service
from api.tokens import Caller
from ledger.instants import instant_of
from moderation.notices.reading import InboxNotice, inbox, read_notice

_ANY_ID = {
    "type": "string",
    "format": "uuid",
    "pattern": "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
}


def _any_id(value: object) -> UUID:
    """Ids of notices are our own: of version 8."""
    try:
        if isinstance(value, str) and len(value) == len(str(UUID(int=0))):
            return UUID(value)
    except ValueError:
        pass
    raise Malformed("is not a UUID")


NoticeId = Annotated[UUID, PlainValidator(_any_id), WithJsonSchema(_ANY_ID)]


class NoticeView(TypedDict):
    """What the caller was told. `read_at` is null until it was read."""

    id: UUID
    kind: str
    case: str | None
    text: str
    written_at: str
    read_at: str | None


class NoticesView(TypedDict):
    """Some notices, newest first; `next` is the cursor of the page behind, null when there is none."""

    notices: list[NoticeView]
    unread: int
    next: str | None


def add_notices(app: FastAPI, service: Service) -> None:
    """Add the inbox to the routes."""
    anyone = service.caller_in("viewer", "streamer")

    @app.get("/v1/me/notices", **read_responses(NoticesView))
    def own_notices(caller: Annotated[Caller, anyone], query: Annotated[PageQuery, Query()]) -> Response:
        """What the caller was told, newest first."""
        with snapshot(service) as connection:
            page = inbox(connection, caller.party, before=query.cursor, limit=query.limit)
        return as_json(
            {
                "notices": [_notice_view(notice) for notice in page.notices],
                "unread": page.unread,
                "next": next_page(page.next_cursor),
            }
        )

    @app.post("/v1/me/notices/{id}/read", **read_responses(NoticeView, missing="not_found"))
    def read_own_notice(id: NoticeId, caller: Annotated[Caller, anyone]) -> Response:
        """Tells that the caller has read a notice. The first time counts; again changes nothing."""
        with writing(service) as connection:
            notice = read_notice(connection, caller.party, id, now())
        if notice is None:
            raise Problem("not_found", f"no notice {id} is in your inbox")
        return as_json(_notice_view(notice))


def _notice_view(notice: InboxNotice) -> NoticeView:
    return {
        "id": notice.notice,
        "kind": notice.kind,
        "case": notice.case,
        "text": notice.text,
        "written_at": timestamp(instant_of(notice.written_at)),
        "read_at": None if notice.read_at is None else timestamp(instant_of(notice.read_at)),
    }
