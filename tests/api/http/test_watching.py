"""Probes, metrics and logs: how the server is doing, and nothing about anyone."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from uuid import uuid4

import psycopg
import pytest
import structlog

from api.http.logs import configure_logs
from ledger.database import Database
from tests.api.http.serving import Api, sandbox, serving


def test_a_healthy_server_says_so_and_is_ready(api: Api) -> None:
    assert api.http.get("/healthz").json() == {"status": "alive"}
    assert api.http.get("/readyz").json() == {"status": "ready", "writer": True, "books": True}


def test_a_server_without_its_database_lives_but_is_not_ready_and_asks_to_come_again(
    server: Database, empty_database: Database, sandbox_data: Path
) -> None:
    # What is in use when the pools are emptied stays open, and a worker uses something all the time.
    with serving(empty_database, sandbox(sandbox_data, worker=False)) as api:
        viewer = api.viewer(coins=1)
        with server.owner_login.connect() as owner:
            owner.autocommit = True
            owner.execute(f'ALTER DATABASE "{empty_database.name}" ALLOW_CONNECTIONS false'.encode())
            empty_database.dispose()
            try:
                assert api.http.get("/healthz").status_code == 200
                unready = api.http.get("/readyz")
                assert (unready.status_code, unready.json()["books"]) == (503, False)
                for response in (
                    api.ask("GET", "/v1/me/wallet", "viewer", party=viewer),
                    api.tip(viewer, "s", "g"),
                ):
                    assert (response.status_code, response.json()["code"]) == (503, "try_again"), (
                        response.text
                    )
                    assert response.headers["retry-after"] == "1"
            finally:
                owner.execute(f'ALTER DATABASE "{empty_database.name}" ALLOW_CONNECTIONS true'.encode())
        assert api.http.get("/readyz").status_code == 200
        assert api.wallet(viewer)["posted"]["amount"] == "1"


def _number(api: Api, name: str) -> float:
    for line in api.http.get("/metrics").text.splitlines():
        if line.startswith(f"{name} "):
            return float(line.rpartition(" ")[2])
    raise AssertionError(f"no {name} in the metrics")


def test_metrics_count_commits_refusals_and_requests(own_api: Api) -> None:
    viewer, streamer, gift = own_api.viewer(coins=5), own_api.streamer(), own_api.gift(5)
    key = uuid4()
    for id in (key, key, uuid4()):
        own_api.tip(viewer, streamer, gift, key=id)
    own_api.http.get("/v1/nowhere")
    assert _number(own_api, 'zhibo_refusals_total{code="insufficient_funds"}') == 1
    assert _number(own_api, 'zhibo_refusals_total{code="account_frozen"}') == 0
    # Two who register, and their top-up, gift and tip.
    assert _number(own_api, 'zhibo_decisions_total{outcome="accepted"}') == 5
    assert _number(own_api, 'zhibo_decisions_total{outcome="replayed"}') == 1
    assert _number(own_api, "zhibo_batch_size_sum") == 7
    assert _number(own_api, "zhibo_commit_seconds_count") == _number(own_api, "zhibo_batch_size_count")
    assert _number(own_api, "zhibo_queue_depth") == 0
    assert _number(own_api, 'zhibo_http_requests_total{method="POST",route="/v1/tips",status="201"}') == 2
    assert _number(own_api, 'zhibo_http_requests_total{method="POST",route="/v1/tips",status="409"}') == 1
    assert _number(own_api, 'zhibo_http_requests_total{method="GET",route="unmatched",status="404"}') == 1
    text = own_api.http.get("/metrics").text
    assert viewer not in text
    assert gift not in text


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/healthz", "/healthz"),
        ("/readyz", "/readyz"),
        ("/metrics", "/metrics"),
        ("/docs", "/docs"),
        ("/docs/start.js", "/docs/start.js"),
        ("/docs/assets/swagger-ui.css", "/docs/assets"),
        ("/docs/assets/nothing", "/docs/assets"),
        ("/openapi.json", "/openapi.json"),
        ("/v1/gifts/rose", "/v1/gifts/{gift}"),
        ("/healthz/x", "unmatched"),
    ],
)
def test_a_request_is_counted_under_the_name_of_its_route(api: Api, path: str, route: str) -> None:
    def counted() -> float:
        return sum(
            float(line.rpartition(" ")[2])
            for line in api.http.get("/metrics").text.splitlines()
            if line.startswith("zhibo_http_requests_total") and f'route="{route}"' in line
        )

    before = counted()
    api.http.get(path)
    if path == "/metrics":
        # Asking for the count is counted, too.
        assert counted() - before == 2
        return
    # Whoever has the last byte of a file may ask before the server has noted that it sent it.
    patience = monotonic() + 10
    while (found := counted() - before) == 0 and monotonic() < patience:
        sleep(0.05)
    assert found == 1


def test_a_request_keeps_its_id_and_gets_one_if_it_has_none_that_can_be_kept(api: Api) -> None:
    sent = api.http.get("/healthz", headers={"X-Request-Id": "abc-123"})
    assert sent.headers["x-request-id"] == "abc-123"
    for unfit in ("", "x" * 65, "a b", 'a"b', "<script>"):
        given = api.http.get("/healthz", headers={"X-Request-Id": unfit})
        assert len(given.headers["x-request-id"]) == 32
    assert sent.headers["cache-control"] == "no-store"
    assert sent.headers["x-content-type-options"] == "nosniff"


@pytest.fixture
def log() -> Iterator[io.BytesIO]:
    """Log as the server does, into this."""
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    file = io.BytesIO()
    configure_logs(file)
    yield file
    structlog.configure(**before)
    logging.root.handlers, logging.root.level = handlers, level


def test_an_exception_is_logged_by_its_kind_and_place_never_by_what_it_says(log: io.BytesIO) -> None:
    try:
        raise psycopg.errors.UniqueViolation("Key (owner)=(ana) already exists")
    except psycopg.Error as failure:
        structlog.get_logger("test").error("request failed", request="r1", exc_info=failure)
    logging.getLogger("somewhere").warning("seen %s", "twice")
    failed, warned = map(json.loads, log.getvalue().splitlines())
    assert (failed["event"], failed["request"], failed["level"]) == ("request failed", "r1", "error")
    assert failed["failure"] == "psycopg.errors.UniqueViolation"
    assert failed["trace"]
    assert "ana" not in json.dumps(failed)
    assert (warned["event"], warned["level"]) == ("seen twice", "warning")
