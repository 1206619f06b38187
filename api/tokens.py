"""Who is calling: JSON Web Tokens (RFC 7519), verified against the issuer's key set.

A token's subject is the party; its roles say what it may ask for. Verified tokens are remembered for a
short while, so that a caller's next request costs a look-up instead of a signature check.
"""

import asyncio
import json
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

import structlog
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import Key, KeySet

from api.event_file.fields import Malformed, text
from api.settings import CannotServe, Settings

ROLES = ("viewer", "streamer", "gateway", "moderator", "finance")

_LONGEST_TOKEN = 8 * 1024
_REMEMBERED = 20_000
_REMEMBERED_SECONDS = 300
_KEYS_FRESH_SECONDS = 3_600
_KEYS_PAUSE_SECONDS = 60
_KEYS_RETRY_SECONDS = 5
_FETCH_SECONDS = 5
_LARGEST_KEY_SET = 1024 * 1024
#: Which kind of key makes which signatures, by an algorithm's first two letters (RFC 7518, RFC 8037).
_KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}

_log = structlog.get_logger(__name__)


class Caller(NamedTuple):
    """Someone who proved who they are: the party, and the roles they have."""

    party: str
    roles: frozenset[str]


class BadToken(Exception):
    """The token proves nothing. Its text says why, and repeats nothing of it."""


class KeysUnavailable(Exception):
    """The issuer's keys cannot be had now, so nobody can be told apart."""


class IssuerKeys:
    """The issuer's public keys: read when first needed, and again when a token names one we do not know."""

    def __init__(self, read: Callable[[], dict[str, Any]]) -> None:
        self._read = read
        self._keys: list[Key] | None = None
        self._tried_at = float("-inf")
        self._read_at = float("-inf")
        self._reading = threading.Lock()

    def find(self, header: dict[str, Any]) -> Key | None:
        """The key a token's header names; without a name, the only one that fits its algorithm."""
        algorithm, name = header.get("alg"), header.get("kid")
        fitting = [key for key in self._keys or () if _fits(key, str(algorithm))]
        if name is not None:
            return next((key for key in fitting if key.kid == name), None)
        return fitting[0] if len(fitting) == 1 else None

    def want(self, header: dict[str, Any]) -> bool:
        """Whether to read the keys anew: none fits, or they are old, and the last try was not just now."""
        now = time.monotonic()
        if now - self._read_at < _KEYS_FRESH_SECONDS and self.find(header):
            return False
        pause = _KEYS_RETRY_SECONDS if self._keys is None else _KEYS_PAUSE_SECONDS
        return now - self._tried_at >= pause

    def refresh(self) -> bool:
        """Read the keys again; False when that failed and the old ones stay. One thread at a time."""
        with self._reading:
            started = time.monotonic()
            if started - self._tried_at < _KEYS_RETRY_SECONDS:
                return True
            self._tried_at = started
            try:
                found = KeySet.import_key_set(self._read()).keys  # type: ignore[arg-type]
                keys = [key for key in found if key.key_type in _KEY_TYPES.values()]
            except (JoseError, OSError, ValueError, KeyError, TypeError) as failure:
                _log.warning("the issuer's keys cannot be read", reason=type(failure).__name__)
                return False
            if not keys:
                _log.warning("the issuer's keys cannot be read", reason="no public key among them")
                return False
            self._keys, self._read_at = keys, started
            return True

    @property
    def are_known(self) -> bool:
        """Whether they were ever read."""
        return self._keys is not None


def _fits(key: Key, algorithm: str) -> bool:
    return (
        key.key_type == _KEY_TYPES.get(algorithm[:2])
        and key.get("use") in (None, "sig")
        and key.get("alg") in (None, algorithm)
    )


