"""The payee desk: keeps who was verified, where they are paid, and their invoices. It moves nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from uuid import UUID

from sqlalchemy import Connection, insert, select, tuple_

from ledger.chart import AccountRef
from ledger.instants import datetime_of
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import AccountNotFound, Refusal
from ledger.sealing import Personal
from settlement.payees.commands import HandInInvoice, SetPayeeAccount, Verify
from settlement.payees.reading import Payee, payees_of, refusal_of_account
from settlement.payees.refusals import (
    InvoiceAlreadyHandedIn,
    InvoiceNotNeeded,
    LicenceRequired,
    PayeeNotVerified,
)
from settlement.payees.tables import invoices, payee_accounts, sealed_values, verifications

PayeeCommand = Verify | SetPayeeAccount | HandInInvoice
_Row = dict[str, object]
Announce = Callable[[Connection, Sequence[UUID]], None]


class PayeeDesk:
    """Plans ``verification``, ``payee_account`` and ``invoice``."""

    commands: tuple[type[Command], ...] = (Verify, SetPayeeAccount, HandInInvoice)

    def __init__(self, announce: Announce) -> None:
        """``announce`` is told of the verifications that are accepted, in their transaction."""
        self._announce = announce

    def open(self, connection: Connection, commands: Sequence[Command]) -> "PayeePage":
        """Nothing to read before the locks: a party may be verified anew while we wait for them."""
        theirs = [command for command in commands if isinstance(command, PayeeCommand)]
        return PayeePage(theirs, self._announce)


class PayeePage(Page):
    """The payees of a batch, read under the lock of their earnings, moving on with it."""

    def __init__(self, commands: Sequence[PayeeCommand], announce: Announce) -> None:
        self._commands = commands
        self._announce = announce
        self._verified: list[UUID] = []
        self._payees: dict[str, Payee] = {}
        self._handed_in: set[tuple[str, str]] = set()
        self._rows: dict[str, list[_Row]] = {}

    def accounts(self) -> Iterable[AccountRef]:
        """The earnings of each payee: what is paid out reads who is paid under the same lock."""
        for command in self._commands:
            yield AccountRef("earnings", command.party)

    def after_locks(self, connection: Connection, books: Books) -> None:
        """Who the payees are, and which of the invoices were handed in."""
        self._payees = payees_of(connection, {command.party for command in self._commands})
        for payee in self._payees.values():
            # The newest fact counts, also when the clock was set back since the one before.
            books.go_on_behind(max(payee.entry, payee.account.entry if payee.account else 0))
        numbers = [(one.party, one.number) for one in self._commands if isinstance(one, HandInInvoice)]
        if numbers:
            key = tuple_(invoices.c.party, invoices.c.number)
            rows = connection.execute(select(invoices.c.party, invoices.c.number).where(key.in_(numbers)))
            self._handed_in = {(row.party, row.number) for row in rows}

    def plan(self, command: PayeeCommand, books: Books) -> Entry | Refusal:
        """Refuses ``account_not_found``, and then as each kind of command says."""
        earnings = AccountRef("earnings", command.party)
        if earnings not in books.accounts:
            return AccountNotFound(*earnings)
        match command:
            case Verify():
                return _plan_verification(command)
            case SetPayeeAccount():
                return _plan_account(command, self._payees.get(command.party))
            case HandInInvoice():
                return self._plan_invoice(command)

    def _plan_invoice(self, command: HandInInvoice) -> Entry | Refusal:
        """Refuses ``payee_not_verified``, ``invoice_not_needed``, ``invoice_already_handed_in``."""
        payee = self._payees.get(command.party)
        if payee is None:
            return PayeeNotVerified(command.party)
        if not payee.is_organisation:
            return InvoiceNotNeeded(command.party)
        if (command.party, command.number) in self._handed_in:
            return InvoiceAlreadyHandedIn(command.party, command.number)
        return Entry("invoice", f"party:{command.party} invoice:{command.number}", ())

    def accepted(self, command: PayeeCommand, posted: Posted) -> None:
        """Later commands of the batch see who the payee is now."""
        row: _Row = {
            "entry": posted.seq,
            "party": command.party,
            "occurred_at": datetime_of(command.occurred_at),
        }
        match command:
            case Verify():
                party, payee_kind = command.party, command.payee_kind
                name, number = command.name, command.number
                assert number is not None, "a verification without a number is refused"
                was = self._payees.get(party)
                self._payees[party] = Payee(
                    party, payee_kind, posted.seq, name.digest, number.digest, was.account if was else None
                )
                self._verified.append(command.id)
                row |= {"kind": payee_kind, "name_hash": name.digest, "number_hash": number.digest}
                self._add("verifications", row)
            case SetPayeeAccount():
                row |= {
                    "channel": command.channel,
                    "account_hash": command.account.digest,
                    "holder_hash": command.holder.digest,
                }
                self._add("payee_accounts", row)
            case HandInInvoice():
                self._handed_in.add((command.party, command.number))
                row |= {"number": command.number, "amount_minor": command.amount_minor}
                self._add("invoices", row)
        for field, personal in _personal_values(command):
            key_id, sealed = personal.envelope
            self._add(
                "sealed_values",
                {
                    "entry": posted.seq,
                    "field": field,
                    "party": command.party,
                    "key_id": key_id,
                    "sealed": sealed,
                },
            )

    def _add(self, table: str, row: _Row) -> None:
        self._rows.setdefault(table, []).append(row)

    def write(self, connection: Connection) -> None:
        """The facts accepted, and their sealed values."""
        for table in (verifications, payee_accounts, invoices, sealed_values):
            if rows := self._rows.get(table.name):
                connection.execute(insert(table), rows)
        if self._verified:
            self._announce(connection, self._verified)


def _plan_verification(command: Verify) -> Entry | Refusal:
    """Refuses ``licence_required``: an organisation's licence is what it is known by."""
    if command.number is None:
        return LicenceRequired(command.party)
    return Entry("verification", f"party:{command.party} as:{command.payee_kind}", ())


def _plan_account(command: SetPayeeAccount, payee: Payee | None) -> Entry | Refusal:
    """Refuses ``payee_not_verified``, ``bank_account_required``, ``payee_name_mismatch``."""
    if payee is None:
        return PayeeNotVerified(command.party)
    refusal = refusal_of_account(payee, channel=command.channel, holder_hash=command.holder.digest)
    return refusal or Entry("payee_account", f"party:{command.party} channel:{command.channel}", ())


def _personal_values(command: PayeeCommand) -> Iterator[tuple[str, Personal]]:
    for field in ("name", "number", "birth_date", "representative", "account", "holder"):
        value = getattr(command, field, None)
        if isinstance(value, Personal):
            yield field, value
