"""Access records over HTTP: protected reads write theirs here, and finance looks at them all."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import psycopg
from fastapi import FastAPI, Query
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.responses import Response
from typing_extensions import TypedDict

from api.http.bodies import Text
from api.http.documents import read_responses
from api.http.money import next_page, timestamp
from api.http.problems import Problem
from api.http.reads import PageQuery, as_json
from api.http.service import Service
from api.tokens import Caller
from ledger.database import DatabaseUnavailable, as_unavailable
from ledger.instants import instant_of
from moderation.access.records import AccessPage, access_page, record


class AccessQuery(PageQuery):
    """Whose accesses (role:subject), and to what, such as report:… or case:…"""

    actor: Text | None = None
    object: Text | None = None


class AccessView(TypedDict):
    """A look at something protected, or an act of moderation."""

    at: str
    actor: str
    act: str
    object: str
    detail: str


class AccessesView(TypedDict):
    """Some accesses, newest first; `next` is the cursor of the page behind, null when there is none."""

    accesses: list[AccessView]
    next: str | None


@contextmanager
def recorded(service: Service, actor: str, act: str, object: str, detail: str = "") -> Iterator[Connection]:
    """The books at one moment, for a look that is written down (:func:`moderation.access.records.record`).

    Make the answer after this block: then the record is committed. A :class:`Problem` raised in it leaves
    none, and nothing was seen.
    """
    with writing(service) as connection:
        record(connection, actor, act, object, detail)
        yield connection


@contextmanager
def writing(service: Service) -> Iterator[Connection]:
    """A transaction on the books at one moment, committed at its end."""
    try:
        with service.house.database.app.connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection
    except PoolTimeout:
        raise Problem("busy", "too many read at once") from None
    except (DatabaseUnavailable, DBAPIError, psycopg.Error) as failure:
        if as_unavailable(failure) is None:
            raise
        raise Problem("try_again", "the books cannot be reached at the moment") from None


def add_access(app: FastAPI, service: Service) -> None:
    """Add what can be read of accesses to the routes."""
    finance = service.caller_in("finance")

    @app.get("/v1/access-records", **read_responses(AccessesView))
    def access_records(
        caller: Annotated[Caller, finance], query: Annotated[AccessQuery, Query()]
    ) -> Response:
        """Who looked at what is protected, and who did what. To look here is written down, too."""
        about = " ".join(text for text in (query.actor, query.object) if text)
        actor = f"finance:{caller.party}"
        with recorded(service, actor, "read_access_records", "access_records", about) as connection:
            page = access_page(
                connection, actor=query.actor, object=query.object, before=query.cursor, limit=query.limit
            )
        return as_json(_accesses_view(page))


def _accesses_view(page: AccessPage) -> AccessesView:
    accesses: list[Any] = [
        {
            "at": timestamp(instant_of(one.at)),
            "actor": one.actor,
            "act": one.act,
            "object": one.object,
            "detail": one.detail,
        }
        for one in page.records
    ]
    return {"accesses": accesses, "next": next_page(page.next_cursor)}
