"""Payees over HTTP: handed in by the gateway, masked for everybody, and only where there are keys."""

import base64
import json
import logging
from pathlib import Path
from uuid import uuid4

import pytest

from api.sealing import require_sealing_keys, sealing_keys
from api.settings import CannotServe, Settings
from ledger.database import Database
from tests.api.command_line import is_one_line, zhibo
from tests.api.http.serving import Api, Json, sandbox, serving
from tests.settlement.payees.sample import (
    BANK_ACCOUNT,
    BORN,
    LICENCE,
    NAME,
    NUMBER,
    OTHER_NAME,
    STUDIO,
)

PERSON = {"kind": "person", "name": NAME, "number": NUMBER, "birth_date": BORN}
ORGANISATION = {"kind": "organisation", "name": STUDIO, "number": LICENCE, "representative": NAME}
ACCOUNT = {"channel": "bank", "account": BANK_ACCOUNT, "holder": NAME}


def verified(api: Api, body: Json | None = None) -> str:
    """A new streamer, verified."""
    party = api.streamer()
    api.done("POST", f"/v1/parties/{party}/verification", "gateway", body or PERSON)
    return party


def test_a_payee_sees_itself_masked_and_so_does_finance(api: Api) -> None:
    party = verified(api)
    api.done("POST", "/v1/me/payee-account", "streamer", ACCOUNT, party=party)
    seen = api.done("GET", "/v1/me/payee", "streamer", party=party)
    assert seen == {
        "party": party,
        "kind": "person",
        "name": "王**",
        "number": "****571X",
        "account": {
            "channel": "bank",
            "account": "****4567",
            "holder": "王**",
            "is_in_verified_name": True,
        },
        "invoiced": {"amount": "0.00", "currency": "CNY"},
    }
    assert api.done("GET", f"/v1/parties/{party}/payee", "finance") == seen


def test_whoever_was_not_verified_is_not_found(api: Api) -> None:
    party = api.streamer()
    problem = api.refused("GET", "/v1/me/payee", "streamer", party=party)
    assert (problem["status"], problem["code"]) == (404, "not_found")


def test_a_retry_gets_the_first_answer_and_other_content_a_conflict(api: Api) -> None:
    party, key = api.streamer(), uuid4()
    path = f"/v1/parties/{party}/verification"
    first, again = (api.ask("POST", path, "gateway", PERSON, key=key) for _ in range(2))
    assert (first.status_code, again.status_code, again.headers.get("idempotency-replayed")) == (
        201,
        201,
        "true",
    )
    assert first.content == again.content
    changed = api.refused("POST", path, "gateway", {**PERSON, "name": OTHER_NAME}, key=key)
    assert changed["code"] == "id_conflict"


def test_a_streamer_sets_its_own_account_and_nobody_elses(api: Api) -> None:
    party, other = verified(api), verified(api)
    api.done("POST", "/v1/me/payee-account", "streamer", ACCOUNT, party=party)
    refused = api.refused("POST", f"/v1/parties/{other}/payee-account", "streamer", ACCOUNT, party=party)
    assert refused["code"] == "forbidden"
    assert api.done("GET", f"/v1/parties/{other}/payee", "gateway")["account"] is None
    api.done("POST", f"/v1/parties/{other}/payee-account", "gateway", ACCOUNT)
    assert api.done("GET", f"/v1/parties/{other}/payee", "gateway")["account"]["account"] == "****4567"


def test_an_organisation_hands_in_its_invoices(api: Api) -> None:
    party = verified(api, ORGANISATION)
    for number, amount in (("24312000000000000001", "100.00"), ("24312000000000000002", "0.01")):
        invoice = {"number": number, "amount": amount}
        api.done("POST", "/v1/me/invoices", "streamer", invoice, party=party)
    assert api.refused("POST", f"/v1/parties/{party}/invoices", "gateway", invoice)["code"] == (
        "invoice_already_handed_in"
    )
    seen = api.done("GET", "/v1/me/payee", "streamer", party=party)
    assert (seen["name"], seen["invoiced"]["amount"]) == ("上" + "*" * 8, "100.01")


def named(error: Json) -> str:
    """A fault with its field: `number is missing`."""
    return f"{error['field'].removeprefix('body.')} {error['message']}"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"number": NUMBER[:-1] + "1"}, "number is not an ID number: its check digit is wrong"),
        ({"number": None}, "number is missing"),
        ({"birth_date": "1990-03-08"}, "number has another birth date in it"),
        ({"birth_date": "1990-3-7"}, "is not a date such as 1990-01-01"),
        ({"birth_date": "1990-02-30"}, "is not a date such as 1990-01-01"),
        ({"birth_date": 19900307}, "is not a date such as 1990-01-01"),
        ({"name": "　"}, "name is blank"),
        ({"kind": "robot"}, "is not one of person, organisation"),
        ({"representative": NAME}, "representative is of organisations only"),
        ({"kind": "organisation"}, "birth_date is of persons only"),
        (
            {**ORGANISATION, "birth_date": None, "number": LICENCE[:-1] + "T"},
            "is not a unified social credit code",
        ),
        ({"wages": "1"}, "is not a field that is known here"),
    ],
)
def test_a_verification_that_cannot_be_is_refused_without_repeating_it(
    api: Api, change: Json, message: str
) -> None:
    party = api.streamer()
    problem = api.refused("POST", f"/v1/parties/{party}/verification", "gateway", {**PERSON, **change})
    assert problem["status"] == 422
    assert any(message in named(error) for error in problem["errors"]), problem
    for secret in (NAME, NUMBER[:-1], BORN):
        assert secret not in json.dumps(problem, ensure_ascii=False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"account": "12"}, "account is not 8 to 30 digits"),
        ({"channel": "wechat", "account": "王小明"}, "account is not an openid"),
        ({"channel": "cash"}, "is not one of bank, wechat, alipay"),
        ({"holder": " "}, "holder is blank"),
    ],
)
def test_an_account_that_cannot_be_is_refused(api: Api, change: Json, message: str) -> None:
    problem = api.refused("POST", "/v1/me/payee-account", "streamer", {**ACCOUNT, **change})
    assert problem["status"] == 422
    assert any(message in named(error) for error in problem["errors"]), problem


