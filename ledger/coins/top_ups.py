"""Top-ups (充值): coins bought through a payment channel."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from sqlalchemy import Connection, insert, select, tuple_

from ledger.chart import AccountRef, platform_account
from ledger.coins.tables import top_ups
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry, Transfer
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import AccountNotFound, PaymentAlreadyCredited, Refusal
from ledger.money import face_value


class TopUp(Command, frozen=True, gc=False):
    """A channel took ``paid_minor`` fen for ``coins`` coins; never more than their face value."""

    viewer: str
    coins: int
    paid_minor: int
    channel: str
    channel_txn: str

    kind: ClassVar[str] = "topup"


class TopUpDesk:
    """Plans ``topup``."""

    commands: tuple[type[Command], ...] = (TopUp,)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "TopUpPage":
        """Nothing to read before the locks: a payment may be credited while we wait for them."""
        return TopUpPage([command for command in commands if isinstance(command, TopUp)])


class TopUpPage(Page):
    """The payments that were credited, moving on with the batch."""

    def __init__(self, commands: Sequence[TopUp]) -> None:
        self._commands = commands
        self._credited: set[tuple[str, str]] = set()
        self._rows: list[dict[str, object]] = []

    def accounts(self) -> Iterable[AccountRef]:
        """The wallets, and the platform's side of a top-up."""
        for command in self._commands:
            yield AccountRef("wallet", command.viewer)
            yield AccountRef("channel_clearing", command.channel)
        for kind in ("coins_issued", "coin_liability", "promotion_expense"):
            yield platform_account(kind)

    def after_locks(self, connection: Connection, books: Books) -> None:
        """Which of the payments are credited. ``coins_issued`` is locked, so none is added meanwhile."""
        payments = [(command.channel, command.channel_txn) for command in self._commands]
        key = tuple_(top_ups.c.channel, top_ups.c.channel_txn)
        rows = connection.execute(select(top_ups.c.channel, top_ups.c.channel_txn).where(key.in_(payments)))
        self._credited = {(row.channel, row.channel_txn) for row in rows}

    def plan(self, command: TopUp, books: Books) -> Entry | Refusal:
        """Refuses ``account_not_found`` and ``payment_already_credited``.

        What the coins' face value exceeds the payment by is the platform's promotion.
        """
        wallet = AccountRef("wallet", command.viewer)
        if wallet not in books.accounts:
            return AccountNotFound(*wallet)
        if (command.channel, command.channel_txn) in self._credited:
            return PaymentAlreadyCredited(command.channel, command.channel_txn)
        liability = platform_account("coin_liability")
        acts = [
            Transfer(platform_account("coins_issued"), wallet, command.coins),
            Transfer(AccountRef("channel_clearing", command.channel), liability, command.paid_minor),
        ]
        promotion = face_value(command.coins) - command.paid_minor
        if promotion:
            acts.append(Transfer(platform_account("promotion_expense"), liability, promotion))
        return Entry("topup", f"payment:{command.channel}:{command.channel_txn}", tuple(acts))

    def accepted(self, command: TopUp, posted: Posted) -> None:
        """Only a credited top-up uses up its payment."""
        self._credited.add((command.channel, command.channel_txn))
        self._rows.append(
            {
                "channel": command.channel,
                "channel_txn": command.channel_txn,
                "entry": posted.seq,
                "coins": command.coins,
                "paid_minor": command.paid_minor,
            }
        )

    def write(self, connection: Connection) -> None:
        """The payments credited."""
        if self._rows:
            connection.execute(insert(top_ups), self._rows)
