"""The payout desk: from the request that sets money aside to the channel's answer, under the payee's lock."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from ledger.chart import AccountRef, platform_account
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.accounts import Account
from ledger.kernel.books import Books
from ledger.kernel.entries import Act, Capture, Entry, Hold, Release, Transfer
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import AccountFrozen, InsufficientFunds, NotPermitted, Refusal
from settlement.payees.reading import Payee, invoiced_minor, payees_of, refusal_to_pay
from settlement.payouts import states
from settlement.payouts.channels import IN_BATCHES, REACHES
from settlement.payouts.commands import (
    ApprovePayout,
    CancelPayout,
    MakeBatch,
    OnPayout,
    PayoutFailed,
    PayoutPaid,
    PayoutReturned,
    PayoutUnknown,
    RefusePayout,
    RequestPayout,
    SendPayout,
)
from settlement.payouts.records import (
    Batch,
    Income,
    batches,
    income_of_payouts,
    income_of_persons,
    payees_of_payouts,
    standing_payouts,
)
from settlement.payouts.refusals import (
    BatchNotFound,
    BatchRequired,
    NothingLeftAfterTax,
    PayoutInFlight,
    PayoutNotFound,
    WrongChannel,
)
from settlement.payouts.states import OPEN, Payout, State
from settlement.payouts.terms import to_debts, why_below, why_outside_cycle
from settlement.payouts.withholding import income_at_sending
from settlement.payouts.writing import Written
from settlement.policies.refusals import NoPolicy
from settlement.policies.versions import Version, in_force, versions

PayoutCommand = RequestPayout | MakeBatch | OnPayout
_BANK, _TAX = platform_account("bank"), platform_account("tax_withheld")
#: The version of an id that we derive ourselves: such a command is never recorded as refused.
_DERIVED = 8
#: Who approves what lies within the bound.
BY_POLICY = "policy"


class _Step(NamedTuple):
    """What a command comes to: where it leaves the payout, and what there is to tell of it."""

    entry: Entry
    payout: Payout | None = None
    detail: str | None = None
    income: Income | None = None
    batch: Batch | None = None


class PayoutDesk:
    """Plans everything that happens to a payout."""

    commands: tuple[type[Command], ...] = (
        RequestPayout,
        ApprovePayout,
        RefusePayout,
        CancelPayout,
        MakeBatch,
        SendPayout,
        PayoutPaid,
        PayoutFailed,
        PayoutUnknown,
        PayoutReturned,
    )

    def open(self, connection: Connection, commands: Sequence[Command]) -> "PayoutPage":
        """Whose the payouts are, and what is in the batches: neither ever changes."""
        theirs = [command for command in commands if isinstance(command, PayoutCommand)]
        named = {command.payout for command in theirs if isinstance(command, OnPayout)}
        for command in theirs:
            if isinstance(command, MakeBatch):
                named.update(command.payouts)
        sent_in = {command.batch for command in theirs if isinstance(command, SendPayout) and command.batch}
        return PayoutPage(theirs, payees_of_payouts(connection, named), batches(connection, sent_in))


class PayoutPage(Page):
    """The payouts of a batch, as they stand under the locks of their payees' earnings."""

    def __init__(
        self, commands: Sequence[PayoutCommand], payees: dict[UUID, str], batches: dict[UUID, Batch]
    ) -> None:
        self._commands = commands
        self._payee_of = payees
        self._requests = [command for command in commands if isinstance(command, RequestPayout)]
        self._payee_of |= {command.id: command.payee for command in self._requests}
        self._batches = batches
        self._payouts: dict[UUID, Payout] = {}
        self._payees: dict[str, Payee] = {}
        self._versions: list[Version] = []
        self._income: list[Income] = []
        self._income_of: dict[UUID, Income] = {}
        self._invoiced: dict[str, int] = {}
        self._steps: dict[UUID, _Step] = {}
        self._written = Written()

    def accounts(self) -> Iterable[AccountRef]:
        """The payees' earnings, and where they go.

        Who sends locks ``tax_withheld``: a person may be several parties, and is taxed as one.
        """
        for payee in self._payee_of.values():
            yield AccountRef("earnings", payee)
        for command in self._requests:
            yield AccountRef("debt", command.payee)
        if any(isinstance(command, SendPayout | PayoutPaid | PayoutReturned) for command in self._commands):
            yield _TAX
        if any(isinstance(command, PayoutPaid | PayoutReturned) for command in self._commands):
            yield _BANK

    def holds(self) -> Iterable[UUID]:
        """The hold of each payout has the payout's id."""
        return self._payee_of.keys()

    def after_locks(self, connection: Connection, books: Books) -> None:
        """How the payouts stand; for what is asked or sent, also the policy, the payees and their income."""
        asking: dict[str, int] = {}
        for command in self._requests:
            asking[command.payee] = min(asking.get(command.payee, command.occurred_at), command.occurred_at)
        named = self._payee_of.keys()
        self._payouts = standing_payouts(connection, named, asking)
        self._income_of = income_of_payouts(connection, named)
        sent = [command for command in self._commands if isinstance(command, SendPayout)]
        paid = {self._payee_of[command.payout] for command in sent if command.payout in self._payee_of}
        if not asking and not paid:
            return
        self._versions = versions(connection)
        self._payees = payees_of(connection, asking.keys() | paid)
        known = [self._payees[payee] for payee in paid if payee in self._payees]
        if known:
            self._income = income_of_persons(connection, {payee.number_hash for payee in known})
            self._invoiced = {
                payee.party: invoiced_minor(connection, payee.party)
                for payee in known
                if payee.is_organisation
            }

    def plan(self, command: PayoutCommand, books: Books) -> Entry | Refusal | None:
        """What is refused, and why, each of the planners below says.

        A command of our own that does not apply (any more) comes to nothing: it may apply later.
        """
        step = self._step(command, books)
        if isinstance(step, _Step):
            self._steps[command.id] = step
            return step.entry
        return None if command.id.version == _DERIVED else step

    def _step(self, command: PayoutCommand, books: Books) -> _Step | Refusal:
        if isinstance(command, RequestPayout):
            return self._request(command, books)
        if isinstance(command, MakeBatch):
            return self._batch(command)
        payout = self._payouts.get(command.payout)
        if payout is None:
            return PayoutNotFound(str(command.payout))
        match command:
            case ApprovePayout():
                refusal = states.why_not_approve(payout, command.actor)
                after = msgspec.structs.replace(payout, approved_by=command.actor)
                return refusal or _onwards(command, after, State.APPROVED)
            case RefusePayout():
                release = Release(payout.payout)
                refusal = states.why_not_refuse(payout)
                return refusal or _onwards(command, payout, State.REFUSED, release, detail=command.reason)
            case CancelPayout():
                release = Release(payout.payout)
                refusal = states.why_not_cancel(payout, command.actor)
                return refusal or _onwards(command, payout, State.CANCELLED, release)
            case SendPayout():
                return self._send(command, payout, books)
            case PayoutReturned():
                return states.why_not_return(payout) or self._return(command, payout)
            case _:
                return self._answer(command, payout)

    def _request(self, command: RequestPayout, books: Books) -> _Step | Refusal:
        """Sets the money aside, after debts.

        Refuses ``account_not_found``, ``not_permitted``, ``account_frozen``, ``insufficient_funds``,
        ``payee_not_verified`` and what else keeps a payee from being paid, ``no_policy``,
        ``payout_in_flight``, ``outside_cycle``, ``below_threshold``.
        """
        earnings = books.account(AccountRef("earnings", command.payee))
        if not isinstance(earnings, Account):
            return earnings
        asked = earnings.available_minor if command.amount_minor is None else command.amount_minor
        refusal: Refusal | None = _why_stopped(earnings, books) or _why_not_there(earnings, asked)
        refusal = refusal or refusal_to_pay(command.payee, self._payees.get(command.payee))
        if refusal:
            return refusal
        version = in_force(self._versions, command.occurred_at)
        if version is None:
            return NoPolicy()
        terms = version.policy.payout
        theirs = [payout for payout in self._payouts.values() if payout.payee == command.payee]
        for payout in theirs:
            if payout.state in OPEN:
                return PayoutInFlight(command.payee, str(payout.payout))
        debt = books.accounts[AccountRef("debt", command.payee)]
        offset = to_debts(
            asked_minor=asked,
            debt_minor=debt.available_minor,
            debt_cap_bps=terms.debt_cap_bps,
            instant=command.occurred_at,
            payouts=theirs,
        )
        left = asked - offset
        refusal = why_outside_cycle(command.occurred_at, terms.cycle, theirs)
        refusal = refusal or why_below(left, terms.threshold_minor)
        if refusal:
            return refusal
        within = left <= terms.approval_above_minor
        acts: list[Act] = [Transfer(earnings.ref, debt.ref, offset)] if offset else []
        acts.append(Hold(command.id, earnings.ref, left))
        after = Payout(
            command.id,
            command.payee,
            command.actor,
            command.occurred_at,
            asked,
            offset,
            left,
            version.version,
            State.APPROVED if within else State.REQUESTED,
            2 if within else 1,
            approved_by=BY_POLICY if within else None,
        )
        cause = f"payout:{command.id} policy:{version.version}"
        return _Step(Entry(command.kind, cause, tuple(acts)), after)

    def _batch(self, command: MakeBatch) -> _Step | Refusal:
        """Puts approved payouts together. Refuses what :func:`states.why_not_send` does of any of them."""
        for id in command.payouts:
            payout = self._payouts.get(id)
            if payout is None:
                return PayoutNotFound(str(id))
            refusal = states.why_not_send(payout, command.actor, None)
            if refusal:
                return refusal
        batch = Batch(command.id, command.channel, command.actor, tuple(dict.fromkeys(command.payouts)))
        return _Step(Entry(command.kind, f"batch:{command.id}", ()), batch=batch)

    def _send(self, command: SendPayout, payout: Payout, books: Books) -> _Step | Refusal:
        """Fixes where the money goes and what is withheld; from now on the channel's answer decides.

        Refuses ``not_permitted`` and ``account_frozen`` (what is frozen before it is sent is not sent),
        ``batch_not_found``, ``same_person``, ``payout_closed``, ``payout_already_sent``,
        ``payout_not_approved``, ``batch_required``; what keeps the payee from being paid; ``no_policy``,
        ``wrong_channel``, ``no_tax_figures``, ``invoice_required``, ``nothing_left_after_tax``.
        """
        refusal: Refusal | None = _why_stopped(books.accounts[AccountRef("earnings", payout.payee)], books)
        batch = self._batches.get(command.batch) if command.batch else None
        if refusal is None and command.batch:
            is_in = batch and batch.channel == command.channel and payout.payout in batch.payouts
            refusal = None if is_in else BatchNotFound(str(command.batch))
        refusal = refusal or states.why_not_send(payout, command.actor, batch.maker if batch else None)
        if refusal is None and batch is None and command.channel in IN_BATCHES:
            refusal = BatchRequired(command.channel)
        payee = self._payees.get(payout.payee)
        refusal = refusal or refusal_to_pay(payout.payee, payee)
        if refusal:
            return refusal
        assert payee is not None
        assert payee.account is not None
        version = in_force(self._versions, command.occurred_at)
        if version is None:
            return NoPolicy()
        if payee.account.channel not in REACHES[command.channel]:
            return WrongChannel(payout.payee, payee.account.channel, command.channel)
        income = income_at_sending(
            payout=payout.payout,
            gross_minor=payout.amount_minor,
            instant=command.occurred_at,
            payee=payee,
            terms=version.policy.tax,
            counted=[income for income in self._income if income.number_hash == payee.number_hash],
            invoiced_minor=self._invoiced.get(payout.payee, 0),
        )
        if isinstance(income, Refusal):
            return income
        if income.tax_minor == income.gross_minor:
            return NothingLeftAfterTax(str(payout.payout))
        after = msgspec.structs.replace(
            payout,
            channel=command.channel,
            batch=command.batch,
            account=payee.account.entry,
            tax_minor=income.tax_minor,
        )
        step = _onwards(command, after, State.SENT, detail=f"policy {version.version}")
        return step._replace(income=income)

    def _answer(self, command: PayoutPaid | PayoutFailed | PayoutUnknown, payout: Payout) -> _Step | Refusal:
        """Refuses ``payout_not_sent`` and ``payout_already_answered``. A freeze does not stop an answer."""
        match command:
            case PayoutPaid():
                state, detail = State.PAID, command.reference
            case PayoutFailed():
                state, detail = State.FAILED, command.reason
            case PayoutUnknown():
                state, detail = State.UNKNOWN, command.reason
        refusal = states.why_no_answer(payout, state)
        if refusal:
            return refusal
        if state is State.PAID:
            capture = Capture(payout.payout, tuple(_parts(payout)))
            return _onwards(command, payout, state, capture, detail=detail)
        if state is State.UNKNOWN:
            return _onwards(command, payout, state, detail=detail)
        step = _onwards(command, payout, state, Release(payout.payout), detail=detail)
        return step._replace(income=self._income_of[payout.payout].taken_out())

    def _return(self, command: PayoutReturned, payout: Payout) -> _Step:
        """The whole of it is earnings again, its tax too."""
        earnings = AccountRef("earnings", payout.payee)
        acts = [Transfer(ref, earnings, amount) for ref, amount in _parts(payout)]
        step = _onwards(command, payout, State.RETURNED, *acts, detail=command.reason)
        return step._replace(income=self._income_of[payout.payout].taken_out())

    def accepted(self, command: PayoutCommand, posted: Posted) -> None:
        """Later commands of the batch see the payout as it is now."""
        step = self._steps.pop(command.id)
        if step.batch:
            self._batches[step.batch.batch] = step.batch
            self._written.batch(step.batch, posted.seq)
        if step.income:
            self._income.append(step.income)
            self._income_of[step.income.payout] = step.income
            self._written.income(step.income, posted.seq)
        if step.payout:
            before = self._payouts.get(step.payout.payout)
            self._payouts[step.payout.payout] = step.payout
            self._written.step(command, before, step.payout, step.detail, posted.seq)

    def write(self, connection: Connection) -> None:
        """What was asked, sent and answered, and how the payouts stand after it."""
        self._written.write(connection)


