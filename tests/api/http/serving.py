"""A real server on real books, and a caller of it. Fixtures for whoever speaks HTTP in a test."""

import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from api.http import create_app
from api.http.connections import Server
from api.sandbox import sandbox_token
from api.settings import Settings
from api.wiring import House, desks
from ledger.database import Database
from ledger.journal.journal import Journal

_PATIENCE_SECONDS = 20

Json = dict[str, Any]


class Api:
    """Callers of one server, in the sandbox's tokens."""

    def __init__(self, url: str, app: FastAPI, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.http = httpx.Client(base_url=url, timeout=_PATIENCE_SECONDS)

    def new(self, what: str) -> str:
        """A name nobody has used."""
        return f"{what}-{uuid4().hex[:12]}"

    def token(self, *roles: str, party: str = "p1") -> str:
        """A token of the sandbox."""
        return sandbox_token(*roles, party=party, settings=self.settings)

    def ask(
        self,
        method: str,
        path: str,
        role: str,
        body: object = None,
        *,
        party: str = "p1",
        key: UUID | str | None = None,
        **more: Any,
    ) -> httpx.Response:
        """One request in a role, with a new command id unless one is given."""
        headers = {"Authorization": f"Bearer {self.token(role, party=party)}", **more.pop("headers", {})}
        if method != "GET":
            headers["Idempotency-Key"] = str(key or uuid4())
            more.setdefault("json", body)
        return self.http.request(method, path, headers=headers, **more)

    def done(self, method: str, path: str, role: str, body: object = None, **more: Any) -> Json:
        """The same, which must be accepted; its answer."""
        response = self.ask(method, path, role, body, **more)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        answer: Json = response.json()
        return answer

    def refused(self, method: str, path: str, role: str, body: object = None, **more: Any) -> Json:
        """The same, which must be refused; the problem."""
        response = self.ask(method, path, role, body, **more)
        assert response.headers["content-type"] == "application/problem+json", (
            f"{method} {path}: {response.status_code} {response.text}"
        )
        problem: Json = response.json()
        return problem

    def viewer(self, *, coins: int = 0) -> str:
        """A new viewer with this many coins."""
        party = self.new("viewer")
        self.done("POST", "/v1/parties", "gateway", {"party": party, "roles": ["viewer"]})
        if coins:
            self.top_up(party, coins)
        return party

    def streamer(self) -> str:
        """A new streamer."""
        party = self.new("streamer")
        self.done("POST", "/v1/parties", "gateway", {"party": party, "roles": ["streamer"]})
        return party

    def gift(self, coins: int) -> str:
        """A new gift on sale."""
        gift = self.new("gift")
        self.done("PUT", f"/v1/gifts/{gift}", "gateway", {"coins": coins})
        return gift

    def top_up(self, viewer: str, coins: int) -> Json:
        """Coins bought at face value."""
        paid = f"{coins // 10}.{coins % 10}0"
        payment = {"paid": paid, "channel": "wechat", "channel_txn": self.new("txn")}
        return self.done("POST", "/v1/topups", "gateway", {"viewer": viewer, "coins": coins, **payment})

    def tip(
        self,
        giver: str,
        streamer: str,
        gift: str,
        quantity: int = 1,
        *,
        key: UUID | str | None = None,
        **more: Any,
    ) -> httpx.Response:
        """A tip by the giver's own token."""
        body = {"streamer": streamer, "room": "room-1", "gift": gift, "quantity": quantity, **more}
        return self.ask("POST", "/v1/tips", "viewer", body, party=giver, key=key)

    def wallet(self, viewer: str) -> Json:
        """What the viewer sees of the wallet."""
        return self.done("GET", "/v1/me/wallet", "viewer", party=viewer)

    def earnings(self, streamer: str) -> Json:
        """What the streamer sees of gifts, accruals and earnings."""
        return self.done("GET", "/v1/me/earnings", "streamer", party=streamer)

    def settled(self, through: str = "2999-12-31", share_bps: int = 5_000) -> Json:
        """A settlement run, once it is finished."""
        accepted = self.ask(
            "POST", "/v1/settlements", "finance", {"through": through, "share_bps": share_bps}
        )
        assert accepted.status_code == 202, accepted.text
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < give_up_at:
            run = self.done("GET", accepted.headers["location"], "finance")
            if run["state"] == "finished":
                return run
            time.sleep(0.02)
        raise AssertionError("the settlement run did not finish")

    def penalties(self) -> int:
        """The platform's penalty income, in fen."""
        lines = self.done("GET", "/v1/trial-balance", "finance")["lines"]
        return sum(minor(line["balance"]) for line in lines if line["kind"] == "penalty_income")


def minor(money: Json) -> int:
    """An amount in whole coins or fen."""
    return int(money["amount"].replace(".", ""))


def sandbox(data: Path, **more: Any) -> Settings:
    """Settings of a sandbox that does not look at the environment of the tests."""
    return Settings(sandbox=True, issuer=None, jwks_url=None, jwks_file=None, data=data, **more)


@contextmanager
def serving(database: Database, settings: Settings) -> Iterator[Api]:
    """A server in a thread of its own, started, and stopped in good order at the end."""
    app = create_app(House(database, Journal(database.app, desks())), settings)
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(app, settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while not server.started and thread.is_alive() and time.monotonic() < give_up_at:
        time.sleep(0.01)
    assert server.started, "the server did not start"
    caller = Api(f"http://127.0.0.1:{listener.getsockname()[1]}", app, settings)
    try:
        yield caller
    finally:
        caller.http.close()
        server.should_exit = True
        thread.join(_PATIENCE_SECONDS)
        listener.close()
        assert not thread.is_alive(), "the server did not stop"


@pytest.fixture(scope="session")
def sandbox_data() -> Iterator[Path]:
    """Where the sandbox of the tests keeps its key."""
    path = Path(tempfile.mkdtemp(prefix="zbs"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def api(database: Database, sandbox_data: Path) -> Iterator[Api]:
    """A server on the books that tests share: use parties and gifts of your own, and set no limits."""
    with serving(database, sandbox(sandbox_data, body_timeout_seconds=1)) as api:
        yield api


@pytest.fixture
def own_api(empty_database: Database, sandbox_data: Path) -> Iterator[Api]:
    """A server on empty books of the test's own."""
    with serving(empty_database, sandbox(sandbox_data)) as api:
        yield api
