"""The folder of evidence: each file encrypted, and named by the SHA-256 of its content.

A file is whole or not there: it is written beside, synced, and then named. Its content is encrypted in
chunks (AES-256-GCM) under a key of its own, so that neither writing nor reading takes more memory than a
chunk. That key stands sealed under the house's in the file's first bytes, bound to the file's name: a file
under another name does not open, and when the house changes its key only those bytes are written anew.
"""

import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.sealing import CannotUnseal, SealedValue, SealingKeys
from moderation.evidence.media import MediaType

CHUNK_BYTES = 64 * 1024
_TAG_BYTES = 16
_HEAD_BYTES = 512
_FORMAT = "zhibo-evidence/1"
_KEPT_AS = "evidence"
#: Nobody writes on one file for so long.
_LEFT_SECONDS = 24 * 3600


class NotTaken(Exception):
    """A file that cannot become evidence. Its text is a line that says why."""


class TooLarge(NotTaken):
    """It is larger than the limit, in bytes."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"a file has at most {limit_bytes} bytes here")


class WrongType(NotTaken):
    """It is not what it is said to be, or nothing that is taken here."""


class FileLost(Exception):
    """A file that should be in the folder is not there, or does not open. Names the file by its hash."""


class Kept(NamedTuple):
    """A file that is in the folder: the hash of its content, what it is, and how many bytes."""

    sha256: bytes
    media_type: str
    size_bytes: int


class EvidenceFolder:
    """The files of all cases and reports, in the folder of the operator's choosing, 0600 in 0700."""

    def __init__(self, path: Path, *, limit_bytes: int, media_types: tuple[str, ...]) -> None:
        self.path = path
        self.limit_bytes = limit_bytes
        self.media_types = media_types

    def begin(self, keys: SealingKeys, media_type: str) -> "Draft":
        """A file that is about to come. Raises :class:`WrongType` for a type that is not taken."""
        if media_type not in self.media_types:
            raise WrongType(f"a file is one of {', '.join(self.media_types)} here")
        self._clear_away()
        return Draft(self, keys, media_type)

    def read(self, keys: SealingKeys, digest: bytes) -> Iterator[bytes]:
        """The content of a file, chunk by chunk, each proven before it is given.

        Raises :class:`FileLost`, at once when it is not there or its key does not open.
        """
        with _finding(digest):
            file = self._place_of(digest).open("rb")
        try:
            cipher = _cipher_of(_head_of(file, digest), keys, digest)
        except BaseException:
            file.close()
            raise
        return _chunks(file, cipher, digest)

    def fault(self, keys: SealingKeys, digest: bytes, size_bytes: int) -> str | None:
        """What is wrong with a file of the books, read to its last byte; None when nothing is."""
        found, length = sha256(), 0
        try:
            for chunk in self.read(keys, digest):
                found.update(chunk)
                length += len(chunk)
        except FileLost as reason:
            return str(reason)
        if found.digest() != digest or length != size_bytes:
            return f"evidence {digest.hex()} has other content than its name says"
        return None

    def reseal(self, keys: SealingKeys, digest: bytes) -> bool:
        """Seal the key of a file anew under the current one of the house; False when it is so already.

        Raises :class:`FileLost`.
        """
        place = self._place_of(digest)
        with _finding(digest), place.open("rb") as file:
            head = _head_of(file, digest)
            if head["key_id"] == keys.current:
                return False
            key = _unsealed(head, keys, digest)
            with self._beside() as beside:
                beside.file.write(_head(keys, digest, key))
                while part := file.read(CHUNK_BYTES):
                    beside.file.write(part)
                beside.name(place)
        return True

    def _place_of(self, digest: bytes) -> Path:
        """Where a file is; the name can hold nothing but the digits of its hash."""
        name = digest.hex()
        return self.path / name[:2] / name

    def _clear_away(self) -> None:
        """Remove what processes that died left half written."""
        latest = time.time() - _LEFT_SECONDS
        for path in self.path.glob(".*.part"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < latest:
                    path.unlink()

    def _beside(self) -> "_Unnamed":
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.chmod(0o700)
        return _Unnamed(self.path / f".{secrets.token_hex(16)}.part")


class _Unnamed:
    """A file that is being written; gone again unless it is given its name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
        self.file: BinaryIO = open(os.open(path, flags, 0o600), "w+b")  # noqa: SIM115 (closed on exit)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.path.unlink(missing_ok=True)

    def name(self, place: Path) -> None:
        """All of it is on the disk before it has its name, and the name before this returns."""
        self.file.flush()
        os.fsync(self.file.fileno())
        if not place.parent.is_dir():
            place.parent.mkdir(mode=0o700, exist_ok=True)
            _sync_folder(place.parent.parent)
        self.path.replace(place)
        _sync_folder(place.parent)


class Draft:
    """A file on its way into the folder. Leave it, as a context, without :meth:`keep` and it is gone."""

    def __init__(self, folder: EvidenceFolder, keys: SealingKeys, media_type: str) -> None:
        self._folder = folder
        self._keys = keys
        self._said = media_type
        self._told = MediaType()
        self._key = AESGCM.generate_key(256)
        self._cipher = AESGCM(self._key)
        self._hash = sha256()
        self._waiting = bytearray()
        self._length = 0
        self._chunks = 0
        self._unnamed = folder._beside()
        self._unnamed.file.write(bytes(_HEAD_BYTES))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self._unnamed.__exit__(*details)

    def add(self, part: bytes) -> None:
        """The next bytes of the content. Raises :class:`TooLarge` and :class:`WrongType` once that shows."""
        self._length += len(part)
        if self._length > self._folder.limit_bytes:
            raise TooLarge(self._folder.limit_bytes)
        self._told.add(part)
        if not self._told.could_be(self._said):
            raise _not_what_it_said(self._said)
        self._hash.update(part)
        self._waiting += part
        # The last chunk is marked as such: one is kept back until it is known whether more comes.
        while len(self._waiting) > CHUNK_BYTES:
            self._write(bytes(self._waiting[:CHUNK_BYTES]), is_last=False)
            del self._waiting[:CHUNK_BYTES]

    def keep(self) -> Kept:
        """The content is complete: put it into the folder, durably. Raises :class:`WrongType`."""
        if not self._length:
            raise WrongType("the file is empty")
        if self._told.told() != self._said:
            raise _not_what_it_said(self._said)
        self._write(bytes(self._waiting), is_last=True)
        digest = self._hash.digest()
        self._unnamed.file.seek(0)
        self._unnamed.file.write(_head(self._keys, digest, self._key))
        self._unnamed.name(self._folder._place_of(digest))
        return Kept(digest, self._said, self._length)

    def _write(self, chunk: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._chunks, is_last=is_last)
        self._unnamed.file.write(self._cipher.encrypt(nonce, chunk, None))
        self._chunks += 1


def _not_what_it_said(media_type: str) -> WrongType:
    return WrongType(f"the content is not {media_type}")


def _nonce(number: int, *, is_last: bool) -> bytes:
    """Of a chunk, by its number: a file's key is used for nothing else."""
    return (number << 1 | is_last).to_bytes(12, "big")


def _head(keys: SealingKeys, digest: bytes, key: bytes) -> bytes:
    name = digest.hex()
    envelope = keys.seal(_KEPT_AS, name, key.hex(), context=secrets.token_bytes(16))
    head = {"format": _FORMAT, "key_id": envelope.key_id, "sealed": envelope.sealed.hex()}
    return json.dumps(head).encode().ljust(_HEAD_BYTES)


def _head_of(file: BinaryIO, digest: bytes) -> dict[str, Any]:
    try:
        head = json.loads(file.read(_HEAD_BYTES))
        if head["format"] != _FORMAT:
            raise ValueError
        return {"key_id": str(head["key_id"]), "sealed": bytes.fromhex(head["sealed"])}
    except (ValueError, LookupError, TypeError):
        raise FileLost(f"evidence {digest.hex()} is damaged: it is no file of ours") from None


def _unsealed(head: dict[str, Any], keys: SealingKeys, digest: bytes) -> bytes:
    name = digest.hex()
    try:
        return bytes.fromhex(keys.unseal(SealedValue(0, name, _KEPT_AS, head["key_id"], head["sealed"])))
    except CannotUnseal:
        raise FileLost(
            f"evidence {name} does not open: it was altered, or key {head['key_id']!r} is not at hand"
        ) from None


def _cipher_of(head: dict[str, Any], keys: SealingKeys, digest: bytes) -> AESGCM:
    return AESGCM(_unsealed(head, keys, digest))


def _chunks(file: BinaryIO, cipher: AESGCM, digest: bytes) -> Iterator[bytes]:
    with file:
        number, sealed = 0, _next(file, digest)
        while sealed:
            after = _next(file, digest)
            try:
                yield cipher.decrypt(_nonce(number, is_last=not after), sealed, None)
            except InvalidTag:
                raise FileLost(f"evidence {digest.hex()} was altered, or cut short") from None
            number, sealed = number + 1, after
        if not number:
            raise FileLost(f"evidence {digest.hex()} was cut short")


def _next(file: BinaryIO, digest: bytes) -> bytes:
    with _finding(digest):
        return file.read(CHUNK_BYTES + _TAG_BYTES)


@contextmanager
def _finding(digest: bytes) -> Iterator[None]:
    """Tells of a file that cannot be read as one that is lost."""
    try:
        yield
    except OSError as error:
        raise FileLost(f"evidence {digest.hex()} cannot be read: {error.strerror}") from None


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
