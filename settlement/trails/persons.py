"""Which parties are one person: verified under one number, or paid into one account. Hashes only."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, text

_SHARED = text("""
SELECT array_agg(DISTINCT party) FROM settlement.verifications WHERE entry <= :upto
GROUP BY number_hash HAVING count(DISTINCT party) > 1
UNION ALL
SELECT array_agg(DISTINCT party) FROM settlement.payee_accounts WHERE entry <= :upto
GROUP BY channel, account_hash HAVING count(DISTINCT party) > 1
""")


def persons(connection: Connection, upto_seq: int) -> dict[str, str]:
    """The parties that share a number or an account with others, each with the name of its person.

    Whatever was true once counts: who was paid into an account stays known by it.
    """
    return joined(connection.scalars(_SHARED, {"upto": upto_seq}))


def joined(groups: Iterable[Sequence[str]]) -> dict[str, str]:
    """Parties in overlapping groups are one person, called by the first of their names."""
    parent: dict[str, str] = {}

    def root(party: str) -> str:
        while parent.setdefault(party, party) != party:
            parent[party] = parent[parent[party]]
            party = parent[party]
        return party

    for group in groups:
        for party in group[1:]:
            first, second = sorted((root(group[0]), root(party)))
            parent[second] = first
    return {party: root(party) for party in parent}
