"""The versions of the policy: which was published when, and which is in force at a moment.

Versions follow each other by ``effective_at``; each is in force until the next is. The first also covers
what was received before any was published.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Literal, NamedTuple

from sqlalchemy import Connection, select

from ledger.instants import instant_of
from ledger.kernel.posted import SEQS_PER_MICROSECOND
from settlement.policies.document import Policy, published
from settlement.policies.tables import policies

#: Whether a version is in force at a moment, will be, or no longer is.
Standing = Literal["to come", "in force", "superseded"]


class Version(NamedTuple):
    """A published version. ``effective_at`` is an instant, ``sha256`` that of the canonical document."""

    entry: int
    version: str
    effective_at: int
    sha256: str
    policy: Policy

    @property
    def published_at(self) -> int:
        """When it was published, an instant."""
        return self.entry // SEQS_PER_MICROSECOND


class NoSuchVersion(LookupError):
    """No version of that name was published."""


def versions(connection: Connection, upto_seq: int | None = None) -> list[Version]:
    """The versions published up to ``upto_seq`` (all of them by default), the earliest in force first."""
    columns = (
        policies.c.entry,
        policies.c.version,
        policies.c.effective_at,
        policies.c.document,
        policies.c.sha256,
    )
    asked = select(*columns).order_by(policies.c.effective_at)
    if upto_seq is not None:
        asked = asked.where(policies.c.entry <= upto_seq)
    return [
        Version(
            row.entry, row.version, instant_of(row.effective_at), row.sha256.hex(), published(row.document)
        )
        for row in connection.execute(asked)
    ]


def in_force(versions: Sequence[Version], instant: int) -> Version | None:
    """Which of these versions, ordered as :func:`versions` has them, counts for what happens at an instant.

    None only if there is no version at all.
    """
    if not versions:
        return None
    behind = bisect_right(versions, instant, key=lambda version: version.effective_at)
    return versions[max(behind - 1, 0)]


def standing_of(version: Version, versions: Sequence[Version], instant: int) -> Standing:
    """How a version stands at an instant, among all of them in order."""
    current = in_force(versions, instant)
    if current is None or version.effective_at > current.effective_at:
        return "to come"
    return "in force" if version.version == current.version else "superseded"


class Text(NamedTuple):
    """A version as people wrote it (TOML), and as its hash is of it (canonical JSON)."""

    source: str
    document: bytes


def text_of(connection: Connection, version: str) -> Text:
    """What was published under that name. Raises :class:`NoSuchVersion`."""
    asked = select(policies.c.source, policies.c.document).where(policies.c.version == version)
    row = connection.execute(asked).first()
    if row is None:
        raise NoSuchVersion(f"no policy {version!r} was published")
    return Text(row.source, row.document)
