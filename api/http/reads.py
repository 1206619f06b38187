"""What can be read over HTTP: a party's own accounts and lines, a run, and the trial balance.

A party sees what the token's subject owns, and nothing else.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import msgspec
import psycopg
from fastapi import FastAPI, Query
from pydantic import BaseModel, ConfigDict, PlainValidator, WithJsonSchema, model_validator
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.responses import Response

from api.event_file import fields
from api.event_file.fields import Malformed
from api.http import read_views as views
from api.http.bodies import INSTANT_SCHEMA, Id
from api.http.documents import read_responses
from api.http.problems import Problem
from api.http.service import Service
from api.tokens import Caller
from ledger.chart import ACCOUNTS_OF_ROLE, AccountRef
from ledger.database import DatabaseUnavailable, as_unavailable
from ledger.journal.history import NoSuchAccount, account_of, account_page, trial_balance
from moderation.reading import freezes_in_force
from settlement.reading import NoSuchRun, not_settled, run_state, statements_of

MOST_LINES_A_PAGE = 200
_LINES_A_PAGE = 50
_LARGEST_CURSOR = 2**63 - 1
_NUMBER = re.compile(r"[1-9][0-9]{0,18}")


def _cursor(value: object) -> int:
    if isinstance(value, str) and _NUMBER.fullmatch(value) and int(value) <= _LARGEST_CURSOR:
        return int(value)
    raise Malformed("is not the `next` of a page")


def _page_limit(value: object) -> int:
    if isinstance(value, str) and _NUMBER.fullmatch(value) and int(value) <= MOST_LINES_A_PAGE:
        return int(value)
    raise Malformed(f"is not an integer from 1 to {MOST_LINES_A_PAGE}")


_CURSOR_SCHEMA = {
    "type": "string",
    "pattern": "^[1-9][0-9]{0,17}$",
    "description": "`next` of the page before.",
}
_LIMIT_SCHEMA = {"type": "integer", "minimum": 1, "maximum": MOST_LINES_A_PAGE, "default": _LINES_A_PAGE}


class _Query(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PageQuery(_Query):
    """Which page."""

    cursor: Annotated[int, PlainValidator(_cursor), WithJsonSchema(_CURSOR_SCHEMA)] | None = None
    limit: Annotated[int, PlainValidator(_page_limit), WithJsonSchema(_LIMIT_SCHEMA)] = _LINES_A_PAGE


_InstantQuery = Annotated[int, PlainValidator(fields.instant), WithJsonSchema(INSTANT_SCHEMA)]


class TrialQuery(_Query):
    """Which moment: `at` by when it was posted, `as_of` by when it happened."""

    at: _InstantQuery | None = None
    as_of: _InstantQuery | None = None

    @model_validator(mode="after")
    def _one_time(self) -> "TrialQuery":
        if self.at is not None and self.as_of is not None:
            raise ValueError("at and as_of cannot both be given")
        return self


def add_reads(app: FastAPI, service: Service) -> None:
    """Add what can be read to the routes."""
    viewer, streamer = service.caller_in("viewer"), service.caller_in("streamer")
    viewer_or_streamer, finance = service.caller_in("viewer", "streamer"), service.caller_in("finance")

    @app.get("/v1/me/wallet", **read_responses(views.WalletView, missing="account_not_found"))
    def wallet(caller: Annotated[Caller, viewer]) -> Response:
        """The caller's wallet, and each freeze on it."""
        with snapshot(service) as connection:
            standing = account_of(connection, AccountRef("wallet", caller.party))
            freezes = freezes_in_force(connection, caller.party, ["wallet"])
        return as_json(views.wallet_view(caller.party, standing, freezes))

    @app.get("/v1/me/earnings", **read_responses(views.EarningsView, missing="account_not_found"))
    def earnings(caller: Annotated[Caller, streamer], query: Annotated[PageQuery, Query()]) -> Response:
        """The caller's gifts, accruals and earnings, each freeze on them, and the statements of past runs."""
        kinds = ACCOUNTS_OF_ROLE["streamer"]
        with snapshot(service) as connection:
            standings = {kind: account_of(connection, AccountRef(kind, caller.party)) for kind in kinds}
            freezes = freezes_in_force(connection, caller.party, kinds)
            page = statements_of(connection, caller.party, before=query.cursor, limit=query.limit)
        return as_json(views.earnings_view(caller.party, standings, freezes, page))

    @app.get("/v1/me/entries", **read_responses(views.EntriesView, missing="account_not_found"))
    def entries(
        caller: Annotated[Caller, viewer_or_streamer], query: Annotated[PageQuery, Query()]
    ) -> Response:
        """The lines of the caller's own accounts, newest first."""
        with snapshot(service) as connection:
            page = account_page(
                connection, _own_accounts(connection, caller), before=query.cursor, limit=query.limit
            )
        return as_json(views.entries_view(page))

    @app.get("/v1/settlements/{id}", **read_responses(views.RunStateView, missing="not_found"))
    def run(id: Id, caller: Annotated[Caller, finance]) -> Response:
        """How far a settlement run came, and what it settled."""
        with snapshot(service) as connection:
            try:
                state = run_state(connection, id)
            except NoSuchRun:
                raise Problem("not_found", f"no settlement run {id} is in the books") from None
            left = None if state.finished_at is None else not_settled(connection, id)
        return as_json(views.run_state_view(state, left))

    @app.get("/v1/trial-balance", **read_responses(views.TrialBalanceView))
    def trial(caller: Annotated[Caller, finance], query: Annotated[TrialQuery, Query()]) -> Response:
        """Debits, credits and balance of every kind of account, now or at a moment past."""
        with snapshot(service) as connection:
            lines = trial_balance(connection, at=query.at, as_of=query.as_of)
        return as_json(views.trial_balance_view(lines))


def _own_accounts(connection: Connection, caller: Caller) -> Sequence[AccountRef]:
    """Those of the caller's roles that are open."""
    found, missing = [], None
    for role, kinds in ACCOUNTS_OF_ROLE.items():
        if role in caller.roles:
            for kind in kinds:
                try:
                    account_of(connection, AccountRef(kind, caller.party))
                except NoSuchAccount as reason:
                    missing = reason
                else:
                    found.append(AccountRef(kind, caller.party))
    if missing and not found:
        raise missing
    return found


@contextmanager
def snapshot(service: Service) -> Iterator[Connection]:
    """The books as they stand at one moment, however many statements are asked of them."""
    try:
        with service.house.database.app.connect() as connection:
            yield connection.execution_options(isolation_level="REPEATABLE READ")
    except NoSuchAccount as reason:
        facts = {"kind": reason.ref.kind, "owner": reason.ref.owner}
        raise Problem("account_not_found", str(reason), facts=facts) from None
    except PoolTimeout:
        raise Problem("busy", "too many read at once") from None
    except (DatabaseUnavailable, DBAPIError, psycopg.Error) as failure:
        if as_unavailable(failure) is None:
            raise
        raise Problem("try_again", "the books cannot be reached at the moment") from None


def as_json(view: Any) -> Response:
    return Response(msgspec.json.encode(view), media_type="application/json")
