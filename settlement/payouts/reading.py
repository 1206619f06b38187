"""Reading payouts: how one stands and came to, those of a payee, those that wait."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from ledger.instants import instant_of
from ledger.sealing import SealingKeys
from settlement.payees.reading import sealed_of
from settlement.payees.tables import payee_accounts
from settlement.payouts.channels import REACHES, Payment
from settlement.payouts.records import Batch, batches, payout_of_row
from settlement.payouts.states import Payout, State
from settlement.payouts.tables import payout_batches, payout_events, payouts


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


def batches_made(connection: Connection, limit: int) -> list[Batch]:
    """The newest batches."""
    asked = select(payout_batches).order_by(payout_batches.c.entry.desc()).limit(limit)
    return [Batch(row.batch, row.channel, row.maker, tuple(row.payouts)) for row in connection.execute(asked)]


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
