"""Reading what was withheld and handed over by month, the proposals, and who owes what."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.instants import instant_of

# Withheld is what left with a payout that was paid: one that came back takes its own out again. A remittance
# that was reversed did not happen.
_MONTHS = """
SELECT year, month, sum(withheld)::bigint AS withheld_minor, sum(remitted)::bigint AS remitted_minor
FROM (
    SELECT i.year, i.month, i.tax_minor AS withheld, 0 AS remitted FROM settlement.payout_income AS i
    WHERE EXISTS (SELECT FROM settlement.payout_events AS e WHERE e.payout = i.payout AND e.state = 'paid')
    UNION ALL
    SELECT r.year, r.month, 0, r.amount_minor
    FROM settlement.tax_remittances AS r JOIN settlement.tax_remittance_ends AS e USING (remittance)
    WHERE e.state = 'remitted' AND NOT EXISTS (SELECT FROM ledger.reversals AS u WHERE u.reversed = e.entry)
) AS moved
{of_month}
GROUP BY year, month
HAVING sum(withheld) <> 0 OR sum(remitted) <> 0
ORDER BY year, month
"""
_EVERY_MONTH = text(_MONTHS.format(of_month=""))
_ONE_MONTH = text(_MONTHS.format(of_month="WHERE year = :year AND month = :month"))

_REMITTANCES = """
SELECT r.*, e.state, e.actor, e.reason, e.occurred_at AS ended_at,
       EXISTS (SELECT FROM ledger.reversals AS u WHERE u.reversed = e.entry) AS is_reversed
FROM settlement.tax_remittances AS r LEFT JOIN settlement.tax_remittance_ends AS e USING (remittance)
"""
_NAMED = text(f"{_REMITTANCES} WHERE r.remittance = ANY (:remittances)")
_NEWEST = text(f"""{_REMITTANCES}
WHERE CAST(:before AS bigint) IS NULL OR r.entry < :before ORDER BY r.entry DESC LIMIT :limit
""")

_DEBTS = text("""
SELECT owner, debits_minor - credits_minor AS owed_minor FROM ledger.accounts
WHERE kind = 'debt' AND debits_minor > credits_minor AND owner > :after
ORDER BY owner LIMIT :limit
""")


class MonthOfTax(NamedTuple):
    """What was withheld of payouts sent in a month that were paid, and what of it was handed over; fen."""

    year: int
    month: int
    withheld_minor: int
    remitted_minor: int

    @property
    def left_minor(self) -> int:
        """What is still to be handed over; below zero when payouts came back since."""
        return self.withheld_minor - self.remitted_minor

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"


class Remittance(NamedTuple):
    """A proposal and what became of it. ``state``: proposed, remitted, withdrawn or reversed.

    ``number`` is the cursor behind it; times are instants.
    """

    number: int
    remittance: UUID
    year: int
    month: int
    amount_minor: int
    reference: str
    maker: str
    proposed_at: int
    state: str
    ended_by: str | None
    reason: str | None
    ended_at: int | None


class Debt(NamedTuple):
    """What a payee owes, fen."""

    party: str
    owed_minor: int


def months_of_tax(connection: Connection) -> list[MonthOfTax]:
    """Every month in which something was withheld or handed over, oldest first."""
    return [MonthOfTax(*row) for row in connection.execute(_EVERY_MONTH)]


def month_of_tax(connection: Connection, year: int, month: int) -> MonthOfTax:
    """One of them."""
    row = connection.execute(_ONE_MONTH, {"year": year, "month": month}).first()
    return MonthOfTax(*row) if row else MonthOfTax(year, month, 0, 0)


def remittances_named(connection: Connection, ids: list[UUID]) -> dict[UUID, Remittance]:
    """These proposals, as they stand."""
    rows = connection.execute(_NAMED, {"remittances": ids}) if ids else ()
    return {row.remittance: _remittance(row) for row in rows}


def remittances(
    connection: Connection, *, before: int | None = None, limit: int
) -> tuple[list[Remittance], int | None]:
    """Proposals, newest first, and the cursor of older ones; None when these were the last."""
    rows = connection.execute(_NEWEST, {"before": before, "limit": limit + 1}).all()
    found = [_remittance(row) for row in rows[:limit]]
    return found, found[-1].number if len(rows) > limit else None


def debts(connection: Connection, *, after: str = "", limit: int) -> list[Debt]:
    """Who owes something, by name, from behind a name on."""
    return [Debt(*row) for row in connection.execute(_DEBTS, {"after": after, "limit": limit})]


def _remittance(row: Any) -> Remittance:
    return Remittance(
        row.entry,
        row.remittance,
        row.year,
        row.month,
        row.amount_minor,
        row.reference,
        row.maker,
        instant_of(row.occurred_at),
        "reversed" if row.is_reversed else row.state or "proposed",
        row.actor,
        row.reason,
        instant_of(row.ended_at) if row.ended_at else None,
    )
