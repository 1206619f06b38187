"""Books in which bo sells tea, and what was earned by it is taken, given back, taken back and settled."""

import json
from typing import NamedTuple
from uuid import UUID

from ledger.database import Database
from settlement.accruals.commands import GiveCommission, RecordSale, ReturnGoods
from settlement.statements.explain import explain
from tests.moderation.lately import head
from tests.moderation.takings.court import Court

_WITHDRAWN = "SELECT amount_minor, earnings_minor, debt_minor FROM settlement.withdrawals ORDER BY entry"
_NEWEST = "SELECT statement, document FROM settlement.statements ORDER BY entry DESC LIMIT 1"
_ORDERS = """
SELECT d.id, s.sale FROM settlement.sales AS s JOIN ledger.decisions AS d ON d.seq = s.entry
UNION ALL
SELECT d.id, s.sale FROM settlement.sales AS s JOIN settlement.received_again AS r ON r.accrual = s.entry
JOIN ledger.decisions AS d ON d.seq = r.entry
"""


class Minors(NamedTuple):
    """What bo has and owes, and what the platform's commissions come to, fen."""

    accruals: int
    earnings: int
    debt: int
    expense: int


class Shop:
    """A court before which bo sells tea for a tenth."""

    def __init__(self, database: Database) -> None:
        self.court = Court(database)
        self.court.done(GiveCommission(*head(), "C-1", "bo", "tea", 1_000))

    def sold(self, order: str, commission: int, *, day: int = 0, later: int = 0) -> UUID:
        """Tea, for ten times the commission, so many microseconds after 20:00."""
        id, actor, at, _ = head(day=day)
        command = RecordSale(id, actor, at + later, at + later, order, "C-1", "bo", None, 10 * commission)
        self.court.done(command)
        return command.id

    def came_back(self, order: str, commission: int) -> None:
        """So much of the tea that its commission was this."""
        self.court.done(ReturnGoods(*head(day=20), order, 10 * commission))

    def punished(self, fen: int | None = None) -> UUID:
        """A penalty that was taken: the oldest accruals, since there is nothing else."""
        [(cases,)] = self.court.rows("SELECT count(*) FROM moderation.cases")
        case = self.court.case(f"k{cases}")
        decision = self.court.penalty(fen, case=case, day=4)
        assert self.court.execute(decision, day=12)
        return decision

    def overturned(self, decision: UUID, *, stays: int | None = None) -> None:
        """It is given back: all, or all but so much."""
        changes = {} if stays is None else {"lowered": ((0, stays),)}
        verdict = "overturned" if stays is None else "changed"
        self.court.answer(self.court.appeal(decision, day=5), verdict, day=6, **changes)

    def settled(self) -> dict[str, int]:
        """A run at a flat share, to its end: what it took of which order, as its lines are explained."""
        statements = len(self.court.rows("SELECT FROM settlement.statements"))
        self.court.settle()
        if len(self.court.rows("SELECT FROM settlement.statements")) == statements:
            return {}
        [(statement, document)] = self.court.rows(_NEWEST)
        order_of = dict(self.court.rows(_ORDERS))
        found: dict[str, int] = {}
        with self.court.database.app.connect() as connection:
            for number, line in enumerate(json.loads(document)["lines"], start=1):
                receipts = explain(connection, statement, number, limit=1_000).receipts
                assert sum(receipt.amount_minor for receipt in receipts) == line["amount_minor"]
                for receipt in receipts:
                    order = order_of[receipt.entry]
                    found[order] = found.get(order, 0) + receipt.amount_minor
        return found

    def minors(self) -> Minors:
        """The balances."""
        accruals, earnings, debt = (self.court.balance(kind) for kind in ("accruals", "earnings", "debt"))
        return Minors(accruals, earnings, debt, self.court.balance("commission_expense", "platform"))

    def withdrawn(self) -> list[tuple[int, ...]]:
        """What was taken back, out of accruals, earnings and debt."""
        return self.court.rows(_WITHDRAWN)