def test_neither_answers_nor_logs_repeat_what_was_handed_in(
    empty_database: Database,
    sandbox_data: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    # What it printed is read when it has stopped: it writes down a request after the answer has left.
    with serving(empty_database, sandbox(sandbox_data)) as api:
        party = api.streamer()
        bodies = [
            ("POST", f"/v1/parties/{party}/verification", "gateway", PERSON),
            ("POST", f"/v1/parties/{party}/verification", "gateway", {**PERSON, "number": NUMBER[:-1] + "0"}),
            ("POST", "/v1/me/payee-account", "streamer", ACCOUNT),
            ("POST", "/v1/me/payee-account", "streamer", {**ACCOUNT, "holder": OTHER_NAME}),
            ("GET", "/v1/me/payee", "streamer", None),
        ]
        said = "".join(api.ask(*body, party=party).text for body in bodies)
    printed = capfd.readouterr()
    for text in (said, caplog.text, printed.out, printed.err):
        for secret in (NAME, NUMBER[:-1], BANK_ACCOUNT, OTHER_NAME):
            assert secret not in text


def test_without_keys_personal_data_is_refused_and_all_else_served(
    empty_database: Database, sandbox_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.settlement.payees.sealing_keys", lambda _settings: None)
    with serving(empty_database, sandbox(sandbox_data)) as api:
        party = api.streamer()
        path = f"/v1/parties/{party}/verification"
        problem = api.refused("POST", path, "gateway", PERSON)
        assert (problem["status"], problem["code"]) == (503, "sealing_keys_missing")
        assert "ZHIBO_SEALING_KEYS" in problem["detail"]
        ticket = {"about": "other", "text": "why?"}
        assert (
            api.refused("POST", "/v1/me/tickets", "streamer", ticket, party=party)["code"] == problem["code"]
        )
        assert api.done("GET", "/v1/me/tickets", "streamer", party=party)["tickets"] == []
        assert (
            api.refused(
                "POST", "/v1/me/invoices", "streamer", {"number": "1", "amount": "1.00"}, party=party
            )["code"]
            == "payee_not_verified"
        )


def _environment(monkeypatch: pytest.MonkeyPatch, sealing: str | None, matching: str | None) -> None:
    for name, value in (("ZHIBO_SEALING_KEYS", sealing), ("ZHIBO_MATCHING_KEY", matching)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)


_KEY = base64.b64encode(b"k" * 32).decode()
_OTHER = base64.b64encode(b"m" * 32).decode()


def test_keys_come_from_the_environment_or_in_a_sandbox_from_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Settings(sandbox=False, data=tmp_path)
    _environment(monkeypatch, None, None)
    assert sealing_keys(real) is None
    with pytest.raises(CannotServe, match="set ZHIBO_SEALING_KEYS"):
        require_sealing_keys(real)
    made, again = (sealing_keys(sandbox(tmp_path)) for _ in range(2))
    assert made is not None
    assert again is not None
    assert made.digest("name", NAME) == again.digest("name", NAME)
    kept = tmp_path / "sandbox-sealing-keys.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    _environment(monkeypatch, f"2026:{_KEY}", _OTHER)
    found = sealing_keys(real)
    assert found is not None
    assert found.ids == ("2026",)


@pytest.mark.parametrize(
    ("sealing", "matching", "reason"),
    [
        (f"2026:{_KEY}", None, "set together, or not at all"),
        (None, _KEY, "set together, or not at all"),
        (f"2026:{_KEY}", _KEY, "a key is given twice"),
        ("2026:short", _KEY, "key '2026'"),
    ],
)
def test_bad_keys_are_said_in_a_line_that_shows_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sealing: str | None, matching: str | None, reason: str
) -> None:
    _environment(monkeypatch, sealing, matching)
    with pytest.raises(CannotServe, match=reason) as refused:
        sealing_keys(Settings(sandbox=False, data=tmp_path))
    assert "\n" not in str(refused.value)
    assert _KEY not in str(refused.value)


def test_keys_are_made_and_rotated_at_the_command_line(data_folder: Path) -> None:
    made = zhibo(data_folder, "keys", "new", "2026-11").stdout.decode().strip()
    matching = zhibo(data_folder, "keys", "new", "matching").stdout.decode().strip()
    keys = {"ZHIBO_SEALING_KEYS": made, "ZHIBO_MATCHING_KEY": matching}
    rotated = zhibo(data_folder, "keys", "rotate", stdin=b"", **keys)
    assert (rotated.returncode, rotated.stdout.decode()) == (0, "0 values sealed anew under key '2026-11'\n")
    for refused in (
        zhibo(data_folder, "keys", "new", "a:b"),
        zhibo(data_folder, "keys", "rotate"),
        zhibo(data_folder, "keys", "rotate", stdin=b"", **{**keys, "ZHIBO_MATCHING_KEY": "x"}),
    ):
        assert refused.returncode in (1, 2)
        assert is_one_line(refused.stderr), refused.stderr
        assert matching.encode() not in refused.stderr
