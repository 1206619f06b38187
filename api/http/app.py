"""The application: routes, problems, probes and documents around one house."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from api.http.batch import batch_handler
from api.http.commands import OPERATIONS
from api.http.documents import OPENAPI_PATH, add_docs, batch_document, documented, operation_document
from api.http.moderation.access import add_access
from api.http.moderation.appeals import add_appeals, appeal_operations
from api.http.moderation.cases import add_cases
from api.http.moderation.evidence import EVIDENCE_DOCUMENT, add_evidence, add_evidence_reads, evidence_handler
from api.http.moderation.notices import add_notices
from api.http.moderation.previews import PREVIEW_OPERATION, add_previews, make_preview, preview_handler
from api.http.moderation.register_reads import add_registers
from api.http.moderation.registers import register_operations
from api.http.moderation.report_reads import add_report_reads
from api.http.moderation.reports import (
    FILE_DOCUMENT,
    add_report_file,
    report_file_handler,
    report_operations,
)
from api.http.moderation.rules import add_rules
from api.http.moderation.standing import add_standing
from api.http.moderation.tickets import add_tickets, ticket_operations
from api.http.moderation.trails import add_trails
from api.http.operations import handler
from api.http.probes import add_probes
from api.http.problems import Problem, field_error
from api.http.reads import add_reads
from api.http.service import Service
from api.http.settlement.batches import BATCH_OPERATIONS, add_batches
from api.http.settlement.earning import add_earning
from api.http.settlement.payees import add_payees, keys_of, payee_operations
from api.http.settlement.payouts import add_payouts, payout_operations
from api.http.settlement.policies import add_policies
from api.http.settlement.statements import add_statements
from api.http.settlement.treasury import TREASURY_OPERATIONS, add_treasury
from api.http.views import BatchView
from api.http.watch import Watch
from api.sandbox import tokens_of
from api.settings import Settings
from api.wiring import House

#: Reads at a time: no more than the database has connections for.
_READERS = 16
_DESCRIPTION = """
The books of a livestream platform: top-ups, gifts, rewards, settlement, freezes and forfeits.

Every command carries an `Idempotency-Key`: sent again unchanged it gets its first answer again, refusals
too. Amounts are texts in an object with their currency: `ZLB` (智联币, whole coins) and `CNY` (two decimals).
Whatever is not answered as asked is answered with problem details (RFC 9457).
"""


class _AsWritten(APIRoute):
    """A route whose endpoint reads the request and writes the response itself."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        return self.endpoint


def create_app(house: House, settings: Settings) -> FastAPI:
    """The HTTP interface of a house. It runs while its lifespan does.

    Raises :class:`api.settings.CannotServe` unless it is settled whose tokens count, and for bad keys.
    """
    service = Service(house, settings, tokens_of(settings))
    keys = keys_of(settings)
    operations = (
        *OPERATIONS,
        *payee_operations(keys),
        *payout_operations(settings),
        *report_operations(keys),
        *register_operations(keys),
        *appeal_operations(keys),
        *ticket_operations(keys),
        *BATCH_OPERATIONS,
        *TREASURY_OPERATIONS,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = _READERS
        service.start()
        try:
            yield
        finally:
            # Off the loop, which tells the last callers what was decided meanwhile.
            await asyncio.to_thread(service.stop)

    app = FastAPI(
        title="zhibo",
        version="1",
        description=_DESCRIPTION,
        lifespan=lifespan,
        openapi_url=OPENAPI_PATH,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers={
            Problem: _as_problem,
            RequestValidationError: _as_invalid,
            HTTPException: _as_http_problem,
        },
    )
    app.state.service = service
    app.add_middleware(Watch, metrics=service.metrics)
    for operation in operations:
        _add(
            app,
            operation.method,
            operation.path,
            handler(service, operation),
            operation.command,
            operation_document(operation),
        )
    _add(app, "POST", "/v1/tips/batch", batch_handler(service), tips_batch, batch_document(BatchView))
    files_of_reports, files_of_cases = report_file_handler(service, keys), evidence_handler(service, keys)
    _add(app, "POST", "/v1/me/reports/{id}/files", files_of_reports, add_report_file, FILE_DOCUMENT)
    _add(app, "POST", "/v1/cases/{case:path}/evidence", files_of_cases, add_evidence, EVIDENCE_DOCUMENT)
    _add(
        app,
        PREVIEW_OPERATION.method,
        PREVIEW_OPERATION.path,
        preview_handler(service),
        make_preview,
        operation_document(PREVIEW_OPERATION),
    )
    # Before whatever reads a case: a case may be called anything.
    add_previews(app, service)
    add_evidence_reads(app, service, keys)
    add_report_reads(app, service, keys)
    add_notices(app, service)
    add_access(app, service)
    add_reads(app, service)
    add_earning(app, service)
    add_policies(app, service)
    add_rules(app, service)
    add_statements(app, service)
    add_payees(app, service, keys)
    add_payouts(app, service)
    add_batches(app, service, keys)
    add_treasury(app, service)
    add_standing(app, service)
    add_registers(app, service)
    add_tickets(app, service, keys)
    add_trails(app, service)
    add_appeals(app, service, keys)
    add_cases(app, service)
    add_probes(app, service)
    app.openapi = documented(app, (one.body for one in (*operations, PREVIEW_OPERATION)))  # type: ignore[method-assign]
    add_docs(app)
    return app


def tips_batch() -> None:
    """Gives up to 1,000 tips, each decided by itself; the batch's order is theirs."""


def _add(
    app: FastAPI,
    method: str,
    path: str,
    answer: Callable[[Request], Awaitable[Response]],
    named_after: Callable[..., Any],
    document: dict[str, Any],
) -> None:
    route = _AsWritten(
        path,
        answer,
        methods=[method],
        name=named_after.__name__,
        operation_id=named_after.__name__,
        summary=named_after.__name__.replace("_", " ").capitalize(),
        description=named_after.__doc__,
        response_model=None,
        **document,
    )
    app.router.routes.append(route)


async def _as_problem(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    return problem.response()


async def _as_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [field_error(item["loc"], item["type"], item["msg"]) for item in error.errors()]
    return Problem(
        "invalid", "the request breaks the rules of its fields: see `errors`", errors=errors
    ).response()


async def _as_http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        headers = {"Allow": ", ".join(_methods_at(request))}
        return Problem("method_not_allowed", "this cannot be done here", headers=headers).response()
    if error.status_code == 404:
        return Problem("not_found", "there is nothing at this path").response()
    return Problem("malformed_request", "the request cannot be understood").response()


def _methods_at(request: Request) -> list[str]:
    """What can be done at a path, by whichever of its routes."""
    found = set()
    for route in request.app.routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            found |= route.methods or set()
    return sorted(found)
