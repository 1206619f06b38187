"""Books with verified payees who have earned something, and what happens to their payouts, in few words."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID, uuid4

from sqlalchemy import Connection, text

from api.audits import all_audits
from api.wiring import desks
from ledger.audits.verify import LEDGER_AUDITS, audits_in, verify
from ledger.chart import AccountRef, platform_account
from ledger.database import Database
from ledger.instants import MICROSECONDS_PER_DAY, instant_of
from ledger.journal.commands import Command, Outcome
from ledger.journal.desks import Page
from ledger.journal.journal import Journal
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry, Transfer
from ledger.parties import Register
from settlement.payees.commands import HandInInvoice, SetPayeeAccount, Verify
from settlement.payees.reading import PayeeKind, PayoutChannel
from settlement.payouts.commands import (
    ApprovePayout,
    CancelPayout,
    MakeBatch,
    PayoutFailed,
    PayoutPaid,
    PayoutReturned,
    PayoutUnknown,
    RefusePayout,
    RequestPayout,
    SendPayout,
)
from settlement.payouts.reading import histories_of, payout_of
from settlement.payouts.states import Payout
from settlement.policies.publishing import PublishPolicy
from tests.settlement.payees.sample import KEYS, NAME, NUMBER
from tests.settlement.policies.writing import sample_policy

#: 2026-10-05, 20:00 in China: a Monday.
MONDAY = instant_of(datetime(2026, 10, 5, 12, tzinfo=UTC))

#: Payouts from 100.00 on, once a day, by a second person above 1,000.00, half of a month at most to debts.
PAYOUT_TERMS = """[payout]
threshold_minor = 10_000
cycle = "daily"
approval_above_minor = 100_000
debt_cap_bps = 5_000
"""


def policy(terms: str = PAYOUT_TERMS, version: str | None = None, effective_at: str | None = None) -> str:
    """The sample policy with other terms of payouts."""
    sample = sample_policy(version, effective_at)
    before, _, rest = sample.partition("[payout]")
    _, bracket, after = rest.partition("\n[")
    return before + terms + bracket + after


class Earn(Command, frozen=True, gc=False):
    """Earnings, or a debt, out of nowhere: how they came about does not matter here."""

    payee: str
    amount_minor: int
    account: str = "earnings"

    kind: ClassVar[str] = "earned"


class EarnDesk:
    """Plans ``earned``."""

    commands: tuple[type[Command], ...] = (Earn,)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "EarnPage":
        """Nothing to read."""
        return EarnPage([command for command in commands if isinstance(command, Earn)])


class EarnPage(Page):
    """What is earned or owed from now on."""

    def __init__(self, commands: Sequence[Earn]) -> None:
        self._commands = commands

    def accounts(self) -> Iterable[AccountRef]:
        """The payees' accounts, and the platform's side."""
        yield platform_account("adjustments")
        for command in self._commands:
            yield AccountRef(command.account, command.payee)

    def plan(self, command: Earn, books: Books) -> Entry:
        """One transfer."""
        here, there = AccountRef(command.account, command.payee), platform_account("adjustments")
        pair = (there, here) if command.account == "earnings" else (here, there)
        return Entry("earned", "test", (Transfer(*pair, command.amount_minor),))


class Payees:
    """The books of a test: payees, and what they and finance do."""

    def __init__(self, database: Database, terms: str | None = PAYOUT_TERMS) -> None:
        self.database = database
        self.journal = Journal(database.app, [*desks(), EarnDesk()])
        self.day = 0
        if terms is not None:
            self.did(PublishPolicy(*self.head("finance:f0"), policy(terms)))

    def head(self, actor: str, id: UUID | None = None) -> tuple[UUID, str, int, int]:
        """What a command begins with, on the day it is."""
        at = MONDAY + self.day * MICROSECONDS_PER_DAY
        return id or uuid4(), actor, at, at

    def say(self, *commands: Command) -> list[Outcome]:
        """What is decided of commands."""
        return self.journal.decide(commands)

    def did(self, *commands: Command) -> UUID:
        """Commands that must be accepted; the id of the last."""
        for command, outcome in zip(commands, self.say(*commands), strict=True):
            assert outcome.refusal is None, f"{command.kind}: {outcome.refusal}"
            assert outcome.decided, f"{command.kind} came to nothing"
        return commands[-1].id

    def refused(self, command: Command) -> str:
        """A command that must be refused; the code."""
        refusal = self.say(command)[0].refusal
        assert refusal is not None, f"{command.kind} was accepted"
        return refusal.code

    def payee(
        self,
        party: str,
        earned_minor: int = 0,
        *,
        name: str = NAME,
        number: str = NUMBER,
        kind: PayeeKind = "person",
        channel: PayoutChannel = "bank",
        account: str = "6222020000001234567",
    ) -> str:
        """A verified streamer with an account, who has earned so much."""
        self.did(Register(*self.head("gateway:file"), party, ("streamer",)))
        self.verified(party, name=name, number=number, kind=kind)
        self.account(party, holder=name, channel=channel, account=account)
        if earned_minor:
            self.did(Earn(*self.head("gateway:file"), party, earned_minor))
        return party

    def verified(self, party: str, *, name: str, number: str, kind: PayeeKind = "person") -> None:
        """The identity of a party was verified."""
        first = self.head("gateway:file")
        sealed = [
            KEYS.personal(first[0], party, field, value)
            for field, value in (("name", name), ("number", number))
        ]
        self.did(Verify(*first, party, kind, *sealed))

    def account(self, party: str, *, holder: str, channel: PayoutChannel, account: str) -> None:
        """A payee says where to pay."""
        first = self.head(f"streamer:{party}")
        where, who = (
            KEYS.personal(first[0], party, field, value)
            for field, value in (("account", account), ("holder", holder))
        )
        self.did(SetPayeeAccount(*first, party, channel, where, who))

    def earns(self, party: str, amount_minor: int) -> None:
        """More earnings."""
        self.did(Earn(*self.head("gateway:file"), party, amount_minor))

    def owes(self, party: str, amount_minor: int) -> None:
        """A debt."""
        self.did(Earn(*self.head("gateway:file"), party, amount_minor, "debt"))

    def invoice(self, party: str, number: str, amount_minor: int) -> None:
        """An organisation hands in an invoice."""
        self.did(HandInInvoice(*self.head(f"streamer:{party}"), party, number, amount_minor))

    def request(
        self, party: str, amount_minor: int | None = None, *, by: str | None = None, id: UUID | None = None
    ) -> RequestPayout:
        """A payee asks to be paid."""
        return RequestPayout(*self.head(by or f"streamer:{party}", id), party, amount_minor)

    def approve(self, payout: UUID, by: str = "finance:f2") -> ApprovePayout:
        """A second person looks at it."""
        return ApprovePayout(*self.head(by), payout)

    def refuse(self, payout: UUID, by: str = "finance:f2") -> RefusePayout:
        """Finance does not pay."""
        return RefusePayout(*self.head(by), payout, "documents missing")

    def cancel(self, payout: UUID, by: str) -> CancelPayout:
        """It is taken back."""
        return CancelPayout(*self.head(by), payout)

    def batch(self, *payouts: UUID, by: str = "finance:f1") -> MakeBatch:
        """Payouts put together for the bank."""
        return MakeBatch(*self.head(by), "bank", payouts)

    def send(
        self, payout: UUID, batch: UUID | None = None, *, by: str = "finance:f2", channel: str = "sandbox"
    ) -> SendPayout:
        """It goes to a channel."""
        return SendPayout(*self.head(by), payout, "bank" if batch else channel, batch)

    def paid(self, payout: UUID, reference: str = "B-1") -> PayoutPaid:
        """The channel paid."""
        return PayoutPaid(*self.head("gateway:bank"), payout, reference)

    def failed(self, payout: UUID) -> PayoutFailed:
        """The channel did not pay."""
        return PayoutFailed(*self.head("gateway:bank"), payout, "account closed")

    def unknown(self, payout: UUID) -> PayoutUnknown:
        """Nobody knows."""
        return PayoutUnknown(*self.head("gateway:bank"), payout, "no answer")

    def returned(self, payout: UUID, by: str = "finance:f1") -> PayoutReturned:
        """The money is back."""
        return PayoutReturned(*self.head(by), payout, "account closed")

    def sent(self, party: str, amount_minor: int | None = None) -> UUID:
        """A payout asked for, approved where that is needed, and sent."""
        payout = self.did(self.request(party, amount_minor))
        if self.payout(payout).state == "requested":
            self.did(self.approve(payout, "finance:f3"))
        self.did(self.send(payout))
        return payout

    def payout(self, payout: UUID) -> Payout:
        """A payout as it stands."""
        with self.database.app.connect() as connection:
            return payout_of(connection, payout)

    def states(self, payout: UUID) -> list[str]:
        """The states it has been in."""
        with self.database.app.connect() as connection:
            return [event.state.value for event in histories_of(connection, [payout])[payout]]

    def balance(self, kind: str, owner: str = "platform") -> tuple[int, int]:
        """What an account has on its normal side, and what of it is held."""
        statement = text("SELECT * FROM ledger.accounts WHERE kind = :kind AND owner = :owner")
        with self.database.app.connect() as connection:
            row = connection.execute(statement, {"kind": kind, "owner": owner}).one()
        posted = row.credits_minor - row.debits_minor
        return posted if row.normal_side == "credit" else -posted, row.held_minor

    def breaches(self) -> list[str]:
        """What `zhibo verify` would say of the ledger and of payouts."""
        ledger = {audit.name for audit in audits_in(LEDGER_AUDITS)}
        audits = [audit for audit in all_audits() if audit.name in ledger or "payout" in audit.name]
        return [str(breach) for breach in verify(self.database.app, audits)]
