"""The treasury desk: tax leaves the bank by two persons' word; a debt is paid in as far as it is owed."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection, insert, select

from ledger.chart import AccountRef, platform_account
from ledger.instants import datetime_of
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.accounts import Account
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry, Transfer
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from settlement.payouts.refusals import SamePerson
from settlement.payouts.states import person_of
from settlement.treasury.commands import (
    ApproveRemittance,
    PayInDebt,
    ProposeRemittance,
    WithdrawRemittance,
)
from settlement.treasury.reading import MonthOfTax, Remittance, month_of_tax, remittances_named
from settlement.treasury.refusals import (
    DebtPaymentAlreadyRecorded,
    ExceedsDebt,
    ExceedsWithheld,
    RemittanceClosed,
    RemittanceNotFound,
)
from settlement.treasury.tables import debt_payments, tax_remittance_ends, tax_remittances

TreasuryCommand = ProposeRemittance | ApproveRemittance | WithdrawRemittance | PayInDebt
_BANK, _TAX = platform_account("bank"), platform_account("tax_withheld")


class TreasuryDesk:
    """Plans what is about tax to be handed over, and ``debt_payment``."""

    commands: tuple[type[Command], ...] = (
        ProposeRemittance,
        ApproveRemittance,
        WithdrawRemittance,
        PayInDebt,
    )

    def open(self, connection: Connection, commands: Sequence[Command]) -> "TreasuryPage":
        """Nothing to read before the locks."""
        return TreasuryPage([command for command in commands if isinstance(command, TreasuryCommand)])


class TreasuryPage(Page):
    """Proposals, months and debts of a batch, read under the lock of the tax withheld, moving on with it."""

    def __init__(self, commands: Sequence[TreasuryCommand]) -> None:
        self._commands = commands
        self._remittances: dict[UUID, Remittance] = {}
        self._months: dict[tuple[int, int], MonthOfTax] = {}
        self._recorded: set[str] = set()
        self._rows: dict[str, list[dict[str, object]]] = {}

    def accounts(self) -> Iterable[AccountRef]:
        """The tax withheld, by which two who approve wait for each other; debts; the bank."""
        payments = [command for command in self._commands if isinstance(command, PayInDebt)]
        if len(payments) < len(self._commands):
            yield _TAX
        yield _BANK
        for command in payments:
            yield AccountRef("debt", command.party)

    def after_locks(self, connection: Connection, books: Books) -> None:
        """How the proposals stand, what is left of their months, and which payments are recorded."""
        named = [
            command.remittance
            for command in self._commands
            if isinstance(command, ApproveRemittance | WithdrawRemittance)
        ]
        self._remittances = remittances_named(connection, named)
        asked = {(one.year, one.month) for one in self._remittances.values()}
        asked |= {(one.year, one.month) for one in self._commands if isinstance(one, ProposeRemittance)}
        self._months = {month: month_of_tax(connection, *month) for month in asked}
        references = [command.reference for command in self._commands if isinstance(command, PayInDebt)]
        if references:
            known = select(debt_payments.c.reference).where(debt_payments.c.reference.in_(references))
            self._recorded = set(connection.scalars(known))

    def plan(self, command: TreasuryCommand, books: Books) -> Entry | Refusal:
        """Refuses, of a proposal, ``exceeds_withheld``; of what is done about one, ``remittance_not_found``,
        ``same_person`` and ``remittance_closed`` before it; of a payment, ``account_not_found``,
        ``exceeds_debt`` and ``debt_payment_already_recorded``.
        """
        match command:
            case ProposeRemittance():
                asked = (command.year, command.month, command.amount_minor)
                return self._why_not_left(*asked, books) or Entry(command.kind, _cause(command.id), ())
            case PayInDebt():
                return self._payment(command, books)
            case _:
                return self._end(command, books)

    def _end(self, command: ApproveRemittance | WithdrawRemittance, books: Books) -> Entry | Refusal:
        proposed = self._remittances.get(command.remittance)
        if proposed is None:
            return RemittanceNotFound(str(command.remittance))
        is_approval = isinstance(command, ApproveRemittance)
        if is_approval and person_of(command.actor) == person_of(proposed.maker):
            return SamePerson(person_of(command.actor))
        if proposed.state != "proposed":
            return RemittanceClosed(str(command.remittance), proposed.state)
        if not is_approval:
            return Entry(command.kind, _cause(command.remittance), ())
        amount = proposed.amount_minor
        refusal = self._why_not_left(proposed.year, proposed.month, amount, books)
        return refusal or Entry(command.kind, _cause(command.remittance), (Transfer(_TAX, _BANK, amount),))

    def _payment(self, command: PayInDebt, books: Books) -> Entry | Refusal:
        debt = books.account(AccountRef("debt", command.party))
        if not isinstance(debt, Account):
            return debt
        if command.amount_minor > debt.available_minor:
            return ExceedsDebt(command.party, "CNY", debt.available_minor, command.amount_minor)
        if command.reference in self._recorded:
            return DebtPaymentAlreadyRecorded(command.reference)
        cause = f"party:{command.party} payment:{command.reference}"
        return Entry(command.kind, cause, (Transfer(_BANK, debt.ref, command.amount_minor),))

    def _why_not_left(self, year: int, month: int, amount_minor: int, books: Books) -> Refusal | None:
        """At most what the month has left, and never more than was withheld in all."""
        of_month = self._months[year, month]
        left = max(0, min(of_month.left_minor, books.accounts[_TAX].posted_minor))
        return ExceedsWithheld(str(of_month), "CNY", left, amount_minor) if amount_minor > left else None

    def accepted(self, command: TreasuryCommand, posted: Posted) -> None:
        """Later commands of the batch see what is left now."""
        row: dict[str, object] = {"entry": posted.seq, "occurred_at": datetime_of(command.occurred_at)}
        match command:
            case ProposeRemittance():
                fields = {
                    name: getattr(command, name) for name in ("year", "month", "amount_minor", "reference")
                }
                row |= fields | {"remittance": command.id, "maker": command.actor}
                self._add("tax_remittances", row)
                self._remittances[command.id] = Remittance(
                    posted.seq,
                    command.id,
                    command.year,
                    command.month,
                    command.amount_minor,
                    command.reference,
                    command.actor,
                    command.occurred_at,
                    "proposed",
                    None,
                    None,
                    None,
                )
            case PayInDebt():
                self._recorded.add(command.reference)
                fields = {name: getattr(command, name) for name in ("party", "amount_minor", "reference")}
                self._add("debt_payments", row | fields)
            case _:
                self._ended(command, row)

    def _ended(self, command: ApproveRemittance | WithdrawRemittance, row: dict[str, object]) -> None:
        is_approval = isinstance(command, ApproveRemittance)
        state = "remitted" if is_approval else "withdrawn"
        proposed = self._remittances[command.remittance]
        self._remittances[command.remittance] = proposed._replace(state=state)
        if is_approval:
            month = self._months[proposed.year, proposed.month]
            paid = month.remitted_minor + proposed.amount_minor
            self._months[proposed.year, proposed.month] = month._replace(remitted_minor=paid)
        row |= {"remittance": command.remittance, "state": state, "actor": command.actor}
        reason = command.reason if isinstance(command, WithdrawRemittance) else None
        self._add("tax_remittance_ends", row | {"reason": reason})

    def _add(self, table: str, row: dict[str, object]) -> None:
        self._rows.setdefault(table, []).append(row)

    def write(self, connection: Connection) -> None:
        """Proposals, their ends, and payments."""
        for table in (tax_remittances, tax_remittance_ends, debt_payments):
            if rows := self._rows.get(table.name):
                connection.execute(insert(table), rows)


def _cause(remittance: UUID) -> str:
    return f"remittance:{remittance}"
