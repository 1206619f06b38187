"""Sealing: how personal values are kept so that a copy of the database tells nobody who is who.

A value is kept twice, both times unreadable: *sealed* by AES-256-GCM, to be opened by whoever holds the key
it names; and *hashed* under a matching key, so that equal values can be found without opening any. Sealing
keys are rotated; the matching key stays, or nothing old would match any more.
"""

import base64
import binascii
import hmac
import re
import unicodedata
from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple, Self
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12
_KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,40}")
#: A holder is the same person under either name.
_MATCHED_AS = {"holder": "name"}
#: The dots that are written between the parts of a name: 阿依古丽·买买提.
_DOTS = re.compile("[\u2022\u2027\u30fb\uff0e\uff65.]")


class InvalidKeys(ValueError):
    """What was given as keys are none. Says why in a line, and never a key."""


class CannotUnseal(Exception):
    """A sealed value cannot be opened: its key is not here, or it was tampered with."""


class Envelope(NamedTuple):
    """A sealed value, and which key opens it."""

    key_id: str
    sealed: bytes


class SealedValue(NamedTuple):
    """A personal value as it is kept."""

    entry: int
    field: str
    party: str
    key_id: str
    sealed: bytes


class Personal(msgspec.Struct, frozen=True, dict=True):
    """A personal value on its way into the books: its keyed hash, and its envelope beside it.

    Only the hash is what a command says, so only it is in the command's content hash: a retry is the same
    command even if the key was rotated meanwhile, and nothing can be guessed from the hash of a command.
    """

    digest: bytes

    @classmethod
    def enclosed(cls, digest: bytes, envelope: Envelope) -> Self:
        """A value in its envelope."""
        personal = cls(digest)
        personal.__dict__["envelope"] = envelope
        return personal

    @property
    def envelope(self) -> Envelope:
        """The value, sealed."""
        envelope: Envelope = self.__dict__["envelope"]
        return envelope


class SealingKeys:
    """The keys of a house: by id, the first of them the current one, and the one for matching."""

    def __init__(self, keys: Mapping[str, bytes], matching_key: bytes) -> None:
        if not keys:
            raise InvalidKeys("no sealing key is given")
        if any(len(key) != KEY_BYTES for key in (*keys.values(), matching_key)):
            raise InvalidKeys(f"a key is {KEY_BYTES} random bytes")
        if len({*keys.values(), matching_key}) != len(keys) + 1:
            raise InvalidKeys("a key is given twice")
        self.current = next(iter(keys))
        self._ciphers = {id: AESGCM(_derived(key, b"zhibo sealing")) for id, key in keys.items()}
        self._nonce_keys = {id: _derived(key, b"zhibo nonces") for id, key in keys.items()}
        self._matching_key = matching_key

    def __repr__(self) -> str:
        return f"SealingKeys({', '.join(self._ciphers)})"

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the keys at hand, the current one first."""
        return tuple(self._ciphers)

    def personal(self, command: UUID, party: str, field: str, value: str) -> Personal:
        """A value a command hands in, hashed and sealed; twice the same for the same command."""
        envelope = self.seal(party, field, value, context=command.bytes)
        return Personal.enclosed(self.digest(field, value), envelope)

    def digest(self, field: str, value: str) -> bytes:
        """What equal values have in common, and nobody without the matching key can reckon."""
        field = _MATCHED_AS.get(field, field)
        return hmac.digest(self._matching_key, f"{field}\0{matched(field, value)}".encode(), sha256)

    def seal(self, party: str, field: str, value: str, *, context: bytes) -> Envelope:
        """Seal a value under the current key, for this party and field only.

        The nonce is derived from the key, ``context``, field and value: it meets again only with the
        very same value, so no two values are ever sealed under one nonce.
        """
        text, bound = value.encode(), _bound(party, field)
        nonce_of = b"\0".join((context, bound, text))
        nonce = hmac.digest(self._nonce_keys[self.current], nonce_of, sha256)[:_NONCE_BYTES]
        return Envelope(self.current, nonce + self._ciphers[self.current].encrypt(nonce, text, bound))

    def unseal(self, value: SealedValue) -> str:
        """Open a value. Raises :class:`CannotUnseal`, which names the row and never the value."""
        where = f"{value.field} of entry {value.entry}"
        cipher = self._ciphers.get(value.key_id)
        if cipher is None:
            raise CannotUnseal(f"{where} is sealed under key {value.key_id!r}, which is not among the keys")
        nonce, sealed = value.sealed[:_NONCE_BYTES], value.sealed[_NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, sealed, _bound(value.party, value.field)).decode()
        except InvalidTag:
            raise CannotUnseal(f"{where} does not open with key {value.key_id!r}: it was altered") from None


def matched(field: str, value: str) -> str:
    """A value as it is compared: spelling that means nothing is gone."""
    plain = unicodedata.normalize("NFKC", value)
    if field == "number":
        return "".join(plain.split()).upper()
    if field == "account":
        return "".join(plain.split())
    spaced = " ".join(_DOTS.sub("\u00b7", plain).split())
    # Between Chinese characters a space separates nothing.
    return re.sub(r"(?<=[^\x00-\u02ff]) | (?=[^\x00-\u02ff])", "", spaced).casefold()


def read_keys(sealing: str, matching: str) -> SealingKeys:
    """Keys as settings have them: ``id:base64,…`` with the current one first, and one of base64.

    Raises :class:`InvalidKeys`.
    """
    keys: dict[str, bytes] = {}
    for part in sealing.split(","):
        id, colon, encoded = part.strip().partition(":")
        if not colon or not _KEY_ID.fullmatch(id):
            raise InvalidKeys("sealing keys are written id:base64, and separated by commas")
        if id in keys:
            raise InvalidKeys(f"key {id!r} is given twice")
        keys[id] = _decoded(encoded, f"key {id!r}")
    return SealingKeys(keys, _decoded(matching.strip(), "the matching key"))


def _decoded(encoded: str, what: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise InvalidKeys(f"{what} is not base64") from None
    if len(key) != KEY_BYTES:
        raise InvalidKeys(f"{what} has {len(key)} bytes, and {KEY_BYTES} are needed")
    return key


def _derived(key: bytes, purpose: bytes) -> bytes:
    return hmac.digest(key, purpose, sha256)


def _bound(party: str, field: str) -> bytes:
    """What a sealed value is bound to: put into another row it does not open."""
    return f"{party}\0{field}".encode()
