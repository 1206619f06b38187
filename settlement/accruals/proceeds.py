"""Enforcement of a streamer's rights (维权): vouchered costs, and proceeds shared half and half.

What a case brings in first pays the costs it has not paid yet; the rest is halved when the money is there,
and an odd fen is the platform's. Nothing left pays nothing. Rules: LIVE-IP-3, LIVE-IP-4, gap G15.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, func, insert, select

from ledger.chart import AccountRef, platform_account
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry, Transfer
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from settlement.accruals.accruing import KIND_DISABLED, accruals_of, unknown_streamer
from settlement.accruals.commands import OpenCase, ReceiveProceeds, RecordCost
from settlement.accruals.part import Shared
from settlement.accruals.refusals import CaseExists, CaseNotFound, VoucherAlreadyUsed, VoucherMissing
from settlement.accruals.tables import ip_cases, ip_costs, ip_proceeds
from settlement.kinds import EarningKind

PROCEEDS_COMMANDS: tuple[type[Command], ...] = (OpenCase, RecordCost, ReceiveProceeds)
COSTS_NOT_COVERED = "costs_not_covered"
_BANK, _COST = platform_account("bank"), platform_account("enforcement_cost")
_INCOME = platform_account("ip_income")


class Division(NamedTuple):
    """The parts of proceeds, fen. They sum to the whole."""

    costs_minor: int
    streamer_minor: int
    platform_minor: int


def divide(gross_minor: int, open_costs_minor: int) -> Division:
    """Costs first; then half and half, with an odd fen to the platform."""
    costs = min(gross_minor, max(0, open_costs_minor))
    net = gross_minor - costs
    return Division(costs, net // 2, net - net // 2)


class ProceedsPage(Page):
    """The cases of a batch. All that is said of cases waits for the lock on the enforcement costs."""

    def __init__(self, connection: Connection, commands: Sequence[Command], shared: Shared) -> None:
        self._commands = [c for c in commands if isinstance(c, OpenCase | RecordCost | ReceiveProceeds)]
        self._shared = shared
        self._streamer_of: dict[str, str] = {}
        named = {command.ip_case for command in self._commands}
        if named:
            query = select(ip_cases.c.ip_case, ip_cases.c.streamer).where(ip_cases.c.ip_case.in_(named))
            self._streamer_of = {row.ip_case: row.streamer for row in connection.execute(query)}
        self._known = frozenset(self._streamer_of)
        self._open_costs: dict[str, int] = {}
        self._used: set[str] = set()
        self._divided: dict[UUID, Division] = {}
        self._cases: list[dict[str, object]] = []
        self._costs: list[dict[str, object]] = []
        self._proceeds: list[dict[str, object]] = []

    def accounts(self) -> Iterable[AccountRef]:
        """The bank, costs and income, and the accruals of whose work it is."""
        if self._commands:
            yield from (_BANK, _COST, _INCOME)
        for streamer in self._streamer_of.values():
            yield accruals_of(streamer)
        for command in self._commands:
            if isinstance(command, OpenCase):
                yield accruals_of(command.streamer)

    def is_behind(self, command: Command, books: Books) -> bool:
        """A case taken up elsewhere since we looked."""
        return isinstance(command, OpenCase) and command.ip_case not in self._known

    def after_locks(self, connection: Connection, books: Books) -> None:
        """Which costs the cases have not paid yet, and which vouchers were used."""
        if not self._commands:
            return
        spent = select(ip_costs.c.ip_case, func.sum(ip_costs.c.amount_minor).label("minor"))
        paid = select(ip_proceeds.c.ip_case, func.sum(ip_proceeds.c.costs_minor).label("minor"))
        for query, table, sign in ((spent, ip_costs, 1), (paid, ip_proceeds, -1)):
            of_these = query.where(table.c.ip_case.in_(self._known)).group_by(table.c.ip_case)
            for row in connection.execute(of_these):
                before = self._open_costs.get(row.ip_case, 0)
                self._open_costs[row.ip_case] = before + sign * int(row.minor)
        vouchers = [c.voucher for c in self._commands if isinstance(c, RecordCost) and c.voucher]
        if vouchers:
            query = select(ip_costs.c.voucher).where(ip_costs.c.voucher.in_(vouchers))
            self._used = set(connection.scalars(query))

    def plan(self, command: OpenCase | RecordCost | ReceiveProceeds, books: Books) -> Entry | Refusal:
        """Refuses a case twice or none at all, and a cost without a voucher of its own."""
        if isinstance(command, OpenCase):
            if unknown := unknown_streamer(books, command.streamer):
                return unknown
            if command.ip_case in self._streamer_of:
                return CaseExists(command.ip_case)
            return Entry("ip_case", f"work:{command.work}", ())
        streamer = self._streamer_of.get(command.ip_case)
        if streamer is None:
            return CaseNotFound(command.ip_case)
        if isinstance(command, RecordCost):
            if command.voucher is None:
                return VoucherMissing(command.ip_case)
            if command.voucher in self._used:
                return VoucherAlreadyUsed(command.voucher)
            paid = Transfer(_COST, _BANK, command.amount_minor)
            return Entry("ip_cost", f"case:{command.ip_case} voucher:{command.voucher}", (paid,))
        return self._dividing(command, streamer)

    def _dividing(self, command: ReceiveProceeds, streamer: str) -> Entry:
        division = divide(command.amount_minor, self._open_costs.get(command.ip_case, 0))
        accrual = self._shared.accruing.plan(
            command,
            streamer,
            EarningKind.IP_PROCEEDS,
            division.streamer_minor,
            command.ip_case,
            reason=None if division.streamer_minor else COSTS_NOT_COVERED,
        )
        if accrual.reason == KIND_DISABLED:
            net = division.streamer_minor + division.platform_minor
            division = Division(division.costs_minor, 0, net)
        self._divided[command.id] = division
        goes_to = (_COST, accruals_of(streamer), _INCOME)
        acts = tuple(Transfer(_BANK, to, part) for to, part in zip(goes_to, division, strict=True) if part)
        return Entry("ip_proceeds", f"case:{command.ip_case}", acts)

    def accepted(self, command: OpenCase | RecordCost | ReceiveProceeds, posted: Posted) -> None:
        """Later commands of the batch see it."""
        about: dict[str, object] = {"ip_case": command.ip_case, "entry": posted.seq}
        if isinstance(command, OpenCase):
            self._streamer_of[command.ip_case] = command.streamer
            self._cases.append({**about, "streamer": command.streamer, "work": command.work})
        elif isinstance(command, RecordCost):
            assert command.voucher is not None, "a cost that was accepted has a voucher"
            self._used.add(command.voucher)
            before = self._open_costs.get(command.ip_case, 0)
            self._open_costs[command.ip_case] = before + command.amount_minor
            self._costs.append({**about, "voucher": command.voucher, "amount_minor": command.amount_minor})
        else:
            self._shared.accruing.accepted(command, posted)
            division = self._divided.pop(command.id)
            before = self._open_costs.get(command.ip_case, 0)
            self._open_costs[command.ip_case] = before - division.costs_minor
            self._proceeds.append({**about, "gross_minor": command.amount_minor, **division._asdict()})

    def write(self, connection: Connection) -> None:
        """The cases, their costs and their proceeds."""
        tables = ((ip_cases, self._cases), (ip_costs, self._costs), (ip_proceeds, self._proceeds))
        for table, rows in tables:
            if rows:
                connection.execute(insert(table), rows)
