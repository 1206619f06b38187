"""Reading blacklists: who is on one now, who was found there, and what the lists are. Numbers stay hashed."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text


class Listing(NamedTuple):
    """Somebody who is on a list now."""

    list: str
    number_hash: bytes
    number: int
    name_hash: bytes | None


class ListSummary(NamedTuple):
    """A list: how many are on it, and when something was last read into it."""

    list: str
    listed: int
    imported_at: datetime


class HitFound(NamedTuple):
    """A party that was found on a list. ``entry`` is the cursor behind it."""

    entry: int
    party: str
    list: str
    case: str
    found_at: datetime


_NOW_LISTED = """
SELECT DISTINCT ON (list, number_hash) list, number_hash, number, is_listed, name_hash
FROM moderation.blacklist_listings {where}
ORDER BY list, number_hash, number DESC
"""

_AMONG = text(f"""
SELECT list, number_hash, number, name_hash
FROM ({_NOW_LISTED.format(where="WHERE number_hash = ANY (:numbers)")}) AS newest
WHERE is_listed
""")  # noqa: S608 (texts of ours)

# A listing without a hit of this party: nobody has looked yet, or somebody looks just now.
_UNSEEN = text(f"""
SELECT DISTINCT asked.party
FROM unnest(CAST(:parties AS text[]), CAST(:numbers AS bytea[])) AS asked (party, number_hash)
JOIN ({_NOW_LISTED.format(where="WHERE number_hash = ANY (:numbers)")}) AS newest USING (number_hash)
LEFT JOIN moderation.blacklist_hits AS hit
  ON hit.party = asked.party AND hit.list = newest.list
 AND hit.number_hash = newest.number_hash AND hit.number = newest.number
WHERE newest.is_listed AND hit.hit IS NULL
""")  # noqa: S608 (texts of ours)

_KNOWN = text("""
SELECT party, list, number_hash, number FROM moderation.blacklist_hits WHERE party = ANY (:parties)
""")

_NUMBERS = text("""
SELECT DISTINCT number_hash FROM moderation.blacklist_listings WHERE is_listed ORDER BY number_hash
""")

_OF_IMPORT = text("""
SELECT l.number_hash FROM moderation.blacklist_listings AS l
JOIN moderation.blacklist_imports AS i ON i.entry = l.entry
WHERE i.import = :import
""")

_LISTS = text(f"""
SELECT i.list, coalesce(n.listed, 0) AS listed, i.imported_at
FROM (SELECT i.list, max(d.occurred_at) AS imported_at
      FROM moderation.blacklist_imports AS i JOIN ledger.decisions AS d ON d.seq = i.entry
      GROUP BY i.list) AS i
LEFT JOIN (SELECT list, count(*) AS listed FROM ({_NOW_LISTED.format(where="")}) AS newest
           WHERE is_listed GROUP BY list) AS n USING (list)
ORDER BY i.list
""")  # noqa: S608 (texts of ours)

_HITS = text("""
SELECT h.entry, h.party, h.list, h."case", d.occurred_at AS found_at
FROM moderation.blacklist_hits AS h JOIN ledger.decisions AS d ON d.seq = h.entry
WHERE h.entry < :before AND h.party <> :party ORDER BY h.entry DESC LIMIT :limit
""")


def listed_among(connection: Connection, numbers: Collection[bytes]) -> list[Listing]:
    """Those of the numbers that are on a list now."""
    if not numbers:
        return []
    return [Listing(*row) for row in connection.execute(_AMONG, {"numbers": list(numbers)})]


def unseen_hits(connection: Connection, numbers: Mapping[str, bytes]) -> frozenset[str]:
    """Which of these parties, each with its number's hash, are on a list without anyone having seen it."""
    if not numbers:
        return frozenset()
    asked = {"parties": list(numbers), "numbers": list(numbers.values())}
    return frozenset(connection.scalars(_UNSEEN, asked))


def known_hits(connection: Connection, parties: Collection[str]) -> frozenset[tuple[str, str, bytes, int]]:
    """The hits of these parties that were found before: party, list, hash and number of the listing."""
    return frozenset(tuple(row) for row in connection.execute(_KNOWN, {"parties": list(parties)}))


def numbers_listed(connection: Connection, *, at_a_time: int) -> Iterator[list[bytes]]:
    """Every hash that was ever on a list, in parts: whether it still is, :func:`listed_among` says."""
    hashes = list(connection.scalars(_NUMBERS))
    for start in range(0, len(hashes), at_a_time):
        yield hashes[start : start + at_a_time]


def numbers_of_import(connection: Connection, id: UUID) -> list[bytes]:
    """The numbers that an import put on its list."""
    return list(connection.scalars(_OF_IMPORT, {"import": id}))


def lists(connection: Connection) -> list[ListSummary]:
    """Every list, by name."""
    return [ListSummary(*row) for row in connection.execute(_LISTS)]


def hits(connection: Connection, *, unless_of: str, before: int, limit: int) -> list[HitFound]:
    """Who was found, newest first, among those before a cursor; not whoever looks."""
    asked = {"party": unless_of, "before": before, "limit": limit}
    return [HitFound(*row) for row in connection.execute(_HITS, asked)]
