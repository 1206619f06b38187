"""The sandbox: tokens signed by a key of our own, to try things out without an issuer."""

import json
import os
import time
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import OKPKey

from api.event_file.fields import Malformed, text
from api.settings import CannotServe, Settings
from api.tokens import ROLES, IssuerKeys, Tokens, keys_of
from ledger.database import DataFolder

ISSUER = "urn:zhibo:sandbox"
AUDIENCE = "zhibo"
LIFETIME_SECONDS = 12 * 3600

_ALGORITHM = "Ed25519"


def tokens_of(settings: Settings) -> Tokens:
    """Tells callers by whoever the settings trust: the issuer, or in the sandbox ourselves.

    Raises :class:`CannotServe` when that is not settled.
    """
    settings.require_issuer()
    if settings.sandbox:
        public = {"keys": [_key(settings.data).as_dict(private=False)]}
        sandboxed = settings.model_copy(
            update={"algorithms": (_ALGORITHM,), "subject_claim": "sub", "roles_claim": "roles"}
        )
        return Tokens(sandboxed, IssuerKeys(lambda: public), issuer=ISSUER, audience=AUDIENCE)
    assert settings.issuer is not None
    assert settings.audience is not None
    return Tokens(settings, keys_of(settings), issuer=settings.issuer, audience=settings.audience)


def sandbox_token(*roles: str, party: str, settings: Settings | None = None) -> str:
    """A token for a party in some roles, good for twelve hours at a server of the same sandbox.

    Raises :class:`CannotServe`, in one line, outside a sandbox and for a role or a party that cannot be.
    """
    settings = settings or Settings.from_environment()
    if not settings.sandbox:
        raise CannotServe("tokens are made in a sandbox only: set ZHIBO_SANDBOX=1")
    unknown = [role for role in roles if role not in ROLES]
    if unknown or not roles:
        raise CannotServe(f"a role is one of {', '.join(ROLES)}")
    try:
        text(party)
    except Malformed as reason:
        raise CannotServe(f"the party {reason}") from None
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": party,
        "roles": list(roles),
        "nbf": now,
        "exp": now + LIFETIME_SECONDS,
    }
    key = _key(settings.data)
    return jwt.encode({"alg": _ALGORITHM, "kid": key.kid}, claims, key, algorithms=[_ALGORITHM])


def _key(data: Path) -> OKPKey:
    """The sandbox's key, made once and kept 0600 in the data folder."""
    path = data / "sandbox-key.json"
    try:
        if not path.exists():
            claim_folder(data)
            key = OKPKey.generate_key("Ed25519", parameters={"use": "sig", "alg": _ALGORITHM}, auto_kid=True)
            keep_once(path, json.dumps(key.as_dict(private=True)))
        return OKPKey.import_key(json.loads(path.read_bytes()))
    except OSError as error:
        raise CannotServe(f"the sandbox's key {path} cannot be used: {error.strerror}") from None
    except ValueError:
        raise CannotServe(f"{path} is damaged: remove it, and old sandbox tokens with it") from None


def claim_folder(data: Path) -> None:
    """See that the folder is there, and is zhibo's."""
    folder = DataFolder(data)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not folder.start_lock.exists():
        if any(data.iterdir()):
            raise CannotServe(f"{data} holds something else than zhibo's data: choose another ZHIBO_DATA")
        folder.start_lock.touch(mode=0o600)


def keep_once(path: Path, content: str) -> None:
    """Keep a secret, unless another process does: whoever links its own first keeps the one that counts."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()
