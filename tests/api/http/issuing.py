"""An issuer of tokens for real: keys, signatures, and a key set served over HTTP."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from api.settings import Settings

ISSUER = "https://issuer.example"
AUDIENCE = "zhibo"


class Issuer:
    """Someone who signs tokens, with one key of each kind at first."""

    def __init__(self) -> None:
        self.keys: dict[str, Key] = {
            "RS256": RSAKey.generate_key(2048, parameters={"kid": "rsa"}),
            "ES256": ECKey.generate_key("P-256", parameters={"kid": "ec"}),
            "Ed25519": OKPKey.generate_key("Ed25519", parameters={"kid": "ed"}),
        }
        self.asked = 0
        self.is_down = False

    def key_set(self) -> dict[str, Any]:
        """What is published."""
        return {"keys": [key.as_dict(private=False) for key in self.keys.values()]}

    def public_pem(self) -> bytes:
        """The RSA public key, as anyone may have it."""
        key = self.keys["RS256"]
        assert isinstance(key, RSAKey)
        return key.as_pem(private=False)

    def token(self, algorithm: str = "RS256", *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token for viewer ana, with these claims instead or besides; None leaves one out."""
        key = self.keys[algorithm]
        headed = {"alg": algorithm, "kid": key.kid, **(header or {})}
        signed = jwt.encode(_without_none(headed), said(**claims), key, algorithms=[algorithm])
        return str(signed)

    @contextmanager
    def published(self) -> Iterator[str]:
        """The key set's URL, while it is served."""
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked += 1
                self.send_response(503 if issuer.is_down else 200)
                self.end_headers()
                self.wfile.write(json.dumps(issuer.key_set()).encode())

            def log_message(self, *_: Any) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/keys"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def said(**claims: Any) -> dict[str, Any]:
    """The claims of a good token, changed as asked."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ana", "roles": ["viewer"], "exp": now + 600}
    return _without_none({**good, **claims})


def raw_token(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    """A token put together by hand."""
    return f"{_part(json.dumps(header).encode())}.{_part(json.dumps(claims).encode())}.{_part(signature)}"


def signed_with_secret(secret: bytes, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A token signed by HMAC, as one who takes a public key for a shared secret would accept it."""
    unsigned = raw_token(header, claims).rpartition(".")[0]
    return f"{unsigned}.{_part(hmac.new(secret, unsigned.encode(), hashlib.sha256).digest())}"


def trusting(data: Path, **more: Any) -> Settings:
    """Settings of a server that trusts this issuer."""
    return Settings(sandbox=False, issuer=ISSUER, audience=AUDIENCE, data=data, **more)


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
