"""The settlement desk: accepts runs, and plans each streamer's part under that streamer's locks."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, insert
from sqlalchemy import text as text_sql

from ledger.chart import AccountRef, platform_account
from ledger.instants import datetime_of, end_of_day
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.accounts import Account
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry, Transfer
from ledger.kernel.posted import Posted
from settlement.commands import Settle, SettleStreamer
from settlement.shares import Settleable, Split, split_gifts
from settlement.tables import runs, statements

_RECEIVED = text_sql("""
SELECT t.credit_account AS account, sum(t.amount_minor)::bigint AS received_minor
FROM ledger.transfers AS t
WHERE t.credit_account = ANY (:accounts) AND t.occurred_at < :cutoff
GROUP BY t.credit_account
""")


class SettlementDesk:
    """Plans ``settle`` and ``settlement``."""

    commands: tuple[type[Command], ...] = (Settle, SettleStreamer)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "SettlementPage":
        """Nothing to read before the locks."""
        return SettlementPage([command for command in commands if isinstance(command, SettleStreamer)])


class SettlementPage(Page):
    """What each streamer of the batch received in time, read under lock."""

    def __init__(self, parts: Sequence[SettleStreamer]) -> None:
        self._parts = parts
        self._received: dict[int, int] = {}
        self._splits: dict[UUID, tuple[int, Split, int]] = {}
        self._runs: list[dict[str, object]] = []
        self._statements: list[dict[str, object]] = []

    def accounts(self) -> Iterable[AccountRef]:
        """Each streamer's gifts, accruals and earnings, and where the coins and the shares go."""
        for part in self._parts:
            for kind in ("gifts", "accruals", "earnings"):
                yield AccountRef(kind, part.streamer)
        if self._parts:
            for kind in ("coins_redeemed", "coin_liability", "gift_revenue"):
                yield platform_account(kind)

    def after_locks(self, connection: Connection, books: Books) -> None:
        """What was received before the cutoff, for all streamers in one statement."""
        if not self._parts:
            return
        refs = [AccountRef(kind, part.streamer) for part in self._parts for kind in ("gifts", "accruals")]
        accounts = [books.accounts[ref].id for ref in refs if ref in books.accounts]
        cutoff: datetime = datetime_of(end_of_day(self._parts[0].through))
        rows = connection.execute(_RECEIVED, {"accounts": accounts, "cutoff": cutoff})
        self._received = {row.account: row.received_minor for row in rows}

    def plan(self, command: Settle | SettleStreamer, books: Books) -> Entry | None:
        """A run is accepted as it is. A streamer with nothing ready, or frozen, is passed by, undecided."""
        if isinstance(command, Settle):
            return Entry("settle", f"through:{command.through.isoformat()}", ())
        gifts = books.accounts[AccountRef("gifts", command.streamer)]
        accruals = books.accounts[AccountRef("accruals", command.streamer)]
        coins, accrued = self._ready(gifts, books), self._ready(accruals, books)
        split = split_gifts(coins, command.share_bps)
        earnings, liability = AccountRef("earnings", command.streamer), platform_account("coin_liability")
        moves = (
            (gifts.ref, platform_account("coins_redeemed"), coins),
            (liability, earnings, split.streamer_minor),
            (liability, platform_account("gift_revenue"), split.platform_minor),
            (accruals.ref, earnings, accrued),
        )
        acts = tuple(Transfer(debit, credit, amount) for debit, credit, amount in moves if amount)
        if not acts:
            return None
        self._splits[command.id] = coins, split, accrued
        return Entry("settlement", f"run:{command.run}", acts)

    def _ready(self, account: Account, books: Books) -> int:
        if account.is_frozen or account.outgoing_barred_until > books.now:
            return 0
        received = self._received.get(account.id, 0)
        return Settleable(received, account.debits_minor, account.held_minor).amount_minor

    def accepted(self, command: Settle | SettleStreamer, posted: Posted) -> None:
        """A run to carry out, or a streamer's statement."""
        if isinstance(command, Settle):
            self._runs.append(
                {
                    "run": command.id,
                    "entry": posted.seq,
                    "through": command.through,
                    "share_bps": command.share_bps,
                    "occurred_at": datetime_of(command.occurred_at),
                    "actor": command.actor,
                }
            )
            return
        coins, split, accrued = self._splits[command.id]
        self._statements.append(
            {
                "run": command.run,
                "streamer": command.streamer,
                "entry": posted.seq,
                "coins": coins,
                "gift_share_minor": split.streamer_minor,
                "platform_share_minor": split.platform_minor,
                "accruals_minor": accrued,
            }
        )

    def write(self, connection: Connection) -> None:
        """The runs accepted and the statements made."""
        if self._runs:
            connection.execute(insert(runs), self._runs)
        if self._statements:
            connection.execute(insert(statements), self._statements)
