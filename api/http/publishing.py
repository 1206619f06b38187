"""Documents that finance publishes over HTTP, a version at a time: how one comes in, how it is shown."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from typing_extensions import TypedDict

from api.http.money import timestamp
from api.http.problems import Problem
from ledger.documents import InvalidDocument, sha256_of
from ledger.instants import instant_of
from ledger.versions import Text

DocumentT = TypeVar("DocumentT")


class DatedView(TypedDict):
    """Which version, from when on, and the SHA-256 of its canonical JSON (RFC 8785)."""

    version: str
    effective_at: str
    sha256: str


class TextView(TypedDict):
    """A version's text as it was published, and as the canonical JSON that `sha256` is of."""

    document: str
    canonical: str


def document_of(parse: Callable[[str], DocumentT], text: str, noun: str) -> DocumentT:
    """The document of a text. Raises the :class:`Problem` ``invalid``, naming the field of each fault."""
    try:
        return parse(text)
    except InvalidDocument as invalid:
        errors = [
            {"field": f"body.document.{field}".removesuffix("."), "message": message}
            for field, message in invalid.faults
        ]
        raise Problem("invalid", f"the {noun} cannot be read: {invalid}", errors=errors) from None


def dated_view(version: str, effective_at: datetime, canonical: bytes) -> DatedView:
    """A version that was published."""
    return {
        "version": version,
        "effective_at": timestamp(instant_of(effective_at)),
        "sha256": sha256_of(canonical),
    }


def text_view(text: Text) -> TextView:
    """A version's text, both ways."""
    return {"document": text.source, "canonical": text.document.decode()}
