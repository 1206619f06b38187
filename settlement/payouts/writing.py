"""The rows of what a batch decided about payouts, gathered and then written at once."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, insert

from ledger.instants import datetime_of
from ledger.journal.commands import Command
from settlement.payouts.commands import SendPayout
from settlement.payouts.records import Batch, Cancelled, Income, save_payouts
from settlement.payouts.states import Payout, State
from settlement.payouts.tables import (
    payout_batch_cancellations,
    payout_batches,
    payout_events,
    payout_income,
    payout_requests,
    payout_sendings,
)


class Written:
    """Rows on their way into the tables of payouts."""

    def __init__(self) -> None:
        self._rows: dict[Table, list[dict[str, Any]]] = {}
        self._changed: dict[UUID, Payout] = {}
        self._new: dict[UUID, int] = {}

    def batch(self, batch: Batch, entry: int) -> None:
        """A batch that was made."""
        self._add(payout_batches, batch._asdict() | {"entry": entry, "payouts": list(batch.payouts)})

    def cancelled(self, cancelled: Cancelled, entry: int) -> None:
        """A batch that was taken back."""
        self._add(payout_batch_cancellations, cancelled._asdict() | {"entry": entry})

    def income(self, income: Income, entry: int) -> None:
        """Income that counts from now on, or no more."""
        self._add(payout_income, income._asdict() | {"entry": entry})

    def step(
        self, command: Command, before: Payout | None, after: Payout, detail: str | None, entry: int
    ) -> None:
        """A payout that came into a state; a new one within the bound into two."""
        self._changed[after.payout] = after
        if before is None:
            self._new[after.payout] = entry
            self._add(
                payout_requests,
                {
                    "payout": after.payout,
                    "entry": entry,
                    "payee": after.payee,
                    "requested_minor": after.requested_minor,
                    "offset_minor": after.offset_minor,
                    "amount_minor": after.amount_minor,
                    "policy": after.policy,
                },
            )
            self._event(command, after.payout, 1, State.REQUESTED, command.actor, None, entry)
            if after.approved_by:
                detail = f"within the bound of {after.policy}"
                self._event(command, after.payout, 2, State.APPROVED, after.approved_by, detail, entry)
            return
        self._event(command, after.payout, after.events, after.state, command.actor, detail, entry)
        if isinstance(command, SendPayout):
            self._add(
                payout_sendings,
                {
                    "payout": after.payout,
                    "entry": entry,
                    "channel": after.channel,
                    "batch": after.batch,
                    "account": after.account,
                    "tax_minor": after.tax_minor,
                },
            )

    def write(self, connection: Connection) -> None:
        """Write them, and the projection."""
        for table, rows in self._rows.items():
            connection.execute(insert(table), rows)
        save_payouts(connection, self._new, self._changed.values())

    def _event(
        self,
        command: Command,
        payout: UUID,
        number: int,
        state: State,
        actor: str,
        detail: str | None,
        entry: int,
    ) -> None:
        self._add(
            payout_events,
            {
                "payout": payout,
                "number": number,
                "entry": entry,
                "state": state.value,
                "actor": actor,
                "detail": detail,
                "occurred_at": datetime_of(command.occurred_at),
            },
        )

    def _add(self, table: Table, row: dict[str, Any]) -> None:
        self._rows.setdefault(table, []).append(row)
