"""Live commerce (直播带货): goods that the platform gave, so far as they are not returned. LIVE-EARN-2.

The commission is the rate's part of the price, rounded half up once. Of returned goods so much is taken
back that what stays is the commission of what was kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, func, insert, select

from ledger.chart import AccountRef, platform_account
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from ledger.money import share_of
from settlement.accruals.accruing import ROUNDS_TO_NOTHING, accounts_of, accruals_of, unknown_streamer
from settlement.accruals.commands import GiveCommission, RecordSale, ReturnGoods
from settlement.accruals.part import Shared
from settlement.accruals.refusals import (
    CommissionExists,
    CommissionNotFound,
    ExceedsSale,
    SaleAlreadyCounted,
    SaleNotFound,
)
from settlement.accruals.tables import accruals, commissions, returned_goods, sales
from settlement.accruals.taking_back import Parts
from settlement.kinds import EXPENSE_OF_KIND, EarningKind
from settlement.sessions.refusals import SessionNotFound

COMMISSION_COMMANDS: tuple[type[Command], ...] = (GiveCommission, RecordSale, ReturnGoods)
GOODS_RETURNED = "goods_returned"
_EXPENSE = platform_account(EXPENSE_OF_KIND[EarningKind.COMMERCE])


@dataclass(slots=True)
class Sale:
    """A sale, the accrual it made, and the price of what was not returned."""

    streamer: str
    entry: int
    left_minor: int
    rate_bps: int
    pays: bool

    def commission_of(self, price_minor: int) -> int:
        """What goods of this price earned when they came back: the difference it makes to what is kept."""
        if not self.pays:
            return 0
        kept = self.left_minor - price_minor
        return share_of(self.left_minor, self.rate_bps) - share_of(kept, self.rate_bps)


class CommissionPage(Page):
    """The commissions, sales and returns of a batch. They wait for the lock on the commission expense."""

    def __init__(self, connection: Connection, commands: Sequence[Command], shared: Shared) -> None:
        self._given = [command for command in commands if isinstance(command, GiveCommission)]
        self._sold = [command for command in commands if isinstance(command, RecordSale)]
        self._returned = [command for command in commands if isinstance(command, ReturnGoods)]
        self._shared = shared
        self._sales: dict[str, Sale] = {}
        self._counted: set[str] = set()
        self._rate_of: dict[tuple[str, str], int] = {}
        self._commissions: set[str] = set()
        self._taken: dict[UUID, Parts] = {}
        self._rows: list[tuple[object, dict[str, object]]] = []
        self._named = {returned.sale for returned in self._returned}
        if self._named:
            self._read_sales(connection)
        self._known = frozenset(self._sales)
        shared.live.need(*(sale.session for sale in self._sold if sale.session is not None))

    def _read_sales(self, connection: Connection) -> None:
        query = select(sales, accruals.c.amount_minor).join(accruals, accruals.c.entry == sales.c.entry)
        for row in connection.execute(query.where(sales.c.sale.in_(self._named))):
            self._sales[row.sale] = Sale(
                row.streamer, row.entry, row.price_minor, row.rate_bps, row.amount_minor > 0
            )

    def accounts(self) -> Iterable[AccountRef]:
        """The commission expense, the sellers' accruals, and what may be taken from."""
        if self._given or self._sold or self._returned:
            yield _EXPENSE
        for command in self._given:
            yield accruals_of(command.streamer)
        yield from accounts_of(command.streamer for command in self._sold)
        yield from accounts_of(sale.streamer for sale in self._sales.values())

    def is_behind(self, command: Command, books: Books) -> bool:
        """A sale recorded elsewhere since we looked, of which this batch returns goods."""
        if not isinstance(command, RecordSale):
            return False
        return command.sale in self._named and command.sale not in self._known

    def after_locks(self, connection: Connection, books: Books) -> None:
        """Which commissions and sales there are, what was returned, and which sales are settled."""
        numbers = {given.commission for given in self._given} | {sold.commission for sold in self._sold}
        if numbers:
            query = select(commissions).where(commissions.c.commission.in_(numbers))
            for row in connection.execute(query):
                self._commissions.add(row.commission)
                self._rate_of[row.commission, row.streamer] = row.rate_bps
        if self._sold:
            orders = [sold.sale for sold in self._sold]
            self._counted = set(connection.scalars(select(sales.c.sale).where(sales.c.sale.in_(orders))))
        if self._sales:
            back = select(returned_goods.c.sale, func.sum(returned_goods.c.price_minor).label("minor"))
            query = back.where(returned_goods.c.sale.in_(self._sales)).group_by(returned_goods.c.sale)
            for row in connection.execute(query):
                self._sales[row.sale].left_minor -= int(row.minor)
            self._shared.taking_back.load(connection, [sale.entry for sale in self._sales.values()])

    def plan(self, command: GiveCommission | RecordSale | ReturnGoods, books: Books) -> Entry | Refusal:
        """Refuses what no commission was given for, and what is counted already."""
        if isinstance(command, ReturnGoods):
            return self._returning(command, books)
        if unknown := unknown_streamer(books, command.streamer):
            return unknown
        if isinstance(command, GiveCommission):
            if command.commission in self._commissions:
                return CommissionExists(command.commission)
            return Entry("commission", f"goods:{command.goods}", ())
        if command.session is not None:
            live = self._shared.live.get(command.session)
            if live is None or live.streamer != command.streamer:
                return SessionNotFound(str(command.session))
        rate_bps = self._rate_of.get((command.commission, command.streamer))
        if rate_bps is None:
            return CommissionNotFound(command.commission, command.streamer)
        if command.sale in self._counted:
            return SaleAlreadyCounted(command.sale)
        amount_minor = share_of(command.price_minor, rate_bps)
        accrual = self._shared.accruing.plan(
            command,
            command.streamer,
            EarningKind.COMMERCE,
            amount_minor,
            command.sale,
            session=command.session,
            reason=None if amount_minor else ROUNDS_TO_NOTHING,
        )
        return Entry("sale", f"commission:{command.commission}", accrual.transfers())

    def _returning(self, command: ReturnGoods, books: Books) -> Entry | Refusal:
        sale = self._sales.get(command.sale)
        if sale is None:
            return SaleNotFound(command.sale)
        if command.price_minor > sale.left_minor:
            return ExceedsSale(command.sale, "CNY", sale.left_minor, command.price_minor)
        commission_minor = sale.commission_of(command.price_minor)
        parts = self._shared.taking_back.parts(books, sale.streamer, sale.entry, commission_minor)
        self._taken[command.id] = parts
        return Entry("goods_returned", f"sale:{command.sale}", parts.transfers(sale.streamer, _EXPENSE))

    def accepted(self, command: GiveCommission | RecordSale | ReturnGoods, posted: Posted) -> None:
        """Later commands of the batch see it."""
        if isinstance(command, GiveCommission):
            self._commissions.add(command.commission)
            self._rate_of[command.commission, command.streamer] = command.rate_bps
            self._rows.append(
                (
                    commissions,
                    {
                        "commission": command.commission,
                        "entry": posted.seq,
                        "streamer": command.streamer,
                        "goods": command.goods,
                        "rate_bps": command.rate_bps,
                    },
                )
            )
        elif isinstance(command, RecordSale):
            self._sold_so(command, posted)
        else:
            sale = self._sales[command.sale]
            sale.left_minor -= command.price_minor
            self._shared.taking_back.accepted(
                command, posted, sale.streamer, sale.entry, self._taken.pop(command.id), GOODS_RETURNED
            )
            self._rows.append(
                (
                    returned_goods,
                    {"entry": posted.seq, "sale": command.sale, "price_minor": command.price_minor},
                )
            )

    def _sold_so(self, command: RecordSale, posted: Posted) -> None:
        accrual = self._shared.accruing.accepted(command, posted)
        rate_bps = self._rate_of[command.commission, command.streamer]
        pays = accrual.amount_minor > 0
        self._counted.add(command.sale)
        self._sales[command.sale] = Sale(command.streamer, posted.seq, command.price_minor, rate_bps, pays)
        self._rows.append(
            (
                sales,
                {
                    "sale": command.sale,
                    "entry": posted.seq,
                    "commission": command.commission,
                    "streamer": command.streamer,
                    "price_minor": command.price_minor,
                    "rate_bps": rate_bps,
                },
            )
        )

    def write(self, connection: Connection) -> None:
        """The commissions given, the goods sold, the goods returned."""
        for table in (commissions, sales, returned_goods):
            rows = [row for of, row in self._rows if of is table]
            if rows:
                connection.execute(insert(table), rows)
