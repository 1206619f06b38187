"""Whose coins were received again: of a tip that a measure took, and an appeal gave back, they lie there.

Gifts that count alike are received again as one. In it the coins lie as the capture took them, but what of
a tip it took in several places lies together.
Whatever takes of it takes the first that are left; what of a tip goes back out of it leaves no gap. So how
many were taken says whose they were, then as now: what goes back later lies behind them.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, text

from ledger.instants import instant_of
from ledger.journal.rows import bigints, driver_of
from settlement.statements.taking import Stratum, untaken

_WHO = text("""
SELECT a.account FROM unnest(CAST(:accounts AS bigint[])) AS a (account)
WHERE EXISTS (SELECT FROM settlement.received_again_tips AS m WHERE m.account = a.account)
""")

# Coins that went back are left out: those behind them move up.
_LYING = """
lying AS (
    SELECT m.entry, m.tip, m.account, there.coins,
           (sum(there.coins) OVER (PARTITION BY m.entry ORDER BY m.coins_before)
            - there.coins)::bigint AS before
    FROM asked
    JOIN settlement.received_again_tips AS m USING (entry)
    LEFT JOIN settlement.returned_again AS back
      ON back.tip = m.tip AND back.received_by = m.entry AND back.entry < :below
    CROSS JOIN LATERAL (SELECT m.coins - coalesce(back.coins, 0) AS coins) AS there
)
"""
_PLACES = text(f"""
WITH asked AS (
    SELECT DISTINCT m.entry
    FROM unnest(CAST(:accounts AS bigint[]), CAST(:tips AS bigint[])) AS s (account, tip)
    JOIN settlement.received_again_tips AS m ON m.account = s.account AND m.tip = s.tip AND m.entry < :below
),
{_LYING}
SELECT lying.tip, lying.entry, t.seq, t.occurred_at, t.amount_minor, lying.before, lying.coins
FROM unnest(CAST(:tips AS bigint[])) AS s (tip)
JOIN lying ON lying.tip = s.tip AND lying.coins > 0
CROSS JOIN LATERAL (SELECT * FROM ledger.transfers
                    WHERE seq >= lying.entry AND seq < (lying.entry / 256 + 1) * 256 AND entry = lying.entry
                      AND credit_account = lying.account
                    OFFSET 0) AS t
ORDER BY lying.tip, lying.entry
""")  # noqa: S608 - put together from the constant above
_ALL_OF = text(f"""
WITH asked AS (SELECT unnest(CAST(:entries AS bigint[])) AS entry),
{_LYING}
SELECT entry, tip, before, coins FROM lying WHERE coins > 0 ORDER BY entry, before
""")  # noqa: S608 - put together from the constant above

_INSERT = """
INSERT INTO settlement.received_again_tips (entry, tip, account, coins_before, coins)
SELECT * FROM unnest(%(entries)b::bigint[], %(tips)b::bigint[], %(accounts)b::bigint[], %(before)b::bigint[],
                     %(coins)b::bigint[])
"""

_EVERYTHING = 2**63 - 1


class Place(NamedTuple):
    """Where coins of a tip lie in what was received again: behind so many others (``before``).

    ``receipt`` is the number of the transfer by which the entry ``received_by`` credited it, as of ``at``.
    """

    received_by: int
    receipt: int
    at: int
    amount: int
    before: int
    coins: int

    def left(self, strata: Sequence[Stratum]) -> int:
        """What of them nothing has taken, once this was taken of the account."""
        taken = self.amount - untaken(strata, self.receipt, self.at, self.amount)
        return self.coins - min(self.coins, max(0, taken - self.before))


class Coins(NamedTuple):
    """So many coins of a tip, or of what let one stand again, by its entry."""

    tip: int
    coins: int


def with_some_again(connection: Connection, accounts: Collection[int]) -> set[int]:
    """Those of these gifts of which something was received again."""
    return set(connection.scalars(_WHO, {"accounts": list(accounts)})) if accounts else set()


def places_of(
    connection: Connection, tips: Collection[tuple[int, int]], below: int
) -> dict[int, tuple[Place, ...]]:
    """Where coins of these tips, by account and entry, were received again before a number, oldest first."""
    asked = with_some_again(connection, {account for account, _ in tips})
    wanted = [(account, tip) for account, tip in tips if account in asked]
    if not wanted:
        return {}
    arguments = {
        "accounts": bigints(account for account, _ in wanted),
        "tips": bigints(tip for _, tip in wanted),
        "below": below,
    }
    driver_of(connection)
    found: dict[int, tuple[Place, ...]] = {}
    for row in connection.execute(_PLACES, arguments):
        place = Place(
            row.entry, row.seq, instant_of(row.occurred_at), row.amount_minor, row.before, row.coins
        )
        found[row.tip] = (*found.get(row.tip, ()), place)
    return found


def coins_between(
    connection: Connection, taken: Sequence[tuple[int, int, int]], begin: int, end: int
) -> list[Coins]:
    """Whose coins these are, from one of a capture's up to another, in the order in which it took of them.

    ``taken`` is what it took one after the other: of the receipt of which entry, from which coin on, and how
    many. What had been received again before is that of its tips.
    """
    inside: list[tuple[int, int, int]] = []
    at = 0
    for entry, first, coins in taken:
        lower, upper = max(begin, at), min(end, at + coins)
        if lower < upper:
            inside.append((entry, first + lower - at, upper - lower))
        at += coins
    members = _members(connection, {entry for entry, _, _ in inside})
    found: dict[int, int] = {}
    for entry, first, coins in inside:
        for tip, before, length in members.get(entry, ((entry, first, coins),)):
            part = min(first + coins, before + length) - max(first, before)
            if part > 0:
                found[tip] = found.get(tip, 0) + part
    assert sum(found.values()) == end - begin, "every coin that is given back came from somebody"
    return [Coins(*one) for one in found.items()]


def _members(connection: Connection, entries: Collection[int]) -> dict[int, list[tuple[int, int, int]]]:
    found: dict[int, list[tuple[int, int, int]]] = {}
    for row in connection.execute(_ALL_OF, {"entries": list(entries), "below": _EVERYTHING}):
        found.setdefault(row.entry, []).append((row.tip, row.before, row.coins))
    return found


def write_tips(connection: Connection, received: Iterable[tuple[int, int, Iterable[Coins]]]) -> None:
    """Keep whose coins were received again: by which entry, on which account, in which order."""
    rows: list[tuple[int, int, int, int, int]] = []
    for entry, account, coins in received:
        before = 0
        for tip, number in coins:
            rows.append((entry, tip, account, before, number))
            before += number
    if rows:
        names = ("entries", "tips", "accounts", "before", "coins")
        columns = {name: bigints(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
        driver_of(connection).execute(_INSERT, columns, binary=True)
