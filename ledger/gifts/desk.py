"""The gift desk: the catalogue, the tipping limits, and tips."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from msgspec.structs import asdict
from sqlalchemy import Connection, insert

from ledger.chart import AccountRef
from ledger.gifts.commands import PriceGift, SetLimits, Tip
from ledger.gifts.tables import gift_prices, tip_limits
from ledger.instants import business_day
from ledger.journal.commands import Command
from ledger.journal.copying import Copy
from ledger.journal.desks import Page
from ledger.journal.rows import bigint, text, texts
from ledger.kernel.accounts import Account
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry, Limits, Spending, Transfer
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import GiftNotOnSale, PriceChanged, Refusal

_PRICES = """
SELECT DISTINCT ON (gift) gift, coins FROM ledger.gift_prices
WHERE gift = ANY (%b::text[]) ORDER BY gift, entry DESC
"""
_LIMITS = """
SELECT per_tip, per_day, per_month, tips_per_day, tips_per_month FROM ledger.tip_limits
ORDER BY entry DESC LIMIT 1
"""
_COPY_TIPS = """
COPY ledger.tips (entry, room, gift, quantity, price_coins) FROM STDIN (FORMAT binary)
"""


class GiftDesk:
    """Plans ``gift``, ``limit`` and ``tip``."""

    commands: tuple[type[Command], ...] = (PriceGift, SetLimits, Tip)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "GiftPage":
        """Nothing to read before the locks: prices and limits may change while we wait for them."""
        return GiftPage([command for command in commands if type(command) is Tip])


class GiftPage(Page):
    """Prices and limits as they stand, moving on with the batch."""

    def __init__(self, tipped: Sequence[Tip]) -> None:
        self._tipped = tipped
        self._wallets = {viewer: AccountRef("wallet", viewer) for viewer in {tip.viewer for tip in tipped}}
        self._gifts = {who: AccountRef("gifts", who) for who in {tip.streamer for tip in tipped}}
        self._prices: dict[str, int] = {}
        self._limits = Limits()
        self._asked: tuple[psycopg.Cursor[Any], psycopg.Cursor[Any]] | None = None
        self._price_rows: list[dict[str, Any]] = []
        self._limit_rows: list[dict[str, Any]] = []
        self._tip_rows: list[tuple[int, Tip, int]] = []

    def accounts(self) -> Iterable[AccountRef]:
        """Each viewer's wallet and each streamer's gifts."""
        yield from self._wallets.values()
        yield from self._gifts.values()

    def late_spending(self, books: Books) -> Iterable[tuple[Account, int]]:
        """Tips of a day before the payer's latest tipping day, which the account's row no longer holds.

        That latest day may come in this very batch.
        """
        days = {(tip.viewer, business_day(tip.occurred_at)) for tip in self._tipped}
        newest = max((day for _, day in days), default=0)
        for viewer, day in days:
            account = books.accounts.get(self._wallets[viewer])
            if account is not None and account.window is not None and day < max(account.window.day, newest):
                yield account, day

    def ask(self, driver: psycopg.Connection[Any]) -> None:
        """For the prices of the gifts tipped, and the limits in force."""
        if self._tipped:
            gifts = texts({tip.gift for tip in self._tipped})
            self._asked = driver.execute(_PRICES, (gifts,), binary=True), driver.execute(_LIMITS, binary=True)

    def after_locks(self, connection: Connection, books: Books) -> None:
        """Take in what was asked for."""
        if self._asked is None:
            return
        prices, limits = self._asked
        self._prices = dict(prices.fetchall())
        in_force = limits.fetchone()
        if in_force:
            self._limits = Limits(*in_force)

    def plan(self, command: Tip | PriceGift | SetLimits, books: Books) -> Entry | Refusal:
        """Refuses ``gift_not_on_sale`` and ``price_changed``; the kernel judges the rest."""
        if isinstance(command, Tip):
            return self._plan_tip(command)
        if isinstance(command, PriceGift):
            return Entry("gift", f"gift:{command.gift}", ())
        return Entry("limit", "limits", ())

    def _plan_tip(self, tip: Tip) -> Entry | Refusal:
        price = self._prices.get(tip.gift)
        if price is None:
            return GiftNotOnSale(tip.gift)
        if tip.price is not None and tip.price != price:
            return PriceChanged(tip.gift, seen_coins=tip.price, coins=price)
        wallet, coins = self._wallets[tip.viewer], price * tip.quantity
        return Entry(
            "tip",
            f"gift:{tip.gift}",
            (Transfer(wallet, self._gifts[tip.streamer], coins),),
            Spending(wallet, coins, business_day(tip.occurred_at), self._limits),
        )

    def accepted(self, command: Tip | PriceGift | SetLimits, posted: Posted) -> None:
        """A price or a limit holds for whatever follows it in the batch."""
        if isinstance(command, Tip):
            self._tip_rows.append((posted.seq, command, self._prices[command.gift]))
        elif isinstance(command, PriceGift):
            self._prices[command.gift] = command.coins
            self._price_rows.append({"gift": command.gift, "entry": posted.seq, "coins": command.coins})
        else:
            self._limits = Limits(
                command.per_tip,
                command.per_day,
                command.per_month,
                command.tips_per_day,
                command.tips_per_month,
            )
            self._limit_rows.append({"entry": posted.seq, **asdict(self._limits)})

    def copies(self) -> Iterable[Copy]:
        """The tips that were accepted."""
        rows, self._tip_rows = self._tip_rows, []
        if rows:
            yield Copy(_COPY_TIPS, [_tip_row(*row) for row in rows])

    def write(self, connection: Connection) -> None:
        """The prices and limits that were accepted."""
        if self._price_rows:
            connection.execute(insert(gift_prices), self._price_rows)
        if self._limit_rows:
            connection.execute(insert(tip_limits), self._limit_rows)


def _tip_row(entry: int, tip: Tip, price: int) -> bytes:
    return b"\0\5" + bigint(entry) + text(tip.room) + text(tip.gift) + bigint(tip.quantity) + bigint(price)
