"""Finding parties by the number they were verified under, without opening anything."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text


class Identified(NamedTuple):
    """A party, by the hashes of its newest verification."""

    party: str
    number_hash: bytes
    name_hash: bytes


_BY_NUMBERS = text("""
SELECT v.party, v.number_hash, v.name_hash
FROM settlement.verifications AS v
WHERE v.number_hash = ANY (:numbers) AND NOT EXISTS (
    SELECT FROM settlement.verifications AS newer WHERE newer.party = v.party AND newer.entry > v.entry
)
ORDER BY v.party
""")
_NUMBERS = text("""
SELECT DISTINCT party, number_hash FROM settlement.verifications WHERE party = ANY (:parties)
""")
_VERIFIED_AS = text("""
SELECT v.number_hash FROM settlement.verifications AS v JOIN ledger.decisions AS d ON d.seq = v.entry
WHERE d.id = :verification
""")


def parties_of(connection: Connection, numbers: Collection[bytes]) -> list[Identified]:
    """The parties that are verified under one of these numbers now."""
    if not numbers:
        return []
    return [Identified(*row) for row in connection.execute(_BY_NUMBERS, {"numbers": list(numbers)})]


def number_of(connection: Connection, verification: UUID) -> bytes | None:
    """The hash of the number that a verification, named by its command, was of."""
    found: bytes | None = connection.scalar(_VERIFIED_AS, {"verification": verification})
    return found


def numbers_of(connection: Connection, parties: Collection[str]) -> frozenset[tuple[str, bytes]]:
    """The parties, each with the hash of every number it was ever verified under."""
    if not parties:
        return frozenset()
    rows = connection.execute(_NUMBERS, {"parties": list(parties)})
    return frozenset((row.party, row.number_hash) for row in rows)
