"""Whose keys seal personal data: those of the environment, or in the sandbox some of our own."""

import base64
import json
import secrets
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.sandbox import claim_folder, keep_once
from api.settings import CannotServe, Settings
from ledger.sealing import KEY_BYTES, InvalidKeys, SealingKeys, read_keys

NO_KEYS = "no personal data can be kept: set ZHIBO_SEALING_KEYS (id:base64,…) and ZHIBO_MATCHING_KEY (base64)"

#: Where routes get the keys from; raises when there are none.
Keys = Callable[[], SealingKeys]


class SealingSettings(BaseSettings):
    """``ZHIBO_SEALING_KEYS`` and ``ZHIBO_MATCHING_KEY``, never shown."""

    model_config = SettingsConfigDict(env_prefix="ZHIBO_", env_ignore_empty=True, extra="ignore", frozen=True)

    sealing_keys: SecretStr | None = None
    matching_key: SecretStr | None = None


def sealing_keys(settings: Settings) -> SealingKeys | None:
    """The keys of this environment; None where it has none, and is no sandbox.

    Raises :class:`CannotServe`, in one line that shows no key, for what are no keys.
    """
    try:
        given = SealingSettings()
    except ValidationError:
        raise CannotServe("ZHIBO_SEALING_KEYS and ZHIBO_MATCHING_KEY must be texts") from None
    if given.sealing_keys and given.matching_key:
        return _read(given.sealing_keys.get_secret_value(), given.matching_key.get_secret_value())
    if given.sealing_keys or given.matching_key:
        raise CannotServe("ZHIBO_SEALING_KEYS and ZHIBO_MATCHING_KEY are set together, or not at all")
    return _of_sandbox(settings.data) if settings.sandbox else None


def require_sealing_keys(settings: Settings) -> SealingKeys:
    """The same, where nothing can be done without. Raises :class:`CannotServe`."""
    keys = sealing_keys(settings)
    if keys is None:
        raise CannotServe(NO_KEYS)
    return keys


def new_key() -> str:
    """A key nobody has, in base64."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _of_sandbox(data: Path) -> SealingKeys:
    """The sandbox's keys, made once and kept 0600 in the data folder."""
    path = data / "sandbox-sealing-keys.json"
    try:
        if not path.exists():
            claim_folder(data)
            keep_once(path, json.dumps({"sealing": f"sandbox:{new_key()}", "matching": new_key()}))
        kept = json.loads(path.read_bytes())
        return _read(kept["sealing"], kept["matching"])
    except OSError as error:
        raise CannotServe(f"the sandbox's keys {path} cannot be used: {error.strerror}") from None
    except (ValueError, LookupError, TypeError):
        raise CannotServe(f"{path} is damaged: what was sealed with it cannot be opened") from None


def _read(sealing: str, matching: str) -> SealingKeys:
    try:
        return read_keys(sealing, matching)
    except InvalidKeys as reason:
        raise CannotServe(f"ZHIBO_SEALING_KEYS or ZHIBO_MATCHING_KEY: {reason}") from None
