"""The versions of the rule book: which was published when, and which is in force at a moment.

Versions follow each other by ``effective_at``; each is in force until the next is. Before the first that
was published, the sample that is shipped is in force: there are rules from the first minute.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Connection, select

from ledger.documents import sha256_of
from ledger.instants import instant_of
from ledger.kernel.posted import SEQS_PER_MICROSECOND
from ledger.versions import NoSuchVersion, Text
from ledger.versions import in_force as version_in_force
from moderation.rules.document import RuleBook, canonical, published, sample, sample_text
from moderation.rules.tables import rule_books as books


class Version(NamedTuple):
    """A version of the rule book. ``effective_at`` is an instant, ``sha256`` of the canonical document.

    The sample was published by no entry and nobody: its ``entry`` is 0.
    """

    entry: int
    version: str
    effective_at: int
    sha256: str
    book: RuleBook
    published_by: str = ""

    @property
    def published_at(self) -> int:
        """When it was published, an instant."""
        return self.entry // SEQS_PER_MICROSECOND


@lru_cache(maxsize=1)
def sample_version() -> Version:
    """The sample, in force from the beginning of time."""
    book = sample()
    return Version(0, book.version, 0, sha256_of(canonical(book)), book)


def rule_books(connection: Connection, upto_seq: int | None = None) -> list[Version]:
    """The sample, and what was published up to ``upto_seq`` (by default all), the earliest in force first."""
    asked = select(books).order_by(books.c.effective_at)
    if upto_seq is not None:
        asked = asked.where(books.c.entry <= upto_seq)
    return [
        sample_version(),
        *(
            Version(
                row.entry,
                row.version,
                instant_of(row.effective_at),
                row.sha256.hex(),
                published(row.document),
                row.published_by,
            )
            for row in connection.execute(asked)
        ),
    ]


def in_force(versions: Sequence[Version], at: int) -> Version:
    """Which of these versions, ordered as :func:`rule_books` has them, counts for what happens at an instant.

    What was done is judged by the rules of its own time: ``at`` is when it happened. Rule: LIVE-RULE-1.
    """
    return version_in_force(versions, at)


def version_named(versions: Sequence[Version], name: str) -> Version:
    """The version of that name, such as a decision keeps it.

    Raises :class:`~ledger.versions.NoSuchVersion`.
    """
    for version in versions:
        if version.version == name:
            return version
    raise NoSuchVersion(f"no rule book {name!r} was published")


def text_of(connection: Connection, version: str) -> Text:
    """What was published under that name, or is shipped. Raises :class:`~ledger.versions.NoSuchVersion`."""
    if version == sample().version:
        return Text(sample_text(), canonical(sample()))
    asked = select(books.c.source, books.c.document).where(books.c.version == version)
    row = connection.execute(asked).first()
    if row is None:
        raise NoSuchVersion(f"no rule book {version!r} was published")
    return Text(row.source, row.document)
