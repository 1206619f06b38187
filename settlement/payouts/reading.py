"""Reading payouts: how one stands and came to, those of a payee, those that wait."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select, text

from ledger.instants import instant_of
from ledger.kernel.posted import posted_instant
from ledger.sealing import SealingKeys
from settlement.payees.reading import sealed_of
from settlement.payees.tables import payee_accounts
from settlement.payouts.channels import REACHES, Payment
from settlement.payouts.records import Batch, batches, payout_of_row
from settlement.payouts.states import Payout, State
from settlement.payouts.tables import payout_events, payouts


class NoSuchPayout(LookupError):
    """No payout has that id."""


class NoSuchBatch(LookupError):
    """No batch of payouts has that id."""


class Event(NamedTuple):
    """A state a payout came into: by whom, when, and why or under which number."""

    state: State
    actor: str
    detail: str | None
    occurred_at: int


class BatchState(NamedTuple):
    """A batch and how far it is: how many of its payouts were sent in it, paid, failed; net, fen.

    ``cancelled_by`` took it back before anything was sent.
    """

    batch: Batch
    made_at: int
    cancelled_by: str | None
    sent: int
    paid: int
    failed: int
    net_minor: int

    @property
    def state(self) -> str:
        """Made, sent (some of it at least), or cancelled."""
        return "cancelled" if self.cancelled_by else "sent" if self.sent else "made"


_BATCHES = """
SELECT b.batch, b.entry, b.channel, b.maker, b.payouts, c.actor AS cancelled_by, count(p.payout) AS sent,
       count(*) FILTER (WHERE p.state IN ('paid', 'returned')) AS paid,
       count(*) FILTER (WHERE p.state = 'failed') AS failed,
       coalesce(sum(p.amount_minor - p.tax_minor), 0)::bigint AS net_minor
FROM ({of_these}) AS b
LEFT JOIN settlement.payout_batch_cancellations AS c ON c.batch = b.batch
LEFT JOIN settlement.payouts AS p ON p.payout = ANY (b.payouts) AND p.batch = b.batch
GROUP BY b.batch, b.entry, b.channel, b.maker, b.payouts, c.actor
ORDER BY b.entry DESC
"""
_NEWEST_BATCHES = text(
    _BATCHES.format(
        of_these="SELECT * FROM settlement.payout_batches WHERE CAST(:before AS bigint) IS NULL"
        " OR entry < :before ORDER BY entry DESC LIMIT :limit"
    )
)
_ONE_BATCH = text(_BATCHES.format(of_these="SELECT * FROM settlement.payout_batches WHERE batch = :batch"))


class PayoutPage(NamedTuple):
    """Some payouts, newest first, and where the next page begins; None when these were the last."""

    payouts: list[Payout]
    next_cursor: int | None


def payout_of(connection: Connection, payout: UUID) -> Payout:
    """A payout as it stands. Raises :class:`NoSuchPayout`."""
    row = connection.execute(select(payouts).where(payouts.c.payout == payout)).first()
    if row is None:
        raise NoSuchPayout(f"no payout {payout} is in the books")
    return payout_of_row(row)


def histories_of(connection: Connection, ids: Collection[UUID]) -> dict[UUID, list[Event]]:
    """How payouts came to stand as they do, in order."""
    asked = (
        select(payout_events)
        .where(payout_events.c.payout.in_(ids))
        .order_by(payout_events.c.payout, payout_events.c.number)
    )
    found: dict[UUID, list[Event]] = {id: [] for id in ids}
    for row in connection.execute(asked):
        event = Event(State(row.state), row.actor, row.detail, instant_of(row.occurred_at))
        found[row.payout].append(event)
    return found


def payouts_page(
    connection: Connection,
    *,
    payee: str | None = None,
    state: State | None = None,
    before: int | None = None,
    limit: int,
) -> PayoutPage:
    """Payouts by their requests, newest first: of a payee, in a state, before a cursor."""
    asked = select(payouts).order_by(payouts.c.entry.desc()).limit(limit + 1)
    if payee is not None:
        asked = asked.where(payouts.c.payee == payee)
    if state is not None:
        asked = asked.where(payouts.c.state == state.value)
    if before is not None:
        asked = asked.where(payouts.c.entry < before)
    rows = list(connection.execute(asked))
    more = len(rows) > limit
    return PayoutPage([payout_of_row(row) for row in rows[:limit]], rows[limit - 1].entry if more else None)


def batch_of(connection: Connection, batch: UUID) -> Batch:
    """A batch. Raises :class:`NoSuchBatch`."""
    found = batches(connection, [batch]).get(batch)
    if found is None:
        raise NoSuchBatch(f"no batch {batch} is in the books")
    return found


def payouts_of(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Payout]:
    """These payouts, as they stand."""
    rows = connection.execute(select(payouts).where(payouts.c.payout.in_(ids)))
    return {row.payout: payout_of_row(row) for row in rows}


def ready_for(connection: Connection, channel: str) -> list[UUID]:
    """The approved payouts whose payees are paid into an account this channel reaches, oldest first."""
    newest = (
        select(payee_accounts.c.channel)
        .where(payee_accounts.c.party == payouts.c.payee)
        .order_by(payee_accounts.c.entry.desc())
        .limit(1)
        .correlate(payouts)
        .scalar_subquery()
    )
    asked = (
        select(payouts.c.payout)
        .where(payouts.c.state == State.APPROVED.value, newest.in_(sorted(REACHES[channel])))
        .order_by(payouts.c.entry)
    )
    return list(connection.scalars(asked))


def unanswered(connection: Connection, channels: Collection[str]) -> list[Payout]:
    """What was sent through these channels and has no answer that is final, oldest first."""
    asked = (
        select(payouts)
        .where(payouts.c.state.in_((State.SENT.value, State.UNKNOWN.value)), payouts.c.channel.in_(channels))
        .order_by(payouts.c.entry)
    )
    return [payout_of_row(row) for row in connection.execute(asked)]


def batch_page(
    connection: Connection, *, before: int | None = None, limit: int
) -> tuple[list[BatchState], int | None]:
    """Batches, newest first, and the cursor of older ones; None when these were the last."""
    rows = connection.execute(_NEWEST_BATCHES, {"before": before, "limit": limit + 1}).all()
    return [_batch_state(row) for row in rows[:limit]], rows[limit - 1].entry if len(rows) > limit else None


def batch_state(connection: Connection, batch: UUID) -> BatchState:
    """A batch, and how far it is. Raises :class:`NoSuchBatch`."""
    row = connection.execute(_ONE_BATCH, {"batch": batch}).first()
    if row is None:
        raise NoSuchBatch(f"no batch {batch} is in the books")
    return _batch_state(row)


def _batch_state(row: Any) -> BatchState:
    return BatchState(
        Batch(row.batch, row.channel, row.maker, tuple(row.payouts)),
        posted_instant(row.entry),
        row.cancelled_by,
        row.sent,
        row.paid,
        row.failed,
        row.net_minor,
    )


def payments(connection: Connection, keys: SealingKeys, sent: Sequence[Payout]) -> list[Payment]:
    """What a channel is told of payouts that were sent: to whom they go stands sealed, and is opened here.

    Raises ``CannotUnseal``.
    """
    sealed = sealed_of(connection, [payout.account for payout in sent if payout.account is not None])
    found = []
    for payout in sent:
        assert payout.account is not None, "a payout that was sent goes somewhere"
        values = sealed[payout.account]
        holder, account = keys.unseal(values["holder"]), keys.unseal(values["account"])
        found.append(Payment(payout.payout, payout.net_minor, holder, account))
    return found
