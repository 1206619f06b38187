"""Probes: whether the process lives, whether it can work, and how it is doing."""

import psycopg
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.http.problems import Problem
from api.http.service import Service
from api.migrations import require_current
from ledger.database import DatabaseUnavailable

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def add_probes(app: FastAPI, service: Service) -> None:
    """Add ``/healthz``, ``/readyz`` and ``/metrics``. They need no token and say nothing about anyone."""
    is_migrated = False

    def books_are_ready() -> bool:
        nonlocal is_migrated
        try:
            if not is_migrated:
                require_current(service.house.database)
                is_migrated = True
            with service.house.database.app.connect() as connection:
                connection.execute(text("SELECT 1"))
        except (DatabaseUnavailable, SQLAlchemyError, psycopg.Error):
            return False
        return True

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def readyz(_: Request) -> Response:
        checks = {"writer": _is_writing(service), "books": await run_in_threadpool(books_are_ready)}
        is_ready = all(checks.values())
        return JSONResponse(
            {"status": "ready" if is_ready else "not ready", **checks}, 200 if is_ready else 503
        )

    async def metrics(_: Request) -> Response:
        return Response(service.metrics.exposition(), media_type=_METRICS_TYPE)

    for path, probe in (("/healthz", healthz), ("/readyz", readyz), ("/metrics", metrics)):
        app.add_route(path, probe, include_in_schema=False)


def _is_writing(service: Service) -> bool:
    try:
        running = service.running
    except Problem:
        return False
    return running.group.is_open and (running.worker is None or running.worker.is_alive)
