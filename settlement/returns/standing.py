"""How tips stand: what of each is not taken yet, and whether it was undone or went back.

The same for a plan, which looks at the books as they are, and for carrying it out, which holds the gifts
locked.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, text

from ledger.instants import instant_of
from ledger.journal.rows import bigints, driver_of, instants
from settlement.received_again.tips import Place, places_of
from settlement.returns.tables import returned_tips
from settlement.statements.receipts import EVERYTHING, after_other_outflows
from settlement.statements.taking import Stratum, strata_of

_LATEST = text("""
SELECT a.account, coalesce(latest.entry, 0) AS entry, coalesce(latest.strata, '[]') AS strata
FROM unnest(CAST(:accounts AS bigint[])) AS a (account)
LEFT JOIN LATERAL (SELECT entry, strata FROM settlement.takings
                   WHERE account = a.account AND entry < :below ORDER BY entry DESC LIMIT 1) AS latest ON true
""")

#: Of receipts ``t`` of the accounts asked for: what of each lies behind the mark of its stratum, and
#: whether it was undone. A receipt belongs to the first stratum that reaches up to it.
STANDING = """
WITH strata AS (
    SELECT * FROM unnest(%(accounts)b::bigint[], %(to_seqs)b::bigint[], %(marks_at)b::timestamptz[],
                         %(mark_seqs)b::bigint[], %(parts)b::bigint[])
         AS s (account, to_seq, at, seq, part)
),
chosen AS ({chosen}),
standing AS (
    SELECT c.*,
           CASE WHEN s.to_seq IS NULL OR (s.at, s.seq) < (c.occurred_at, c.receipt) THEN c.amount
                WHEN s.seq = c.receipt THEN c.amount - s.part
                ELSE 0 END AS untaken,
           reversed.entry IS NOT NULL OR back.entry IS NOT NULL AS undone
    FROM chosen AS c
    LEFT JOIN LATERAL (SELECT * FROM strata WHERE strata.account = c.account AND strata.to_seq >= c.receipt
                       ORDER BY strata.to_seq LIMIT 1) AS s ON true
    LEFT JOIN ledger.reversals AS reversed ON reversed.reversed = c.tip AND reversed.entry < %(below)s
    LEFT JOIN settlement.returned_tips AS back ON back.tip = c.tip AND back.entry < %(below)s
)
"""

#: The receipt of a tip ``asked``. A look-up a tip: joined otherwise, the planner would read the whole table.
RECEIPT = """
    LATERAL (SELECT * FROM ledger.transfers AS t
             WHERE t.seq >= asked.tip AND t.seq < (asked.tip / 256 + 1) * 256 AND t.entry = asked.tip
             OFFSET 0) AS t
    JOIN ledger.accounts AS a ON a.id = t.credit_account AND a.kind = 'gifts'
"""
_OF_ENTRIES = f"""
    SELECT t.entry AS tip, t.seq AS receipt, t.occurred_at, t.amount_minor AS amount, t.credit_account AS account
    FROM unnest(%(tips)b::bigint[]) AS asked (tip) CROSS JOIN {RECEIPT}
"""  # noqa: E501, S608 - put together from the constant above
_STANDING_OF_ENTRIES = f"""{STANDING.format(chosen=_OF_ENTRIES)}
SELECT tip, receipt, occurred_at, amount, account, untaken, undone FROM standing
"""  # noqa: S608 - put together from the constants above

#: Strata of accounts, by account.
Strata = Mapping[int, tuple[Stratum, ...]]


class TipStanding(NamedTuple):
    """A tip in the books: what it gave, in coins, and what of it is there: no outflow took it yet.

    ``receipt`` is the number of the transfer into the gifts, ``account``. ``again`` is where what measures
    took of it was received again, and what of it is there, within ``untaken``.
    """

    tip: int
    receipt: int
    at: int
    amount: int
    account: int
    untaken: int
    undone: bool
    again: tuple[tuple[Place, int], ...] = ()

    def of_again(self, unsettled_coins: int) -> Iterator[tuple[Place, int]]:
        """Which of these coins leave what was received again: those that the tip's own receipt has not."""
        rest = unsettled_coins - self.untaken + sum(left for _, left in self.again)
        for place, left in self.again:
            part = min(rest, left)
            if part > 0:
                yield place, part
                rest -= part


def strata_before(connection: Connection, accounts: Collection[int], below: int) -> Strata:
    """What of these accounts was taken before a number."""
    rows = connection.execute(_LATEST, {"accounts": list(accounts), "below": below})
    latest = {row.account: (row.entry, strata_of(row.strata)) for row in rows}
    return after_other_outflows(connection, latest, below=below) if latest else {}


def standing_of(
    connection: Connection, tips: Collection[int], strata: Strata, below: int
) -> dict[int, TipStanding]:
    """How these tips, by their entries, stand before a number. Their accounts are those of the strata."""
    arguments = {**columns(strata), "tips": bigints(tips), "below": below}
    rows = driver_of(connection).execute(_STANDING_OF_ENTRIES, arguments, binary=True)
    found = [standing(row) for row in rows]
    return {tip.tip: tip for tip in with_again(connection, found, strata, below)}


def with_again(
    connection: Connection, tips: Sequence[TipStanding], strata: Strata, below: int
) -> Sequence[TipStanding]:
    """These tips, of which what was read is of their own receipts, with what of them was received again."""
    asked = {(tip.account, tip.tip) for tip in tips if tip.untaken < tip.amount and not tip.undone}
    places = places_of(connection, asked, below) if asked else {}
    if not places:
        return tips
    return [_lying(tip, places[tip.tip], strata) if tip.tip in places else tip for tip in tips]


def given_back_since(connection: Connection, tips: Iterable[TipStanding]) -> bool:
    """Whether more of tips of which something is missing was received again than when they were read."""
    known = {(tip.account, tip.tip): len(tip.again) for tip in tips if not tip.undone}
    found = places_of(connection, known.keys(), EVERYTHING) if known else {}
    return any(len(found.get(tip, ())) > places for (_, tip), places in known.items())


def _lying(tip: TipStanding, places: Sequence[Place], strata: Strata) -> TipStanding:
    again = tuple([(place, place.left(strata[tip.account])) for place in places])
    return tip._replace(untaken=tip.untaken + sum(left for _, left in again), again=again)


def standing(row: Sequence[Any]) -> TipStanding:
    """A row as it was read."""
    tip, receipt, occurred_at, *rest = row
    return TipStanding(tip, receipt, instant_of(occurred_at), *rest)


def gone_back(connection: Connection, tips: Collection[int]) -> Collection[int]:
    """Those of these entries that are tips which went back, all or in part."""
    return connection.scalars(select(returned_tips.c.tip).where(returned_tips.c.tip.in_(tips))).all()


def columns(strata: Strata) -> dict[str, Any]:
    """Strata as arguments of :data:`STANDING`."""
    rows = [(account, stratum) for account, kept in strata.items() for stratum in kept]
    return {
        "accounts": bigints(account for account, _ in rows),
        "to_seqs": bigints(stratum.to_seq for _, stratum in rows),
        "marks_at": instants(stratum.at for _, stratum in rows),
        "mark_seqs": bigints(stratum.seq for _, stratum in rows),
        "parts": bigints(stratum.part for _, stratum in rows),
    }
