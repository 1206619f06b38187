"""Reading payees: who a party is, where it is paid, what it has invoiced. Personal values stay sealed."""

from collections.abc import Collection
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from ledger.kernel.refusals import Refusal
from ledger.sealing import SealedValue
from settlement.payees.refusals import (
    BankAccountRequired,
    InvoiceRequired,
    PayeeAccountRequired,
    PayeeNameMismatch,
    PayeeNotVerified,
)
from settlement.payees.tables import invoices, payee_accounts, sealed_values, verifications

PayeeKind = Literal["person", "organisation"]
PayoutChannel = Literal["bank", "wechat", "alipay"]


class PayeeAccount(NamedTuple):
    """An account to pay into. ``entry`` is the fact its sealed values (account, holder) belong to."""

    entry: int
    channel: PayoutChannel
    account_hash: bytes
    holder_hash: bytes


class Payee(NamedTuple):
    """A verified party. ``entry`` is the fact its sealed values (name, number, …) belong to.

    ``number_hash`` is the same for every party of one person: tax is reckoned by it.
    """

    party: str
    kind: PayeeKind
    entry: int
    name_hash: bytes
    number_hash: bytes
    account: PayeeAccount | None

    @property
    def is_organisation(self) -> bool:
        """Whether it is settled by invoice; a person is settled by withholding. Rule: LIVE-ROLE-1."""
        return self.kind == "organisation"


def payee_of(connection: Connection, party: str, upto_seq: int | None = None) -> Payee | None:
    """Who a party is by its newest verification and account; None when it was never verified."""
    return payees_of(connection, (party,), upto_seq).get(party)


def payees_of(
    connection: Connection, parties: Collection[str], upto_seq: int | None = None
) -> dict[str, Payee]:
    """The same for several parties, in two statements; with ``upto_seq``, as the books stood then."""
    newest = {
        row.party: row
        for row in connection.execute(
            select(payee_accounts)
            .where(payee_accounts.c.party.in_(parties), _upto(payee_accounts.c.entry, upto_seq))
            .ext(distinct_on(payee_accounts.c.party))
            .order_by(payee_accounts.c.party, payee_accounts.c.entry.desc())
        )
    }
    found: dict[str, Payee] = {}
    for row in connection.execute(
        select(verifications)
        .where(verifications.c.party.in_(parties), _upto(verifications.c.entry, upto_seq))
        .ext(distinct_on(verifications.c.party))
        .order_by(verifications.c.party, verifications.c.entry.desc())
    ):
        account = newest.get(row.party)
        found[row.party] = Payee(
            row.party,
            row.kind,
            row.entry,
            row.name_hash,
            row.number_hash,
            PayeeAccount(account.entry, account.channel, account.account_hash, account.holder_hash)
            if account
            else None,
        )
    return found


def refusal_to_pay(party: str, payee: Payee | None) -> Refusal | None:
    """Why a party cannot be paid as things stand, None if it can. Rules: JD-KYC-1, JD-KYC-2.

    In this order: ``payee_not_verified``, ``payee_account_required``, ``bank_account_required``,
    ``payee_name_mismatch``. An account set in an older name no longer matches.
    """
    if payee is None:
        return PayeeNotVerified(party)
    if payee.account is None:
        return PayeeAccountRequired(party)
    return refusal_of_account(payee, channel=payee.account.channel, holder_hash=payee.account.holder_hash)


def refusal_of_account(payee: Payee, *, channel: str, holder_hash: bytes) -> Refusal | None:
    """Why a payee cannot be paid into an account: ``bank_account_required``, ``payee_name_mismatch``."""
    if payee.is_organisation and channel != "bank":
        return BankAccountRequired(payee.party, channel)
    if holder_hash != payee.name_hash:
        return PayeeNameMismatch(payee.party)
    return None


def refusal_without_invoice(
    payee: Payee, *, invoiced_minor: int, paid_minor: int, asked_minor: int
) -> InvoiceRequired | None:
    """``invoice_required`` unless an organisation's invoices cover what it was paid, is being, and asks."""
    needed = paid_minor + asked_minor
    if payee.is_organisation and invoiced_minor < needed:
        return InvoiceRequired(payee.party, "CNY", invoiced_minor, needed)
    return None


def invoiced_minor(connection: Connection, party: str, upto_seq: int | None = None) -> int:
    """The sum of the invoices a party has handed in, in fen."""
    total = select(func.coalesce(func.sum(invoices.c.amount_minor), 0)).where(
        invoices.c.party == party, _upto(invoices.c.entry, upto_seq)
    )
    return int(connection.execute(total).scalar_one())


def sealed_of(connection: Connection, entries: Collection[int]) -> dict[int, dict[str, SealedValue]]:
    """The sealed values of some facts, by the fact's entry and their field."""
    found: dict[int, dict[str, SealedValue]] = {entry: {} for entry in entries}
    for row in connection.execute(select(sealed_values).where(sealed_values.c.entry.in_(entries))):
        found[row.entry][row.field] = SealedValue(row.entry, row.field, row.party, row.key_id, row.sealed)
    return found


def _upto(entry: ColumnElement[int], upto_seq: int | None) -> ColumnElement[bool]:
    return entry <= (2**63 - 1 if upto_seq is None else upto_seq)
