"""What payouts are kept as: reading them under the locks, and writing what was decided."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, text, update

from ledger.instants import MICROSECONDS_PER_DAY, datetime_of, instant_of
from settlement.payouts.states import OPEN, Payout, State
from settlement.payouts.tables import (
    payout_batch_cancellations,
    payout_batches,
    payout_events,
    payout_income,
    payouts,
)

#: No cycle, and no month, begins longer before a request than this.
_LONGEST_DAYS = 32
_FIELDS = Payout.__struct_fields__
_IN_BATCHES = text("""
SELECT payout, b.batch
FROM settlement.payout_batches AS b CROSS JOIN LATERAL unnest(b.payouts) AS payout
WHERE b.payouts && CAST(:payouts AS uuid[]) AND payout = ANY (:payouts)
  AND NOT EXISTS (SELECT FROM settlement.payout_batch_cancellations AS c WHERE c.batch = b.batch)
  AND NOT EXISTS (SELECT FROM settlement.payout_sendings AS s
                  WHERE s.payout = ANY (b.payouts) AND s.batch = b.batch)
""")
#: What a payout's row may change in.
_CHANGING = ("state", "events", "approved_by", "channel", "batch", "account", "tax_minor")


class Batch(NamedTuple):
    """Payouts put together to be sent by another person than ``maker``."""

    batch: UUID
    channel: str
    maker: str
    payouts: tuple[UUID, ...]


class Cancelled(NamedTuple):
    """A batch that was taken back."""

    batch: UUID
    actor: str
    reason: str
    occurred_at: datetime


class Income(NamedTuple):
    """What a payout counts as in its month of a person's year: gross and tax, fen."""

    payout: UUID
    payee: str
    number_hash: bytes
    year: int
    month: int
    gross_minor: int
    tax_minor: int

    def taken_out(self) -> "Income":
        """What takes it out again."""
        return self._replace(gross_minor=-self.gross_minor, tax_minor=-self.tax_minor)


def payout_of_row(row: Row[Any]) -> Payout:
    """A row of the projection."""
    values = {name: getattr(row, name) for name in _FIELDS}
    return Payout(
        **values | {"state": State(row.state), "requested_at": instant_of(row.requested_at)},
    )


def payees_of_payouts(connection: Connection, ids: Collection[UUID]) -> dict[UUID, str]:
    """Whose these payouts are: that never changes."""
    asked = select(payouts.c.payout, payouts.c.payee).where(payouts.c.payout.in_(ids))
    return {row.payout: row.payee for row in connection.execute(asked)} if ids else {}


def batches(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Batch]:
    """These batches: they never change."""
    asked = select(payout_batches).where(payout_batches.c.batch.in_(ids))
    return (
        {
            row.batch: Batch(row.batch, row.channel, row.maker, tuple(row.payouts))
            for row in connection.execute(asked)
        }
        if ids
        else {}
    )


def standing_payouts(
    connection: Connection, ids: Collection[UUID], payees: Mapping[str, int]
) -> dict[UUID, Payout]:
    """These payouts; and of these payees what is open, and what they asked for around an instant each."""
    found: dict[UUID, Payout] = {}
    if ids:
        for row in connection.execute(select(payouts).where(payouts.c.payout.in_(ids))):
            found[row.payout] = payout_of_row(row)
    if payees:
        since = datetime_of(min(payees.values()) - _LONGEST_DAYS * MICROSECONDS_PER_DAY)
        counting = or_(payouts.c.state.in_(sorted(OPEN)), payouts.c.requested_at >= since)
        for row in connection.execute(select(payouts).where(payouts.c.payee.in_(payees), counting)):
            found[row.payout] = payout_of_row(row)
    return found


def cancelled_batches(connection: Connection, ids: Collection[UUID]) -> dict[UUID, str]:
    """Which of these batches were taken back, and by whom."""
    made = payout_batch_cancellations.c
    asked = select(made.batch, made.actor).where(made.batch.in_(ids))
    return {row.batch: row.actor for row in connection.execute(asked)} if ids else {}


def waiting_in_batches(connection: Connection, ids: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """These payouts, each with a batch it is in that can still be sent, and of which nothing was yet."""
    found = connection.execute(_IN_BATCHES, {"payouts": list(ids)}) if ids else ()
    return {(row.payout, row.batch) for row in found}


def newest_event(connection: Connection, ids: Collection[UUID]) -> int:
    """The entry of the newest thing that befell any of these payouts; 0 when nothing did."""
    asked = select(func.max(payout_events.c.entry)).where(payout_events.c.payout.in_(ids))
    return (connection.scalar(asked) or 0) if ids else 0


def income_of_payouts(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Income]:
    """What these payouts were counted as when they were sent."""
    asked = select(payout_income).where(payout_income.c.payout.in_(ids), payout_income.c.gross_minor > 0)
    return {row.payout: _income(row) for row in connection.execute(asked)} if ids else {}


def income_of_persons(connection: Connection, numbers: Collection[bytes]) -> list[Income]:
    """All that persons were counted with, one a payee and month: paid or in flight."""
    keys = (payout_income.c.payee, payout_income.c.number_hash, payout_income.c.year, payout_income.c.month)
    asked = (
        select(
            *keys,
            func.sum(payout_income.c.gross_minor).label("gross_minor"),
            func.sum(payout_income.c.tax_minor).label("tax_minor"),
        )
        .where(payout_income.c.number_hash.in_(numbers))
        .group_by(*keys)
    )
    nobody = UUID(int=0)
    return [
        Income(
            nobody, row.payee, row.number_hash, row.year, row.month, int(row.gross_minor), int(row.tax_minor)
        )
        for row in connection.execute(asked)
    ]


def save_payouts(connection: Connection, before: Mapping[UUID, int], changed: Iterable[Payout]) -> None:
    """Bring the projection up to date. ``before``: the entry of each payout that is new in it."""
    changed = list(changed)
    moved = [payout for payout in changed if payout.payout not in before]
    if moved:
        statement = (
            update(payouts)
            .where(payouts.c.payout == bindparam("of_payout"))
            .values({name: bindparam(f"new_{name}") for name in _CHANGING})
        )
        # What closes comes first: a payee has one open payout at any moment.
        moved.sort(key=lambda payout: payout.state in OPEN)
        connection.execute(
            statement,
            [
                {"of_payout": one.payout, **{f"new_{name}": getattr(one, name) for name in _CHANGING}}
                for one in moved
            ],
        )
    new = [
        {name: getattr(one, name) for name in _FIELDS}
        | {"entry": before[one.payout], "requested_at": datetime_of(one.requested_at)}
        for one in changed
        if one.payout in before
    ]
    if new:
        connection.execute(insert(payouts), new)


def _income(row: Row[Any]) -> Income:
    return Income(
        row.payout,
        row.payee,
        row.number_hash,
        row.year,
        row.month,
        row.gross_minor,
        row.tax_minor,
    )