class Tokens:
    """Tells callers from their tokens."""

    def __init__(self, settings: Settings, keys: IssuerKeys, *, issuer: str, audience: str) -> None:
        self._settings = settings
        self._keys = keys
        self._claims = jwt.JWTClaimsRegistry(
            leeway=settings.clock_leeway_seconds,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
        )
        self._remembered: dict[str, tuple[Caller, float]] = {}

    def remembered(self, token: str) -> Caller | None:
        """Who sent this token, if that was found out a short while ago."""
        known = self._remembered.get(token)
        return known[0] if known is not None and time.time() < known[1] else None

    async def caller(self, token: str) -> Caller:
        """Who sent this token. Raises :class:`BadToken`, and :class:`KeysUnavailable`."""
        known = self.remembered(token)
        if known:
            return known
        header = self._header(token)
        if self._keys.want(header) and await asyncio.to_thread(self._keys.refresh):
            self._remembered.clear()
        return self._verified(token, header)

    def _header(self, token: str) -> dict[str, Any]:
        if len(token) > _LONGEST_TOKEN:
            raise BadToken("the token is too long")
        try:
            header: dict[str, Any] = dict(jws.extract_compact(token.encode()).headers())
        except (JoseError, ValueError, TypeError, RecursionError):
            raise BadToken("the token is not a signed JSON Web Token") from None
        if header.get("alg") not in self._settings.algorithms:
            raise BadToken("the token is not signed by an algorithm that is accepted here")
        return header

    def _verified(self, token: str, header: dict[str, Any]) -> Caller:
        key = self._keys.find(header)
        if key is None:
            if not self._keys.are_known:
                raise KeysUnavailable
            raise BadToken("the token is signed by a key the issuer does not publish")
        try:
            claims = jwt.decode(token, key, algorithms=[header["alg"]]).claims
            self._claims.validate(claims)
            expires_at = float(claims["exp"])
        except ExpiredTokenError:
            raise BadToken("the token has expired") from None
        except (JoseError, ValueError, TypeError, OverflowError, RecursionError):
            raise BadToken("the token's signature, issuer, audience or time is wrong") from None
        caller = Caller(self._party(claims), self._roles(claims))
        self._remember(token, caller, expires_at)
        return caller

    def _party(self, claims: dict[str, Any]) -> str:
        try:
            return text(claims.get(self._settings.subject_claim))
        except Malformed:
            raise BadToken("the token's subject cannot be a party") from None

    def _roles(self, claims: dict[str, Any]) -> frozenset[str]:
        found = claims.get(self._settings.roles_claim)
        if found is None:
            found = claims
            for name in self._settings.roles_claim.split("."):
                found = found.get(name) if isinstance(found, dict) else None
        names = found.split() if isinstance(found, str) else found
        if not isinstance(names, list):
            return frozenset()
        return frozenset(name for name in names if isinstance(name, str)).intersection(ROLES)

    def _remember(self, token: str, caller: Caller, expires_at: float) -> None:
        while len(self._remembered) >= _REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[token] = caller, min(expires_at, time.time() + _REMEMBERED_SECONDS)


def keys_of(settings: Settings) -> IssuerKeys:
    """The keys of the issuer that the settings name. Raises :class:`CannotServe` for a file that is none."""
    if settings.jwks_file is not None:
        file = settings.jwks_file
        keys = IssuerKeys(lambda: _keys_in(file))
        if not keys.refresh():
            raise CannotServe(f"ZHIBO_JWKS_FILE {file} cannot be read as a set of public keys")
        return keys
    url = settings.jwks_url
    assert url is not None
    return IssuerKeys(lambda: _fetched(url))


def _keys_in(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_bytes())
    return found


class _NoRedirect(HTTPRedirectHandler):
    """The keys are where we were told they are, or nowhere."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _fetched(url: str) -> dict[str, Any]:
    opener = build_opener(_NoRedirect, HTTPSHandler(context=ssl.create_default_context()))
    request = Request(url, headers={"Accept": "application/json"})  # noqa: S310 - the settings took only https
    with opener.open(request, timeout=_FETCH_SECONDS) as answer:
        document = answer.read(_LARGEST_KEY_SET + 1)
    if len(document) > _LARGEST_KEY_SET:
        raise URLError("the key set is too large")
    found: dict[str, Any] = json.loads(document)
    return found
