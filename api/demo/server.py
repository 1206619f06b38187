"""One tip over HTTP, against a server started for it."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from uuid import uuid4

from rich.console import Console
from sqlalchemy import text

from api.cli import Stop
from api.sandbox import sandbox_token
from api.settings import Settings
from api.wiring import House

_PATIENCE_SECONDS = 30
_STOP_SECONDS = 15

_RICHEST = text("""
SELECT owner FROM ledger.accounts WHERE kind = 'wallet' AND frozen_by = 0
ORDER BY credits_minor - debits_minor - held_minor DESC, owner LIMIT 1
""")


def tip_over_http(house: House, console: Console) -> None:
    """Start a server, have a viewer tip there twice under one key, and show what it answers.

    Raises :class:`Stop` when the server does not come up.
    """
    with house.database.app.connect() as connection:
        viewer = connection.execute(_RICHEST).scalar_one()
    body = {"streamer": "s0001", "room": "r-1", "gift": "rocket", "quantity": 1}
    os.environ["ZHIBO_SANDBOX"] = "1"
    token = sandbox_token("viewer", party=viewer, settings=Settings.from_environment())
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid4()),
    }
    with _served() as (host, port):
        console.print(f"\n{viewer} tips over HTTP, at http://{host}:{port}\n")
        console.print(f"POST /v1/tips {json.dumps(body)}")
        for _ in range(2):
            connection_to = HTTPConnection(host, port, timeout=_PATIENCE_SECONDS)
            connection_to.request("POST", "/v1/tips", json.dumps(body), headers)
            answer = connection_to.getresponse()
            again = answer.headers.get("Idempotency-Replayed") == "true"
            remark = "  (the same key again: the first answer again)" if again else ""
            console.print(f"{answer.status} {answer.reason}{remark}")
            console.print(answer.read().decode(), soft_wrap=True)
            connection_to.close()


@contextmanager
def _served() -> Iterator[tuple[str, int]]:
    host, port = "127.0.0.1", _free_port()
    environment = {**os.environ, "ZHIBO_HOST": host, "ZHIBO_PORT": str(port)}
    server = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "serve"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _wait_for(server, host, port)
        yield host, port
    finally:
        server.terminate()
        try:
            server.communicate(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.communicate()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait_for(server: "subprocess.Popen[str]", host: str, port: int) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            said = server.stderr.read().strip().splitlines() if server.stderr else []
            raise Stop(f"the server did not start: {said[-1] if said else 'it said nothing'}")
        try:
            probe = HTTPConnection(host, port, timeout=1)
            probe.request("GET", "/readyz")
            if probe.getresponse().status == 200:
                return
        except (OSError, HTTPException):
            pass
        time.sleep(0.05)
    raise Stop("the server did not get ready in time")
