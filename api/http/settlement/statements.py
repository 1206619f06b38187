"""Statements, objections and the summary over HTTP. A streamer sees their own; finance sees all.

Somebody else's statement is answered like one that was never issued.
"""

import re
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import FastAPI, Query, Request
from pydantic import BaseModel, ConfigDict, PlainValidator, WithJsonSchema
from sqlalchemy import Connection
from starlette.responses import Response

from api.event_file.fields import Malformed
from api.http.bodies import ID_SCHEMA, Body, Id
from api.http.documents import problem_responses, read_responses
from api.http.money import timestamp
from api.http.operations import Asked, Named, Operation
from api.http.problems import Problem
from api.http.reads import PageQuery, as_json, snapshot
from api.http.requests import now
from api.http.service import Service
from api.http.settlement import statement_views as views
from api.tokens import Caller
from api.words import not_blank, words_schema
from settlement.objections.commands import Answer, Object
from settlement.objections.desk import issued
from settlement.objections.reading import objection_page, objections_to
from settlement.statements.explain import NoSuchLine, explain
from settlement.statements.listing import standing_of, statement_page, unanswered
from settlement.statements.reading import NoSuchStatement, StoredStatement, statement
from settlement.statements.rendering import FORMATS, Format, Language, rendered
from settlement.statements.summary import summary

_LONGEST_CHARS = 2_000
_SAID = re.compile(r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]{1,2000}")
_ANY_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_MOST_LINES = 1_000_000
_DOWNLOADED = ("csv", "xlsx")


def said_text(value: object) -> str:
    """What somebody says in an objection or an answer: some lines of text."""
    if type(value) is not str or not _SAID.fullmatch(value):
        raise Malformed(f"is not a text of 1 to {_LONGEST_CHARS} characters without control characters")
    return not_blank(value)


def _statement_id(value: object) -> UUID:
    """Statements are entries of our own: their ids are of version 8."""
    if type(value) is not str or not _ANY_UUID.fullmatch(value):
        raise Malformed("is not a UUID")
    return UUID(value)


def _line(value: object) -> int:
    number = int(value) if type(value) is str and re.fullmatch(r"[0-9]{1,7}", value, re.ASCII) else value
    if type(number) is not int or not 1 <= number <= _MOST_LINES:
        raise Malformed(f"is not an integer from 1 to {_MOST_LINES}")
    return number


_STATEMENT_SCHEMA = {
    "type": "string",
    "format": "uuid",
    "pattern": "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
}
_SAID_SCHEMA = words_schema(_LONGEST_CHARS, r"\u0000-\u0009\u000b-\u001f\u007f-\u009f")
_LINE_SCHEMA = {"type": "integer", "minimum": 1, "maximum": _MOST_LINES}

_Said = Annotated[str, PlainValidator(said_text), WithJsonSchema(_SAID_SCHEMA)]
_Line = Annotated[int, PlainValidator(_line), WithJsonSchema(_LINE_SCHEMA)]
_StatementId = Annotated[UUID, PlainValidator(_statement_id), WithJsonSchema(_STATEMENT_SCHEMA)]


class ObjectionBody(Body):
    """What is wrong with a statement, or with one line of it, counted from 1."""

    text: _Said
    line: _Line | None = None


class AnswerBody(Body):
    """The answer to an objection; `adjustment` is the id of the command that put something right."""

    text: _Said
    adjustment: Id | None = None


class RenderingQuery(BaseModel):
    """In which form a statement is wanted; without `format`, as the Accept header says."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["json", "text", "csv", "xlsx"] | None = None
    language: Language = "zh"


class ObjectionsQuery(PageQuery):
    """Which objections: `open` ones wait for an answer."""

    state: Literal["open", "all"] = "all"


def object_to_statement(asked: Asked, body: ObjectionBody, id: UUID) -> Object:
    """Objects to a statement of the caller's, as long as it is not final."""
    return Object(*asked.common, id, asked.party, body.text, body.line)


def answer_objection(asked: Asked, body: AnswerBody, id: UUID) -> Answer:
    """Answers an objection, once. The statement stays as it is: an adjustment puts right what was wrong."""
    return Answer(*asked.common, id, body.text, body.adjustment)


STATEMENT_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/v1/statements/{id}/objections",
        "streamer",
        ObjectionBody,
        object_to_statement,
        views.objected_view,
        views.ObjectedView,
        ("statement_not_found", "statement_line_not_found", "objection_window_closed"),
        named=Named("id", _statement_id, _STATEMENT_SCHEMA),
    ),
    Operation(
        "POST",
        "/v1/objections/{id}/answer",
        "finance",
        AnswerBody,
        answer_objection,
        views.answered_view,
        views.AnsweredView,
        ("objection_not_found", "already_answered", "adjustment_not_found"),
        named=Named("id", _statement_id, ID_SCHEMA),
    ),
)


