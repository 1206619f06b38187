"""Versions of a document that people publish: each is in force until the next is, and is never changed."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol, TypeVar

#: Whether a version is in force at a moment, will be, or no longer is.
Standing = Literal["to come", "in force", "superseded"]


class Dated(Protocol):
    """A version by its name, and the instant from which it is in force."""

    @property
    def version(self) -> str: ...

    @property
    def effective_at(self) -> int: ...


VersionT = TypeVar("VersionT", bound=Dated)


class Text(NamedTuple):
    """A version as people wrote it (TOML), and as its hash is of it (canonical JSON)."""

    source: str
    document: bytes


class NoSuchVersion(LookupError):
    """No version of that name was published. Its text is one line for people."""


def in_force(versions: Sequence[VersionT], instant: int) -> VersionT:
    """Which of these versions, the earliest first, counts for what happens at an instant.

    There is at least one; the first also counts for what was before it.
    """
    behind = bisect_right(versions, instant, key=lambda version: version.effective_at)
    return versions[max(behind - 1, 0)]


def standing_of(version: Dated, versions: Sequence[Dated], instant: int) -> Standing:
    """How a version stands at an instant, among all of them in order."""
    current = in_force(versions, instant)
    if version.effective_at > current.effective_at:
        return "to come"
    return "in force" if version.version == current.version else "superseded"
