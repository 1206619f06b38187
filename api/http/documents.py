"""The OpenAPI document: every operation with every answer it can give, and a page that shows it."""

from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from api.http.bodies import ID_SCHEMA, MOST_TIPS_A_BATCH, BatchTip, Body
from api.http.operations import Operation
from api.http.problem_kinds import PROBLEMS
from api.http.problems import MEDIA_TYPE, ProblemDetails
from moderation.evidence.media import KNOWN_TYPES

OPENAPI_PATH = "/openapi.json"
DOCS_PATH = "/docs"

_SCHEMAS = "#/components/schemas/{model}"
_OF_TOKENS = ("token_required", "token_invalid", "forbidden", "keys_unavailable")
_OF_BODIES = ("malformed_request", "body_timeout", "body_too_large", "media_type_unsupported", "invalid")
_OF_DECIDING = ("id_conflict", "busy", "try_again", "cannot_decide", "internal_error")
_OF_KEYS = ("idempotency_key_required", "idempotency_key_malformed")
_OF_READING = ("malformed_request", "busy", "try_again", "internal_error")
_POLICY = (
    "default-src 'none'; connect-src 'self'; script-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:"
)
_PAGES = Path(__file__).parent / "docs"


def problem_responses(codes: Iterable[str]) -> dict[int | str, dict[str, Any]]:
    """The answers that these problems make, by status."""
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(PROBLEMS[code].status, []).append(code)
    return {status: _problem_response(by_status[status]) for status in sorted(by_status)}


def _problem_response(codes: list[str]) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": "; ".join(f"`{code}`: {PROBLEMS[code].title.lower()}" for code in codes),
        "content": {MEDIA_TYPE: {"schema": {"$ref": _SCHEMAS.format(model="Problem")}}},
    }
    return response


def read_responses(view: Any, missing: str | None = None) -> dict[str, Any]:
    """What a read is registered with: its view, and the problems it can be answered with."""
    codes = (*_OF_TOKENS, "invalid", *_OF_READING, *((missing,) if missing else ()))
    return {"responses": {200: {"model": view, "description": "As asked."}, **problem_responses(codes)}}


def file_responses(missing: str) -> dict[str, Any]:
    """What a read is registered with that answers with a file, as what it is."""
    content = {"schema": {"type": "string", "format": "binary"}}
    file = {"description": "As asked.", "content": dict.fromkeys(KNOWN_TYPES, content)}
    codes = (*_OF_TOKENS, "invalid", *_OF_READING, "sealing_keys_missing", "evidence_unavailable", missing)
    return {"response_class": Response, "responses": {200: file, **problem_responses(codes)}}


def operation_document(operation: Operation) -> dict[str, Any]:
    """What an operation is registered with."""
    codes = (*_OF_TOKENS, *_OF_KEYS, *_OF_BODIES, *operation.refusals, *_OF_DECIDING)
    accepted: dict[str, Any] = {
        "model": operation.answer,
        "description": "Accepted.",
        "headers": {
            "Idempotency-Replayed": {
                "description": "`true` when this is the first answer again.",
                "schema": {"type": "string", "enum": ["true"]},
            }
        },
    }
    if operation.follow:
        accepted["headers"]["Location"] = {
            "description": "Where to follow it.",
            "required": True,
            "schema": {"type": "string", "format": "uri-reference"},
        }
    parameters: list[dict[str, Any]] = [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": operation.key_required,
            "description": "The command's id, a UUID of version 4 or 7. Sent again it gets its first answer.",
            "schema": ID_SCHEMA,
        }
    ]
    if operation.named:
        parameters.insert(
            0,
            {
                "name": operation.named.name,
                "in": "path",
                "required": True,
                "schema": operation.named.schema,
            },
        )
    return {
        "status_code": operation.status,
        "responses": {operation.status: accepted, **problem_responses(codes)},
        "openapi_extra": {
            "parameters": parameters,
            "requestBody": _json_body({"$ref": _SCHEMAS.format(model=operation.body.__name__)}),
        },
    }


def file_document(view: Any, refusals: Iterable[str], parameters: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What a route is registered with whose body is a file, as what its Content-Type says."""
    bodies = (code for code in _OF_BODIES if code != "media_type_unsupported")
    codes = (*_OF_TOKENS, *_OF_KEYS, *bodies, *refusals, *_OF_DECIDING)
    key = {"name": "Idempotency-Key", "in": "header", "required": True, "schema": ID_SCHEMA}
    content = {"schema": {"type": "string", "format": "binary"}}
    return {
        "status_code": 201,
        "responses": {201: {"model": view, "description": "Accepted."}, **problem_responses(codes)},
        "openapi_extra": {
            "parameters": [*parameters, key],
            "requestBody": {"required": True, "content": dict.fromkeys(KNOWN_TYPES, content)},
        },
    }


def batch_document(view: Any) -> dict[str, Any]:
    """What the batch of tips is registered with."""
    codes = (*_OF_TOKENS, *_OF_BODIES, "busy", "internal_error")
    tips = {
        "type": "array",
        "items": {
            "anyOf": [
                {"$ref": _SCHEMAS.format(model=BatchTip.__name__)},
                {"description": "Anything else is a malformed tip, and gets its own outcome."},
            ]
        },
        "minItems": 1,
        "maxItems": MOST_TIPS_A_BATCH,
    }
    return {
        "responses": {
            200: {"model": view, "description": "An outcome for each tip, in order."},
            **problem_responses(codes),
        },
        "openapi_extra": {"requestBody": _json_body(tips)},
    }


def _json_body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def documented(app: FastAPI, bodies: Iterable[type[Body]]) -> Callable[[], dict[str, Any]]:
    """What makes the document of an app: FastAPI's, with the bodies, the problems and the bearer token."""
    models = [(model, "validation") for model in (*dict.fromkeys(bodies), BatchTip, ProblemDetails)]

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes
            )
            _, definitions = models_json_schema(models, ref_template=_SCHEMAS)  # type: ignore[arg-type]
            schemas = made["components"]["schemas"]
            schemas |= definitions["$defs"]
            schemas["Problem"] = schemas.pop(ProblemDetails.__name__)
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            made["components"]["securitySchemes"] = {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            }
            made["security"] = [{"token": []}]
            app.openapi_schema = made
        return app.openapi_schema

    return document


def add_docs(app: FastAPI) -> None:
    """Serve the page that shows the document, all of it from this server."""
    page, script = (_PAGES / "index.html").read_text(), (_PAGES / "start.js").read_text()

    async def docs(_: Request) -> Response:
        return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})

    async def start(_: Request) -> Response:
        return Response(script, media_type="text/javascript")

    app.add_route(DOCS_PATH, docs, include_in_schema=False)
    app.add_route(f"{DOCS_PATH}/start.js", start, include_in_schema=False)
    app.mount(f"{DOCS_PATH}/assets", StaticFiles(directory=_swagger_ui()), name="assets")


def _swagger_ui() -> Path:
    """Where the installed fastapi-offline keeps Swagger UI."""
    spec = find_spec("fastapi_offline")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "static"
