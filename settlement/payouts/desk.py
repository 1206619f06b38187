"""The payout desk: from the request that sets money aside to the channel's answer, under the payee's lock."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from ledger.chart import AccountRef
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.accounts import Account
from ledger.kernel.books import Books
from ledger.kernel.entries import Act, Capture, Entry, Hold, Release, Transfer
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import AccountFrozen, Refusal
from settlement.payees.reading import Payee, invoiced_minor, payees_of, refusal_to_pay
from settlement.payouts import states
from settlement.payouts.batching import BatchCommand, Batches
from settlement.payouts.channels import IN_BATCHES, REACHES
from settlement.payouts.commands import (
    ApprovePayout,
    CancelBatch,
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
    Income,
    income_of_payouts,
    income_of_persons,
    newest_event,
    payees_of_payouts,
    standing_payouts,
)
from settlement.payouts.refusals import (
    BatchRequired,
    NothingLeftAfterTax,
    PayoutInFlight,
    PayoutNotFound,
    WrongChannel,
)
from settlement.payouts.states import OPEN, Payout, State
from settlement.payouts.steps import BANK, TAX, Step, onwards, parts, why_not_there, why_stopped
from settlement.payouts.terms import to_debts, why_below, why_outside_cycle
from settlement.payouts.withholding import income_at_sending
from settlement.payouts.writing import Written
from settlement.policies.refusals import NoPolicy
from settlement.policies.versions import Version, in_force, versions

PayoutCommand = RequestPayout | BatchCommand | OnPayout
#: Is told, in the transaction, of the payouts that were sent to a channel that answers.
Announce = Callable[[Connection, Sequence[UUID]], None]
#: Which of these parties, each with its number's hash, are to be stopped though nobody has done so yet.
Unseen = Callable[[Connection, Mapping[str, bytes]], frozenset[str]]
#: The version of an id that we derive ourselves: such a command is never recorded as refused.
_DERIVED = 8
#: Who approves what lies within the bound.
BY_POLICY = "policy"


def nobody(_connection: Connection, _numbers: Mapping[str, bytes]) -> frozenset[str]:
    """Where there is no list, nobody is on it."""
    return frozenset()


class PayoutDesk:
    """Plans everything that happens to a payout."""

    commands: tuple[type[Command], ...] = (
        RequestPayout,
        ApprovePayout,
        RefusePayout,
        CancelPayout,
        MakeBatch,
        CancelBatch,
        SendPayout,
        PayoutPaid,
        PayoutFailed,
        PayoutUnknown,
        PayoutReturned,
    )

    def __init__(self, announce: Announce, unseen: Unseen = nobody) -> None:
        self._announce = announce
        self._unseen = unseen

    def open(self, connection: Connection, commands: Sequence[Command]) -> "PayoutPage":
        """Whose the payouts are, and what is in the batches: neither ever changes."""
        theirs = [command for command in commands if isinstance(command, PayoutCommand)]
        batches = Batches(connection, theirs)
        named = {command.payout for command in theirs if isinstance(command, OnPayout)} | batches.named
        payees = payees_of_payouts(connection, named)
        return PayoutPage(theirs, payees, batches, self._announce, self._unseen)


class PayoutPage(Page):
    """The payouts of a batch, as they stand under the locks of their payees' earnings."""

    def __init__(
        self,
        commands: Sequence[PayoutCommand],
        payees: dict[UUID, str],
        batches: Batches,
        announce: Announce,
        unseen: Unseen,
    ) -> None:
        self._commands = commands
        self._announce = announce
        self._unseen = unseen
        self._to_be_stopped: frozenset[str] = frozenset()
        self._sent: list[UUID] = []
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
        self._steps: dict[UUID, Step] = {}
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
            yield TAX
        if any(isinstance(command, PayoutPaid | PayoutReturned) for command in self._commands):
            yield BANK

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
        self._batches.load(connection)
        books.go_on_behind(newest_event(connection, named))
        sent = [command for command in self._commands if isinstance(command, SendPayout)]
        paid = {self._payee_of[command.payout] for command in sent if command.payout in self._payee_of}
        if not asking and not paid:
            return
        self._versions = versions(connection)
        self._payees = payees_of(connection, asking.keys() | paid)
        numbers = {payee.party: payee.number_hash for payee in self._payees.values()}
        self._to_be_stopped = self._unseen(connection, numbers)
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
        if isinstance(step, Step):
            self._steps[command.id] = step
            return step.entry
        return None if command.id.version == _DERIVED else step

    def _step(self, command: PayoutCommand, books: Books) -> Step | Refusal:
        if isinstance(command, RequestPayout):
            return self._request(command, books)
        if isinstance(command, MakeBatch):
            return self._batches.make(command, self._payouts)
        if isinstance(command, CancelBatch):
            return self._batches.cancel(command, self._payouts)
        payout = self._payouts.get(command.payout)
        if payout is None:
            return PayoutNotFound(str(command.payout))
        match command:
            case ApprovePayout():
                refusal = states.why_not_approve(payout, command.actor)
                after = msgspec.structs.replace(payout, approved_by=command.actor)
                return refusal or onwards(command, after, State.APPROVED)
            case RefusePayout():
                release = Release(payout.payout)
                refusal = states.why_not_refuse(payout)
                return refusal or onwards(command, payout, State.REFUSED, release, detail=command.reason)
            case CancelPayout():
                release = Release(payout.payout)
                refusal = states.why_not_cancel(payout, command.actor)
                return refusal or onwards(command, payout, State.CANCELLED, release)
            case SendPayout():
                return self._send(command, payout, books)
            case PayoutReturned():
                return states.why_not_return(payout, command.actor) or self._return(command, payout)
            case _:
                return self._answer(command, payout)

    def _request(self, command: RequestPayout, books: Books) -> Step | Refusal:
        """Sets the money aside, after debts.

        Refuses ``account_not_found``, ``not_permitted``, ``account_frozen``, ``insufficient_funds``,
        ``payee_not_verified`` and what else keeps a payee from being paid, ``no_policy``,
        ``payout_in_flight``, ``outside_cycle``, ``below_threshold``.
        """
        earnings = books.account(AccountRef("earnings", command.payee))
        if not isinstance(earnings, Account):
            return earnings
        asked = earnings.available_minor if command.amount_minor is None else command.amount_minor
        refusal: Refusal | None = self._why_stopped(earnings, books) or why_not_there(earnings, asked)
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
        return Step(Entry(command.kind, cause, tuple(acts)), after)

    def _send(self, command: SendPayout, payout: Payout, books: Books) -> Step | Refusal:
        """Fixes where the money goes and what is withheld; from now on the channel's answer decides.

        Refuses ``not_permitted`` and ``account_frozen`` (what is frozen before it is sent is not sent),
        ``batch_not_found``, ``batch_cancelled``, ``same_person``, ``payout_closed``, ``payout_already_sent``,
        ``payout_not_approved``, ``batch_required``; what keeps the payee from being paid; ``no_policy``,
        ``wrong_channel``, ``no_tax_figures``, ``invoice_required``, ``nothing_left_after_tax``.
        """
        earnings = books.accounts[AccountRef("earnings", payout.payee)]
        refusal: Refusal | None = self._why_stopped(earnings, books)
        batch = self._batches.made.get(command.batch) if command.batch else None
        refusal = refusal or self._batches.why_not_in(command)
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
        step = onwards(command, after, State.SENT, detail=f"policy {version.version}")
        return step._replace(income=income)

    def _answer(self, command: PayoutPaid | PayoutFailed | PayoutUnknown, payout: Payout) -> Step | Refusal:
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
            capture = Capture(payout.payout, tuple(parts(payout)))
            return onwards(command, payout, state, capture, detail=detail)
        if state is State.UNKNOWN:
            return onwards(command, payout, state, detail=detail)
        step = onwards(command, payout, state, Release(payout.payout), detail=detail)
        return step._replace(income=self._income_of[payout.payout].taken_out())

    def _return(self, command: PayoutReturned, payout: Payout) -> Step:
        """The whole of it is earnings again, its tax too."""
        earnings = AccountRef("earnings", payout.payee)
        acts = [Transfer(ref, earnings, amount) for ref, amount in parts(payout)]
        step = onwards(command, payout, State.RETURNED, *acts, detail=command.reason)
        return step._replace(income=self._income_of[payout.payout].taken_out())

    def _why_stopped(self, earnings: Account, books: Books) -> Refusal | None:
        """Whoever is on a blacklist is not paid, also before the freeze that follows has come. LIVE-BLK-1."""
        if earnings.ref.owner in self._to_be_stopped:
            return AccountFrozen(*earnings.ref)
        return why_stopped(earnings, books)

    def accepted(self, command: PayoutCommand, posted: Posted) -> None:
        """Later commands of the batch see the payout as it is now."""
        step = self._steps.pop(command.id)
        if step.batch:
            self._batches.add(step.batch)
            self._written.batch(step.batch, posted.seq)
        if step.cancelled:
            self._batches.was_cancelled(step.cancelled)
            self._written.cancelled(step.cancelled, posted.seq)
        if step.income:
            self._income.append(step.income)
            self._income_of[step.income.payout] = step.income
            self._written.income(step.income, posted.seq)
        if step.payout:
            before = self._payouts.get(step.payout.payout)
            self._payouts[step.payout.payout] = step.payout
            self._written.step(command, before, step.payout, step.detail, posted.seq)
            if isinstance(command, SendPayout) and command.channel not in IN_BATCHES:
                self._sent.append(command.payout)

    def write(self, connection: Connection) -> None:
        """What was asked, sent and answered, and how the payouts stand after it."""
        self._written.write(connection)
        if self._sent:
            self._announce(connection, self._sent)
