"""Tokens: who is let in as whom, and which are turned away."""

import asyncio
import json
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey

from api.sandbox import sandbox_token, tokens_of
from api.settings import CannotServe, Settings
from api.tokens import BadToken, Caller, KeysUnavailable, Tokens
from ledger.database import Database
from tests.api.http.issuing import AUDIENCE, ISSUER, Issuer, raw_token, said, signed_with_secret, trusting
from tests.api.http.serving import Api, sandbox, serving


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture(scope="module")
def guarded(issuer: Issuer, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A server that trusts the issuer by its key set in a file."""
    folder = tmp_path_factory.mktemp("keys")
    file = folder / "jwks.json"
    file.write_text(json.dumps(issuer.key_set()))
    with serving(database, trusting(folder, jwks_file=file)) as api:
        yield api


def _knock(api: Api, token: str) -> httpx.Response:
    return api.http.get("/v1/me/wallet", headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "Ed25519"])
def test_a_good_token_of_each_accepted_kind_is_let_in(guarded: Api, issuer: Issuer, algorithm: str) -> None:
    for _ in range(2):
        response = _knock(guarded, issuer.token(algorithm))
        assert (response.status_code, response.json()["code"]) == (404, "account_not_found")


_WRONG: dict[str, Callable[[Issuer], str]] = {
    "expired": lambda issuer: issuer.token(exp=int(time.time()) - 60),
    "without expiry": lambda issuer: issuer.token(exp=None),
    "with an expiry that is no time": lambda issuer: issuer.token(exp="tomorrow"),
    "with an expiry beyond all time": lambda issuer: issuer.token(exp=10**400),
    "not valid yet": lambda issuer: issuer.token(nbf=int(time.time()) + 600),
    "of another issuer": lambda issuer: issuer.token(iss="https://other.example"),
    "without issuer": lambda issuer: issuer.token(iss=None),
    "for another audience": lambda issuer: issuer.token(aud="shop"),
    "without audience": lambda issuer: issuer.token(aud=None),
    "without subject": lambda issuer: issuer.token(sub=None),
    "with an empty subject": lambda issuer: issuer.token(sub=""),
    "with a subject that is no text": lambda issuer: issuer.token(sub=7),
    "with a control character in its subject": lambda issuer: issuer.token(sub="a\x00"),
    "unsigned": lambda _: raw_token({"alg": "none"}, said()),
    "unsigned in capitals": lambda _: raw_token({"alg": "None", "kid": "rsa"}, said()),
    "with its signature cut off": lambda issuer: issuer.token().rpartition(".")[0] + ".",
    "tampered with": lambda issuer: _tampered(issuer.token()),
    "signed with the public key as a secret": lambda issuer: signed_with_secret(
        issuer.public_pem(), {"alg": "HS256", "kid": "rsa"}, said()
    ),
    "signed by a stranger under a known name": lambda _: _strangers(),
    "naming an unknown key": lambda issuer: issuer.token(header={"kid": "unknown"}),
    "naming a key of another kind": lambda issuer: issuer.token(header={"kid": "ec"}),
    "bringing its own key": lambda issuer: issuer.token(
        header={"kid": "mine", "jwk": issuer.keys["RS256"].as_dict(private=False)}
    ),
    "demanding an unknown extension": lambda issuer: raw_token(
        {"alg": "RS256", "kid": "rsa", "crit": ["x"], "x": 1}, said(), b"signature"
    ),
    "too long": lambda issuer: issuer.token(note="x" * 9_000),
    "no token": lambda _: "rubbish",
    "three dots": lambda _: "...",
    "deeply nested": lambda _: raw_token({"alg": "RS256", "kid": [[[]]]}, {}, b"x"),
}


def _tampered(token: str) -> str:
    header, _, signature = token.split(".")
    claims = raw_token({}, said(sub="bo")).split(".")[1]
    return f"{header}.{claims}.{signature}"


def _strangers() -> str:
    stranger = Issuer()
    stranger.keys["RS256"] = RSAKey.generate_key(2048, parameters={"kid": "rsa"})
    return stranger.token()


@pytest.mark.parametrize("what", _WRONG)
def test_a_token_is_turned_away_that_is(guarded: Api, issuer: Issuer, what: str) -> None:
    token = _WRONG[what](issuer)
    response = _knock(guarded, token)
    assert (response.status_code, response.json()["code"]) == (401, "token_invalid"), what
    assert 'error="invalid_token"' in response.headers["www-authenticate"]
    assert token not in response.text


@pytest.mark.parametrize("header", ["", "Bearer", "Basic YTpi", "bearer", "Token x"])
def test_without_a_bearer_token_one_is_asked_for(guarded: Api, header: str) -> None:
    response = guarded.http.get("/v1/me/wallet", headers={"Authorization": header} if header else {})
    assert (response.status_code, response.json()["code"]) == (401, "token_required")


def _roles(tokens: Tokens, token: str) -> Caller:
    return asyncio.run(tokens.caller(token))


@pytest.mark.parametrize(
    ("claim", "claims"),
    [
        ("roles", {"roles": ["viewer", "finance", "admin", 7]}),
        ("scope", {"scope": "viewer openid finance"}),
        ("realm_access.roles", {"realm_access": {"roles": ["finance", "viewer"]}}),
        ("https://zhibo.example/roles", {"https://zhibo.example/roles": ["finance", "viewer"]}),
    ],
)
def test_roles_are_read_from_the_claim_of_the_settings(
    issuer: Issuer, tmp_path: Path, claim: str, claims: dict[str, Any]
) -> None:
    tokens = tokens_of(trusting(tmp_path, jwks_file=_key_file(issuer, tmp_path), roles_claim=claim))
    caller = _roles(tokens, issuer.token(**{"roles": None, **claims}))
    assert caller == Caller("ana", frozenset({"viewer", "finance"}))


@pytest.mark.parametrize("roles", [None, 7, {}, {"viewer": True}, [["viewer"]], "root"])
def test_roles_that_are_none_of_ours_open_no_door(issuer: Issuer, tmp_path: Path, roles: object) -> None:
    tokens = tokens_of(trusting(tmp_path, jwks_file=_key_file(issuer, tmp_path)))
    assert _roles(tokens, issuer.token(roles=roles)).roles == frozenset()


def test_the_subject_is_read_from_the_claim_of_the_settings(issuer: Issuer, tmp_path: Path) -> None:
    settings = trusting(tmp_path, jwks_file=_key_file(issuer, tmp_path), subject_claim="uid")
    assert _roles(tokens_of(settings), issuer.token(uid="u-1")).party == "u-1"


def test_a_token_is_remembered_no_longer_than_it_is_good(
    issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = tokens_of(trusting(tmp_path, jwks_file=_key_file(issuer, tmp_path)))
    token = issuer.token(exp=int(time.time()) + 100)
    assert _roles(tokens, token) == tokens.remembered(token)
    later = time.time() + 200
    monkeypatch.setattr(time, "time", lambda: later)
    assert tokens.remembered(token) is None
    with pytest.raises(BadToken, match="expired"):
        _roles(tokens, token)


def test_keys_are_fetched_when_first_needed_and_again_for_an_unknown_name_but_not_at_every_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer = Issuer()
    with issuer.published() as url:
        tokens = tokens_of(trusting(tmp_path, jwks_url=url))
        assert issuer.asked == 0
        _roles(tokens, issuer.token())
        _roles(tokens, issuer.token("ES256"))
        assert issuer.asked == 1
        issuer.keys["RS256"] = RSAKey.generate_key(2048, parameters={"kid": "rsa-2"})
        for _ in range(3):
            with pytest.raises(BadToken, match="key"):
                _roles(tokens, issuer.token())
        assert issuer.asked == 1
        later = time.monotonic() + 61
        monkeypatch.setattr(time, "monotonic", lambda: later)
        assert _roles(tokens, issuer.token()).party == "ana"
        assert issuer.asked == 2


def test_nobody_is_let_in_while_the_issuer_cannot_be_reached_and_all_are_asked_to_come_again(
    database: Database, tmp_path: Path
) -> None:
    issuer = Issuer()
    issuer.is_down = True
    with issuer.published() as url, serving(database, trusting(tmp_path, jwks_url=url)) as api:
        response = _knock(api, issuer.token())
        assert (response.status_code, response.json()["code"]) == (503, "keys_unavailable")
        assert int(response.headers["retry-after"]) > 0


def test_keys_that_are_known_serve_on_while_the_issuer_is_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer = Issuer()
    with issuer.published() as url:
        tokens = tokens_of(trusting(tmp_path, jwks_url=url))
        _roles(tokens, issuer.token())
        issuer.is_down = True
        later = time.monotonic() + 10_000
        monkeypatch.setattr(time, "monotonic", lambda: later)
        assert _roles(tokens, issuer.token(jti="new")).party == "ana"
        assert issuer.asked == 2


def test_an_issuer_that_was_never_reached_is_tried_again(tmp_path: Path) -> None:
    issuer = Issuer()
    tokens = tokens_of(trusting(tmp_path, jwks_url="http://127.0.0.1:9/keys"))
    with pytest.raises(KeysUnavailable):
        _roles(tokens, issuer.token())


def _key_file(issuer: Issuer, folder: Path) -> Path:
    file = folder / "jwks.json"
    file.write_text(json.dumps(issuer.key_set()))
    return file


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, ["ZHIBO_ISSUER", "ZHIBO_AUDIENCE", "ZHIBO_JWKS_URL", "ZHIBO_SANDBOX=1"]),
        ({"ISSUER": ISSUER, "AUDIENCE": AUDIENCE}, ["ZHIBO_JWKS_URL"]),
        ({"ISSUER": ISSUER, "JWKS_FILE": "x"}, ["ZHIBO_AUDIENCE"]),
        ({"ISSUER": ISSUER, "AUDIENCE": AUDIENCE, "JWKS_FILE": "/nowhere"}, ["ZHIBO_JWKS_FILE", "/nowhere"]),
        ({"ISSUER": ISSUER, "AUDIENCE": AUDIENCE, "JWKS_FILE": "x", "JWKS_URL": "https://x"}, ["both"]),
        ({"SANDBOX": "1", "ISSUER": ISSUER}, ["ZHIBO_SANDBOX", "ZHIBO_ISSUER"]),
        ({"JWKS_URL": "http://issuer.example"}, ["ZHIBO_JWKS_URL", "https://"]),
        ({"JWKS_URL": "http://localhost:1@evil.example/"}, ["ZHIBO_JWKS_URL", "https://"]),
        ({"JWKS_URL": "http://127.0.0.1:80@evil.example/"}, ["ZHIBO_JWKS_URL", "https://"]),
        ({"JWKS_URL": "http://localhost.evil.example/"}, ["ZHIBO_JWKS_URL", "https://"]),
        ({"JWKS_URL": "https://user:secret@issuer.example/"}, ["ZHIBO_JWKS_URL", "no user"]),
        ({"JWKS_URL": "https://"}, ["ZHIBO_JWKS_URL", "https://"]),
        ({"JWKS_URL": "https://[issuer.example/"}, ["ZHIBO_JWKS_URL", "https://"]),
        ({"ALGORITHMS": "RS256,none"}, ["ZHIBO_ALGORITHMS"]),
        ({"ALGORITHMS": "HS256"}, ["ZHIBO_ALGORITHMS"]),
        ({"PORT": "http"}, ["ZHIBO_PORT"]),
        ({"SANDBOX": "perhaps"}, ["ZHIBO_SANDBOX"]),
    ],
)
def test_a_server_that_cannot_tell_callers_apart_does_not_start(
    variables: dict[str, str], words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZHIBO_SANDBOX", raising=False)
    monkeypatch.setenv("ZHIBO_DATA", str(tmp_path))
    for name, value in variables.items():
        monkeypatch.setenv(f"ZHIBO_{name}", value)
    with pytest.raises(CannotServe) as refused:
        tokens_of(Settings.from_environment())
    assert all(word in str(refused.value) for word in words), str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("url", ["https://issuer.example/keys", "HTTPS://i.example", "http://[::1]:8080/k"])
def test_keys_may_be_fetched_from(url: str, tmp_path: Path) -> None:
    assert trusting(tmp_path, jwks_url=url).jwks_url == url


@pytest.mark.parametrize("keys", [[], [OctKey.generate_key(256).as_dict()]], ids=["none", "shared secrets"])
def test_a_key_set_without_public_keys_is_refused_at_the_start(keys: list[Any], tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": keys}))
    with pytest.raises(CannotServe, match="public keys"):
        tokens_of(trusting(tmp_path, jwks_file=file))


def test_a_sandbox_keeps_one_key_to_itself_and_signs_with_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    settings = sandbox(data)
    token = sandbox_token("viewer", "streamer", party="ana", settings=settings)
    key = data / "sandbox-key.json"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    kept = key.read_bytes()
    assert _roles(tokens_of(settings), token) == Caller("ana", frozenset({"viewer", "streamer"}))
    assert key.read_bytes() == kept
    other = sandbox(tmp_path / "other")
    with pytest.raises(BadToken):
        _roles(tokens_of(other), token)


def test_no_token_is_made_outside_a_sandbox_nor_for_a_role_or_party_that_cannot_be(tmp_path: Path) -> None:
    outside = trusting(tmp_path)
    with pytest.raises(CannotServe, match="ZHIBO_SANDBOX=1"):
        sandbox_token("viewer", party="ana", settings=outside)
    with pytest.raises(CannotServe, match="viewer, streamer"):
        sandbox_token("root", party="ana", settings=sandbox(tmp_path))
    with pytest.raises(CannotServe, match="the party"):
        sandbox_token("viewer", party="", settings=sandbox(tmp_path))


def test_a_folder_of_somebody_elses_things_is_not_made_a_sandbox(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("private")
    with pytest.raises(CannotServe, match="something else"):
        sandbox_token("viewer", party="ana", settings=sandbox(tmp_path))
