"""The versions of the policy: which was published when, and which is in force at a moment.

Versions follow each other by ``effective_at``; each is in force until the next is. The first also covers
what was received before any was published.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from ledger.instants import instant_of
from ledger.kernel.posted import SEQS_PER_MICROSECOND
from ledger.versions import NoSuchVersion, Text
from ledger.versions import in_force as version_in_force
from settlement.policies.document import Policy, published
from settlement.policies.tables import policies


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
    return version_in_force(versions, instant) if versions else None


def text_of(connection: Connection, version: str) -> Text:
    """What was published under that name. Raises :class:`~ledger.versions.NoSuchVersion`."""
    asked = select(policies.c.source, policies.c.document).where(policies.c.version == version)
    row = connection.execute(asked).first()
    if row is None:
        raise NoSuchVersion(f"no policy {version!r} was published")
    return Text(row.source, row.document)
