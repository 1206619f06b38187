"""What the environment says about serving HTTP: whose tokens count, where to listen, how much to take.

Every setting is an environment variable named ``ZHIBO_`` and the field, such as ``ZHIBO_ISSUER``.
"""

import os
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ledger.database import DatabaseSettings
from moderation.evidence.media import KNOWN_TYPES

#: Signatures that only the holder of a private key can make: never ``none``, nor a shared secret.
ASYMMETRIC_ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


class CannotServe(Exception):
    """The server cannot start as it is set up. Its text is one line that says why, and what to do."""


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path.expanduser()))


class Settings(BaseSettings):
    """How the HTTP server runs.

    ``issuer``, ``audience`` and one of ``jwks_url`` and ``jwks_file`` name who signs the tokens. In the
    ``sandbox`` the server signs them itself, with a key it keeps in ``data``.
    """

    model_config = SettingsConfigDict(env_prefix="ZHIBO_", env_ignore_empty=True, extra="ignore", frozen=True)

    sandbox: bool = False
    issuer: str | None = None
    audience: str | None = None
    jwks_url: str | None = None
    jwks_file: Path | None = None
    algorithms: Annotated[tuple[str, ...], NoDecode] = ("RS256", "ES256", "EdDSA", "Ed25519")
    subject_claim: str = "sub"
    roles_claim: str = "roles"
    clock_leeway_seconds: int = Field(default=10, ge=0, le=300)
    data: Annotated[Path, AfterValidator(_absolute)] = Field(
        default_factory=lambda: DatabaseSettings.from_environment().data
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    body_limit_bytes: int = Field(default=64 * 1024, ge=1024)
    #: A thousand tips fit, however long their texts, each character spelled \uXXXX\uXXXX; as do a rule book,
    #: a blacklist, and whatever else is that long.
    batch_limit_bytes: int = Field(default=10 * 1024 * 1024, ge=1024)
    head_timeout_seconds: float = Field(default=10, gt=0)
    body_timeout_seconds: float = Field(default=20, gt=0)
    most_connections: int = Field(default=1_000, gt=0)
    shutdown_timeout_seconds: int = Field(default=30, gt=0)
    worker: bool = True

    #: Where evidence is kept, encrypted; by default in the data folder.
    evidence: Annotated[Path, AfterValidator(_absolute)] | None = None
    evidence_limit_bytes: int = Field(default=20 * 1024 * 1024, ge=1024)
    evidence_types: Annotated[tuple[str, ...], NoDecode] = KNOWN_TYPES

    @field_validator("algorithms", "evidence_types", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(name.strip() for name in value.split(",")) if isinstance(value, str) else value

    @field_validator("algorithms")
    @classmethod
    def _asymmetric(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unfit = [name for name in value if name not in ASYMMETRIC_ALGORITHMS]
        if unfit or not value:
            raise ValueError(f"must name some of {', '.join(sorted(ASYMMETRIC_ALGORITHMS))}")
        return value

    @field_validator("evidence_types")
    @classmethod
    def _can_be_told(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or not set(value) <= set(KNOWN_TYPES):
            raise ValueError(f"must name some of {', '.join(KNOWN_TYPES)}")
        return value

    @field_validator("jwks_url")
    @classmethod
    def _confidential(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            url = urlsplit(value)
            is_confidential = url.scheme == "https" or (url.scheme == "http" and url.hostname in _LOCAL_HOSTS)
            is_whole = bool(url.hostname) and url.port != 0
        except ValueError:
            is_confidential = is_whole = False
        if not is_confidential or not is_whole:
            raise ValueError("must be an address that begins with https://")
        if url.username is not None or url.password is not None:
            raise ValueError("must name no user: the keys are public")
        return value

    @classmethod
    def from_environment(cls) -> Self:
        """Reads the ``ZHIBO_`` variables. Raises :class:`CannotServe` for one that makes no sense."""
        try:
            return cls()
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            name = "_".join(str(part) for part in first["loc"]).upper()
            raise CannotServe(f"ZHIBO_{name} {_sentence(first['msg'])}") from None

    def require_issuer(self) -> None:
        """Raises :class:`CannotServe` unless it is settled whose tokens count."""
        if self.sandbox:
            if self.issuer or self.jwks_url or self.jwks_file:
                raise CannotServe(
                    "ZHIBO_SANDBOX is set beside a real issuer: unset it, or ZHIBO_ISSUER and ZHIBO_JWKS_*"
                )
            return
        missing = [f"ZHIBO_{name.upper()}" for name in ("issuer", "audience") if not getattr(self, name)]
        if not (self.jwks_url or self.jwks_file):
            missing.append("ZHIBO_JWKS_URL (or ZHIBO_JWKS_FILE)")
        if missing:
            raise CannotServe(
                f"nobody to trust: set {', '.join(missing)}; or ZHIBO_SANDBOX=1 to sign tokens here"
            )
        if self.jwks_url and self.jwks_file:
            raise CannotServe("ZHIBO_JWKS_URL and ZHIBO_JWKS_FILE are both set: choose one")


def _sentence(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message if message.startswith("must") else f"is wrong: {message[:1].lower()}{message[1:]}"