def add_statements(app: FastAPI, service: Service) -> None:
    """Add what can be read of statements to the routes."""
    streamer, finance = service.caller_in("streamer"), service.caller_in("finance")
    either = service.caller_in("streamer", "finance")

    @app.get("/v1/me/summary", **read_responses(views.SummaryView, missing="account_not_found"))
    def earned(caller: Annotated[Caller, streamer]) -> Response:
        """Everything the caller earned, merged across kinds and sessions, and where it stands."""
        with snapshot(service) as connection:
            found = summary(connection, caller.party, now())
        return as_json(views.summary_view(found))

    @app.get("/v1/me/statements", **read_responses(views.StatementsView))
    def statements(caller: Annotated[Caller, streamer], query: Annotated[PageQuery, Query()]) -> Response:
        """The caller's statements, newest first."""
        with snapshot(service) as connection:
            page = statement_page(connection, caller.party, now(), before=query.cursor, limit=query.limit)
        return as_json(views.statements_view(page))

    @app.get("/v1/statements/{id}", **_document_responses())
    def statement_document(
        id: _StatementId,
        request: Request,
        caller: Annotated[Caller, either],
        query: Annotated[RenderingQuery, Query()],
    ) -> Response:
        """A statement: the JSON document that was issued, byte for byte, or a rendering of it."""
        form = FORMATS[query.format] if query.format else _accepted(request.headers.get("accept", "*/*"))
        with snapshot(service) as connection:
            found = _statement_for(connection, id, caller)
        if found.document is None:
            raise Problem("not_found", f"statement {id} was issued before documents were kept")
        response = Response(rendered(found.document, form, query.language), media_type=form.media_type)
        response.headers["Vary"] = "Accept"
        if form.name in _DOWNLOADED:
            response.headers["Content-Disposition"] = f'attachment; filename="statement-{id}.{form.name}"'
        return response

    @app.get("/v1/statements/{id}/lines/{line}", **read_responses(views.ExplanationView, missing="not_found"))
    def explanation(
        id: _StatementId,
        line: _Line,
        caller: Annotated[Caller, either],
        query: Annotated[PageQuery, Query()],
    ) -> Response:
        """A line of a statement explained: its gifts or accruals, the policy version, the arithmetic."""
        with snapshot(service) as connection:
            _statement_for(connection, id, caller)
            try:
                found = explain(connection, id, line, after=query.cursor or 0, limit=query.limit)
            except NoSuchLine as reason:
                raise Problem("not_found", str(reason)) from None
        return as_json(views.explanation_view(found))

    @app.get(
        "/v1/statements/{id}/objections",
        **read_responses(views.StatementObjectionsView, missing="not_found"),
    )
    def statement_objections(id: _StatementId, caller: Annotated[Caller, either]) -> Response:
        """The objections to a statement with their answers, and until when more are heard."""
        with snapshot(service) as connection:
            _statement_for(connection, id, caller)
            found = objections_to(connection, id)
            until = issued(connection, [id])[id].heard_until
            is_objected = bool(unanswered(connection, [id]))
        view: views.StatementObjectionsView = {
            "objections": [views.objection_view(objection) for objection in found],
            "objections_until": timestamp(until),
            "standing": standing_of(until, now(), is_objected=is_objected),
        }
        return as_json(view)

    @app.get("/v1/objections", **read_responses(views.ObjectionsView))
    def objections(
        caller: Annotated[Caller, finance], query: Annotated[ObjectionsQuery, Query()]
    ) -> Response:
        """All objections, newest first, or those that wait for an answer."""
        with snapshot(service) as connection:
            page = objection_page(
                connection, before=query.cursor, limit=query.limit, open_only=query.state == "open"
            )
        return as_json(views.objections_view(page))


def _statement_for(connection: Connection, id: UUID, caller: Caller) -> StoredStatement:
    try:
        found = statement(connection, id)
    except NoSuchStatement:
        found = None
    if found is None or ("finance" not in caller.roles and found.streamer != caller.party):
        raise Problem("not_found", f"no statement {id} of yours was issued")
    return found


def _accepted(header: str) -> Format:
    """The first form that the caller wants most. Raises the :class:`Problem` ``not_acceptable``."""
    wanted: dict[str, float] = {}
    for part in header.split(","):
        media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((found[2:] for found in parameters if found.startswith("q=")), "1")
        wanted[media_type] = float(quality) if re.fullmatch(r"[01](\.[0-9]{0,3})?", quality) else 0.0
    best, most = None, 0.0
    for form in FORMATS.values():
        own = form.media_type.partition(";")[0]
        names = (own, f"{own.partition('/')[0]}/*", "*/*")
        quality_of = next((wanted[name] for name in names if name in wanted), 0.0)
        if quality_of > most:
            best, most = form, quality_of
    if best is None:
        forms = ", ".join(form.media_type.partition(";")[0] for form in FORMATS.values())
        raise Problem("not_acceptable", f"a statement can be had as {forms}")
    return best


def _document_responses() -> dict[str, Any]:
    """What a statement's document is registered with: JSON as it was issued, and its renderings."""
    registered = read_responses(None, missing="not_found")
    text: dict[str, Any] = {"schema": {"type": "string"}}
    content = {
        form.media_type.partition(";")[0]: {"schema": {"type": "object"}} if form.name == "json" else text
        for form in FORMATS.values()
    }
    registered["responses"][200] = {"description": "As asked.", "content": content}
    registered["responses"] |= problem_responses(["not_acceptable"])
    return registered
