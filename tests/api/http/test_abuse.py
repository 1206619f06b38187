"""What is thrown at the door: each gets its 4xx, and the books stay as they are."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import uuid4

import httpx
import pytest

from tests.api.http.serving import Api, minor

_LIMIT = 64 * 1024


def _tip(api: Api, content: bytes | Iterator[bytes], **headers: str) -> httpx.Response:
    sent = {
        "Authorization": f"Bearer {api.token('viewer', party='v')}",
        "Idempotency-Key": str(uuid4()),
        "Content-Type": "application/json",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return api.http.post("/v1/tips", content=content, headers=sent)


def _is(response: httpx.Response, status: int, code: str) -> None:
    assert response.headers["content-type"] == "application/problem+json", response.text
    assert (response.status_code, response.json()["code"]) == (status, code), response.text


def test_an_oversized_body_is_refused_before_it_is_read(api: Api) -> None:
    _is(_tip(api, b'"' + b"x" * _LIMIT + b'"'), 413, "body_too_large")


def test_an_oversized_body_is_refused_when_it_does_not_say_how_long_it_is(api: Api) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(1_000):
            sent += 16 * 1024
            yield b" " * (16 * 1024)

    # It may hang up on us while we are still sending, which is as good.
    with suppress(httpx.WriteError):
        _is(_tip(api, endless()), 413, "body_too_large")
    assert sent < 1_000 * 16 * 1024


def test_a_body_of_exactly_the_limit_is_read(api: Api) -> None:
    body = b'{"quantity": 1}'
    _is(_tip(api, body + b" " * (_LIMIT - len(body))), 422, "invalid")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"7",
        b'"x"',
        b"{} {}",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b"[" * 30_000,
        b'{"a":' * 10_000,
        b"[" * 20_000 + b"]" * 20_000,
        b'{"quantity": NaN}',
        b'{"quantity": -Infinity}',
        b"9" * 60_000,
        b'{"quantity": ' + b"9" * 60_000 + b"}",
        b"{'quantity': 1}",
        b'{"quantity": 1,}',
        b'{"quantity": 01}',
        b'{"room": "\x00"}',
    ],
)
def test_what_is_no_json_object_of_the_right_shape_is_refused(api: Api, body: bytes) -> None:
    _is(_tip(api, body), 422, "invalid")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quantity", 0),
        ("quantity", -1),
        ("quantity", 1_000_000_001),
        ("quantity", 10**18),
        ("quantity", 10**400),
        ("quantity", 1.0),
        ("quantity", True),
        ("quantity", "1"),
        ("quantity", None),
        ("quantity", [1]),
        ("room", ""),
        ("room", "x" * 201),
        ("room", "a\x00b"),
        ("room", "a\nb"),
        ("room", "a\x7fb"),
        ("room", "a\x9fb"),
        ("room", "\ud800"),
        ("room", 7),
        ("room", {"$ne": None}),
        ("gift", ["rose"]),
        ("id", "7c0d1a52-1111-4000-8000-000000000001"),
        ("at", "2026-10-01T00:00:00Z"),
        ("__proto__", {}),
        ("x" * 1_000, 1),
    ],
)
def test_a_field_that_breaks_the_rules_is_named(api: Api, field: str, value: object) -> None:
    body = {"streamer": "s", "room": "r", "gift": "g", "quantity": 1, field: value}
    response = _tip(api, json.dumps(body).encode())
    _is(response, 422, "invalid")
    assert [error["field"] for error in response.json()["errors"]] == [f"body.{field}"[:65]]


def test_a_field_stated_twice_is_refused(api: Api) -> None:
    body = b'{"streamer": "s", "room": "r", "gift": "g", "quantity": 1, "quantity": 1}'
    _is(_tip(api, body), 422, "invalid")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "text/plain"},
        {"Content_Type": ""},
        {"Content_Type": "application/x-www-form-urlencoded"},
        {"Content_Type": "application/jsonp"},
        {"Content_Type": "application/json, application/json"},
        {"Content_Encoding": "gzip"},
        {"Content_Encoding": "identity, gzip"},
    ],
)
def test_what_is_not_said_to_be_plain_json_is_refused(api: Api, headers: dict[str, str]) -> None:
    _is(_tip(api, b"{}", **headers), 415, "media_type_unsupported")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "Application/JSON; charset=utf-8"},
        {"Content_Encoding": "Identity"},
        {"Content_Encoding": "IDENTITY"},
    ],
)
def test_plain_json_may_be_named_in_capitals(api: Api, headers: dict[str, str]) -> None:
    _is(_tip(api, b"{}", **headers), 422, "invalid")


@pytest.mark.parametrize(
    ("name", "others", "status", "code"),
    [
        ("Idempotency-Key", ["7c0d1a52-1111-4000-8000-000000000001"], 400, "idempotency_key_malformed"),
        ("Idempotency-Key", [""], 400, "idempotency_key_malformed"),
        ("Authorization", ["Bearer x"], 401, "token_invalid"),
        ("Authorization", ["Bearer x", "Bearer x"], 401, "token_invalid"),
        ("Content-Type", ["application/json"], 415, "media_type_unsupported"),
        ("Content-Type", ["text/plain"], 415, "media_type_unsupported"),
        ("Content-Encoding", ["identity"], 415, "media_type_unsupported"),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_header_that_stands_there_twice_is_refused(
    api: Api, name: str, others: list[str], status: int, code: str, is_first: bool
) -> None:
    viewer, streamer, gift = api.viewer(coins=10), api.streamer(), api.gift(10)
    good = {
        "Authorization": f"Bearer {api.token('viewer', party=viewer)}",
        "Idempotency-Key": str(uuid4()),
        "Content-Type": "application/json; charset=utf-8",
        "Content-Encoding": "identity",
    }
    doubled = [(name, other) for other in others]
    headers = [*doubled, *good.items()] if is_first else [*good.items(), *doubled]
    body = {"streamer": streamer, "room": "r", "gift": gift, "quantity": 1}
    _is(api.http.post("/v1/tips", content=json.dumps(body), headers=headers), status, code)
    assert minor(api.wallet(viewer)["posted"]) == 10


def test_what_is_not_asked_for_here_may_stand_there_twice(api: Api) -> None:
    headers = [
        ("Authorization", f"Bearer {api.token('viewer', party=api.viewer())}"),
        ("Via", "a"),
        ("Via", "b"),
    ]
    assert api.http.get("/v1/me/wallet", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "role"),
    [
        ("GET", "/v1/me/wallet?party=x", "viewer"),
        ("GET", "/v1/me/entries?limit=1&party=x", "viewer"),
        ("GET", "/v1/me/wallet?=", "viewer"),
        ("GET", "/v1/policies?page", "finance"),
        ("POST", "/v1/tips?viewer=x", "viewer"),
        ("POST", "/v1/tips/batch?dry_run=1", "gateway"),
        ("PUT", "/v1/limits?per_tip=5", "gateway"),
    ],
)
def test_a_query_that_asks_what_is_not_known_is_refused(api: Api, method: str, path: str, role: str) -> None:
    response = api.ask(method, path, role, {}, party=api.viewer())
    _is(response, 422, "invalid")
    assert response.json()["errors"][0]["field"].startswith("query.")


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/v1/me/entries?limit=5&limit=5", "viewer"),
        ("/v1/me/entries?cursor=5&limit=1&cursor=6", "viewer"),
        ("/v1/me/entries?limit=5&l%69mit=6", "viewer"),
        ("/v1/trial-balance?at=2026-10-01T00:00:00Z&at=2026-10-01T00:00:00Z", "finance"),
    ],
)
def test_a_query_that_asks_twice_is_refused(api: Api, path: str, role: str) -> None:
    response = api.ask("GET", path, role, party=api.viewer())
    _is(response, 422, "invalid")
    assert [error["message"] for error in response.json()["errors"]] == ["is stated twice"]


def test_of_many_faults_the_first_are_told_and_how_many_more_there_are(api: Api) -> None:
    body = {f"f{number}": 1 for number in range(1_000)}
    problem = _tip(api, json.dumps(body).encode()).json()
    # Four fields are missing, too.
    assert (len(problem["errors"]), problem["more_errors"]) == (100, 904)
    few = _tip(api, b"{}").json()
    assert len(few["errors"]) == 4
    assert "more_errors" not in few


@pytest.mark.parametrize("path", ["/v1/gifts/%ff", "/v1/gifts/%c3%28", "/v1/gifts/%ed%a0%80"])
def test_a_path_that_is_not_utf_8_is_refused(api: Api, path: str) -> None:
    headers = {"Authorization": f"Bearer {api.token('gateway')}"}
    _is(api.http.put(path, json={"coins": 1}, headers=headers), 400, "malformed_request")


@pytest.mark.parametrize("gift", ["%00", "%0a", "%7f", "x" * 201, ""])
def test_a_path_whose_text_breaks_the_rules_is_refused(api: Api, gift: str) -> None:
    headers = {"Authorization": f"Bearer {api.token('gateway')}"}
    _is(api.http.put(f"/v1/gifts/{gift}", json={"coins": 1}, headers=headers), 422, "invalid")


@pytest.mark.parametrize("id", ["7", "..", "%00", "0198f5a0-0000-6000-8000-000000000000", "' OR 1=1 --"])
def test_a_freeze_is_named_by_an_id_or_not_at_all(api: Api, id: str) -> None:
    response = api.ask("POST", f"/v1/freezes/{id}/lift", "moderator", {"case": "c"})
    assert response.status_code in (404, 422)
    assert response.json()["code"] in ("not_found", "invalid")


def test_foreign_objects_stay_foreign(api: Api) -> None:
    ana, bo, streamer, gift = api.viewer(coins=50), api.viewer(coins=50), api.streamer(), api.gift(5)
    tip = api.tip(ana, streamer, gift).json()
    body = {"party": ana, "account": "wallet", "amount": 5, "case": "c", "rule": "r"}
    freeze = api.done("POST", "/v1/freezes", "moderator", body)
    assert api.tip(bo, streamer, gift, viewer=ana).status_code == 403
    lift = api.ask("POST", f"/v1/freezes/{freeze['id']}/lift", "viewer", {"case": "c"}, party=ana)
    assert lift.status_code == 403
    reversal = api.ask("POST", f"/v1/entries/{tip['id']}/reversal", "viewer", {"reason": "r"}, party=ana)
    assert reversal.status_code == 403
    assert [minor(api.wallet(party)["available"]) for party in (ana, bo)] == [40, 50]


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /healthz\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"GET / HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n",
        b"\r\n" * 50,
    ],
)
def test_what_is_no_http_is_turned_away_and_the_server_lives(api: Api, request_line: bytes) -> None:
    host, port = api.http.base_url.host, api.http.base_url.port
    assert port is not None
    with socket.create_connection((host, port), timeout=5) as connection:
        connection.sendall(request_line)
        connection.shutdown(socket.SHUT_WR)
        assert b" 500 " not in connection.recv(65_536)
    assert api.http.get("/healthz").status_code == 200


def test_a_body_that_does_not_come_is_not_waited_for_for_ever(api: Api) -> None:
    head = (
        f"POST /v1/tips HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.token('viewer')}\r\n"
        f"Idempotency-Key: {uuid4()}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
    )
    assert api.settings.body_timeout_seconds <= 20
    assert api.http.base_url.port is not None
    service = api.app.state.service
    assert service.settings.body_timeout_seconds == api.settings.body_timeout_seconds
    with socket.create_connection((api.http.base_url.host, api.http.base_url.port), timeout=30) as connection:
        connection.sendall(head.encode())
        assert b" 408 " in connection.recv(65_536)


def test_a_long_document_keeps_nobody_waiting_while_it_is_read(api: Api) -> None:
    long = "\n".join(f"k{number}{'.deeper' * 90} = 1" for number in range(120))
    with ThreadPoolExecutor() as pool:
        reading = pool.submit(api.refused, "POST", "/v1/rules", "finance", {"document": long})
        answered = 0
        while not reading.done():
            api.http.get("/healthz").raise_for_status()
            answered += 1
    assert "faults more" in reading.result()["detail"]
    # One may be answered before it is looked at, one while it comes, and one at the end.
    assert answered > 5, "the server answered nobody meanwhile"
