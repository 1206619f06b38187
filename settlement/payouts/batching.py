"""Batches: which payouts are put together, when one is taken back, and what can be sent in it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection

from ledger.instants import datetime_of
from ledger.journal.commands import Command
from ledger.kernel.entries import Entry
from ledger.kernel.refusals import Refusal
from settlement.payouts import states
from settlement.payouts.commands import CancelBatch, MakeBatch, SendPayout
from settlement.payouts.reading import ready_for
from settlement.payouts.records import (
    Batch,
    Cancelled,
    batches,
    cancelled_batches,
    waiting_in_batches,
)
from settlement.payouts.refusals import (
    BatchAlreadySent,
    BatchCancelled,
    BatchNotFound,
    NothingReady,
    PayoutNotFound,
)
from settlement.payouts.states import Payout
from settlement.payouts.steps import Step

BatchCommand = MakeBatch | CancelBatch


class Batches:
    """The batches that commands name, moving on with them. What is in one never changes."""

    def __init__(self, connection: Connection, commands: Sequence[Command]) -> None:
        named = {command.batch for command in commands if isinstance(command, CancelBatch | SendPayout)}
        self.made: dict[UUID, Batch] = batches(connection, {batch for batch in named if batch})
        self.cancelled: dict[UUID, str] = {}
        self._waiting: set[tuple[UUID, UUID]] = set()
        self._asked: dict[UUID, tuple[UUID, ...]] = {}
        for command in commands:
            if isinstance(command, MakeBatch):
                all_ready = command.payouts is None
                ready = ready_for(connection, command.channel) if all_ready else command.payouts or ()
                self._asked[command.id] = tuple(dict.fromkeys(ready))
        #: Every payout that is to be put together, or whose batch is to be taken back.
        self.named = {payout for asked in self._asked.values() for payout in asked}
        for command in commands:
            if isinstance(command, CancelBatch) and command.batch in self.made:
                self.named.update(self.made[command.batch].payouts)

    def load(self, connection: Connection) -> None:
        """What is cancelled, and which payouts wait in a batch: still while their earnings are locked."""
        self.cancelled = cancelled_batches(connection, self.made.keys())
        self._waiting = waiting_in_batches(connection, self.named)

    def make(self, command: MakeBatch, payouts: Mapping[UUID, Payout]) -> Step | Refusal:
        """Puts approved payouts together.

        Of those that are named, refuses ``payout_not_found`` and what :func:`states.why_not_send` does;
        when none is, ``nothing_ready``.
        """
        together = self._asked[command.id]
        if command.payouts is None:
            waiting = {payout for payout, _ in self._waiting}
            together = tuple(
                [
                    id
                    for id in together
                    if id not in waiting and states.why_not_send(payouts[id], command.actor, None) is None
                ]
            )
            if not together:
                return NothingReady(command.channel)
        for id in together:
            payout = payouts.get(id)
            refusal = states.why_not_send(payout, command.actor, None) if payout else PayoutNotFound(str(id))
            if refusal:
                return refusal
        batch = Batch(command.id, command.channel, command.actor, together)
        return Step(Entry(command.kind, _cause(command.id), ()), batch=batch)

    def add(self, batch: Batch) -> None:
        """A batch that was made."""
        self.made[batch.batch] = batch
        self._waiting.update((payout, batch.batch) for payout in batch.payouts)

    def was_cancelled(self, cancelled: Cancelled) -> None:
        """A batch that was taken back: what waits in it is free again."""
        self.cancelled[cancelled.batch] = cancelled.actor
        self._waiting = {waiting for waiting in self._waiting if waiting[1] != cancelled.batch}

    def cancel(self, command: CancelBatch, payouts: Mapping[UUID, Payout]) -> Step | Refusal:
        """Refuses ``batch_not_found``, ``batch_cancelled``, ``batch_already_sent``."""
        batch = self.made.get(command.batch)
        if batch is None:
            return BatchNotFound(str(command.batch))
        if command.batch in self.cancelled:
            return BatchCancelled(str(command.batch), self.cancelled[command.batch])
        if any(payouts[id].batch == command.batch for id in batch.payouts):
            return BatchAlreadySent(str(command.batch))
        at = datetime_of(command.occurred_at)
        cancelled = Cancelled(command.batch, command.actor, command.reason, at)
        return Step(Entry(command.kind, _cause(command.batch), ()), cancelled=cancelled)

    def why_not_in(self, command: SendPayout) -> BatchNotFound | BatchCancelled | None:
        """Whether a payout can be sent in the batch it names, if it names one."""
        if command.batch is None:
            return None
        batch = self.made.get(command.batch)
        if batch is None:
            return BatchNotFound(str(command.batch))
        if batch.channel != command.channel or command.payout not in batch.payouts:
            return BatchNotFound(str(command.batch), str(command.payout))
        if command.batch in self.cancelled:
            return BatchCancelled(str(command.batch), self.cancelled[command.batch])
        return None


def _cause(batch: UUID) -> str:
    return f"batch:{batch}"