def _onwards(command: OnPayout, payout: Payout, state: State, *acts: Act, detail: str | None = None) -> _Step:
    """A payout comes into a state, by these acts."""
    after = msgspec.structs.replace(payout, state=state, events=payout.events + 1)
    cause = f"payout:{payout.payout}"
    if isinstance(command, SendPayout) and command.batch:
        cause += f" batch:{command.batch}"
    return _Step(Entry(command.kind, cause, acts), after, detail)


def _parts(payout: Payout) -> Iterable[tuple[AccountRef, int]]:
    """Where the money of a payout goes when it is paid, and comes from when it is returned."""
    yield _BANK, payout.net_minor
    if payout.tax_minor:
        yield _TAX, payout.tax_minor


def _why_stopped(earnings: Account, books: Books) -> NotPermitted | AccountFrozen | None:
    """Whether the payee may not be paid for now."""
    if earnings.outgoing_barred_until > books.now:
        return NotPermitted(*earnings.ref, until=earnings.outgoing_barred_until)
    return AccountFrozen(*earnings.ref) if earnings.is_frozen else None


def _why_not_there(earnings: Account, asked_minor: int) -> InsufficientFunds | None:
    if asked_minor <= earnings.available_minor:
        return None
    return InsufficientFunds(*earnings.ref, earnings.kind.currency, earnings.available_minor, asked_minor)
