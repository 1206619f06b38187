"""How something accrues: its kind must be paid by the policy in force when it was earned.

What is found to earn nothing is recorded too, with the reason. Rules: LIVE-EARN-1, LIVE-EARN-3.
"""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, insert

from ledger.chart import AccountRef, platform_account
from ledger.instants import datetime_of
from ledger.journal.commands import Command
from ledger.kernel.books import Books
from ledger.kernel.entries import Transfer
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import AccountNotFound
from settlement.accruals.tables import accruals
from settlement.kinds import EXPENSE_OF_KIND, EarningKind
from settlement.policies.versions import Version, in_force, versions

KIND_DISABLED = "kind_disabled"
ROUNDS_TO_NOTHING = "rounds_to_nothing"


class Accrual(NamedTuple):
    """What one command earns a streamer, fen. ``reason`` says why, where there is anything to say."""

    streamer: str
    kind: EarningKind
    amount_minor: int
    reference: str
    session: UUID | None
    policy_version: str | None
    reason: str | None

    def transfers(self) -> tuple[Transfer, ...]:
        """The platform's expense becomes the streamer's accrual; nothing, when it earns nothing."""
        if not self.amount_minor:
            return ()
        expense = platform_account(EXPENSE_OF_KIND[self.kind])
        return (Transfer(expense, accruals_of(self.streamer), self.amount_minor),)


class Accruing:
    """The policy versions, and what accrued in a batch."""

    def __init__(self) -> None:
        self._versions: list[Version] = []
        self._planned: dict[UUID, Accrual] = {}
        self._rows: list[dict[str, object]] = []

    def load(self, connection: Connection) -> None:
        """Every version that was published."""
        self._versions = versions(connection)

    def published(self, version: Version) -> None:
        """A version was published in this batch: the last to come into force."""
        self._versions.append(version)

    def plan(
        self,
        command: Command,
        streamer: str,
        kind: EarningKind,
        amount_minor: int,
        reference: str,
        *,
        session: UUID | None = None,
        reason: str | None = None,
    ) -> Accrual:
        """What it earns under the policy in force at ``occurred_at``; :meth:`accepted` notes it down.

        An amount of 0 needs its reason.
        """
        version = in_force(self._versions, command.occurred_at)
        if version is not None and not version.policy.kinds[kind].enabled:
            amount_minor, reason = 0, reason if not amount_minor and reason else KIND_DISABLED
        name = version.version if version else None
        accrual = Accrual(streamer, kind, amount_minor, reference, session, name, reason)
        self._planned[command.id] = accrual
        return accrual

    def accepted(self, command: Command, posted: Posted) -> Accrual:
        """Note down what was planned."""
        accrual = self._planned.pop(command.id)
        self._rows.append(
            {
                "entry": posted.seq,
                "occurred_at": datetime_of(command.occurred_at),
                **accrual._asdict(),
                "kind": accrual.kind.value,
            }
        )
        return accrual

    def write(self, connection: Connection) -> None:
        """What accrued."""
        if self._rows:
            connection.execute(insert(accruals), self._rows)


def accruals_of(streamer: str) -> AccountRef:
    """Where a streamer's earnings wait for settlement."""
    return AccountRef("accruals", streamer)


def unknown_streamer(books: Books, streamer: str) -> AccountNotFound | None:
    """The refusal of a party that does not earn."""
    ref = accruals_of(streamer)
    return None if ref in books.accounts else AccountNotFound(*ref)


def accounts_of(streamers: Iterable[str]) -> Iterable[AccountRef]:
    """The accounts from which something can be taken back."""
    for streamer in streamers:
        for kind in ("accruals", "earnings", "debt"):
            yield AccountRef(kind, streamer)
