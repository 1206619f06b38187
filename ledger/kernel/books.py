"""The state machine of the books: entries in, balances and rows out, or a refusal and nothing.

Pure: no clock, no database, no randomness. The journal hands it the accounts a batch names, locked, and
the instant; :func:`apply` is the same without a journal.
"""

from collections.abc import Collection, Iterable, Mapping
from copy import deepcopy
from uuid import UUID

from ledger.chart import CHART, AccountRef
from ledger.kernel.accounts import Account, HoldState
from ledger.kernel.entries import (
    Act,
    Bar,
    Capture,
    Entry,
    Expire,
    Hold,
    Open,
    Release,
    Transfer,
)
from ledger.kernel.judging import ENDED, end_by, judged
from ledger.kernel.limits import over_limit
from ledger.kernel.posted import SEQS_PER_MICROSECOND, AccountRow, HoldRow, Posted, TransferRow
from ledger.kernel.refusals import AccountNotFound, InsufficientFunds, Refusal


class UnbackedEntry(AssertionError):
    """An entry moved coins into or out of people's hands without their face value (I6): a bug of ours."""


class Books:
    """The accounts and holds that a batch may touch, moved entry by entry.

    What was moved is gathered in ``transfers``, ``hold_rows`` and ``account_rows``, in order; ``undone`` has
    the numbers of the entries that were undone, all or in part, each with that of the latest that undid it:
    each is undone by one desk only. ``contested`` are the accounts that commands of several desks may touch.
    """

    def __init__(
        self,
        accounts: dict[AccountRef, Account],
        holds: dict[UUID, HoldState],
        *,
        now: int,
        account_ids: Iterable[int] = (),
        contested: Collection[AccountRef] = (),
    ) -> None:
        self.accounts = accounts
        self.holds = holds
        self.now = now
        self.transfers: list[TransferRow] = []
        self.hold_rows: list[HoldRow] = []
        self.account_rows: list[AccountRow] = []
        self.opened: list[Account] = []
        self.undone: dict[int, int] = {}
        self.contested = contested
        self._account_ids = iter(account_ids)
        newest = max((account.last_seq for account in accounts.values()), default=0)
        self._next_seq = max(now * SEQS_PER_MICROSECOND, newest + 1)

    def account(self, ref: AccountRef) -> Account | AccountNotFound:
        """The account, or the refusal that there is none."""
        return self.accounts.get(ref) or AccountNotFound(ref.kind, ref.owner)

    def end_of(self, hold: UUID) -> Refusal | None:
        """How a hold ended, as the refusal to end it again; None while it is open and in time."""
        state = self.holds[hold]
        overdue = state.expires_at is not None and state.expires_at <= self.now
        end = state.ended or ("expired" if overdue else None)
        return ENDED[end](str(hold)) if end else None

    def take_seq(self, rows: int = 1) -> int:
        """The first of as many numbers in a row, all of one microsecond: an entry has one posting time."""
        assert rows <= SEQS_PER_MICROSECOND, "an entry has more acts than a microsecond has numbers"
        seq = self._next_seq
        if seq % SEQS_PER_MICROSECOND + rows > SEQS_PER_MICROSECOND:
            seq = (seq // SEQS_PER_MICROSECOND + 1) * SEQS_PER_MICROSECOND
        self._next_seq = seq + rows
        return seq

    def go_on_behind(self, seq: int) -> None:
        """Number what follows behind a fact: one without acts left no number on its locked account."""
        self._next_seq = max(self._next_seq, seq + 1)

    def post(self, entry: Entry, occurred_at: int) -> Posted | Refusal:
        """Move what an entry says, all of it or nothing.

        Refuses, in this order: ``account_not_found``, ``hold_already_released``,
        ``hold_already_captured``, ``hold_expired``, ``not_permitted``, ``account_frozen``,
        ``exceeds_hold``, ``limit_exceeded``, ``insufficient_funds``. Raises :class:`UnbackedEntry`.
        """
        spending = entry.spending
        refusal = judged(entry, self.accounts, self.holds, self.now) or (
            over_limit(self.accounts[spending.account], spending) if spending else None
        )
        if refusal:
            return refusal
        first = len(self.transfers)
        seq = self.take_seq(_rows_in(entry.acts))
        refusal = self._perform(entry, seq, occurred_at)
        if refusal:
            return refusal
        transfers = self.transfers[first:]
        unbacked = 0
        for row in transfers:
            unbacked += row.amount_minor * (row.credit.kind.backing_fen - row.debit.kind.backing_fen)
        if unbacked:
            raise UnbackedEntry(f"{entry.kind} entry leaves {unbacked} fen of coins without liability")
        if spending:
            self.accounts[spending.account].count_spending(spending.day, spending.amount_minor)
        return Posted(seq, transfers)

    def _perform(self, entry: Entry, seq: int, occurred_at: int) -> Refusal | None:
        """Carry out the acts in order; the first that lacks funds undoes those before it."""
        if len(entry.acts) == 1:
            # One act checks before it moves, so there is nothing to undo.
            act = entry.acts[0]
            if isinstance(act, Transfer):
                debit, credit = self.accounts[act.debit], self.accounts[act.credit]
                return self._move(debit, credit, act.amount_minor, seq, seq, occurred_at)
            return self._perform_acts(entry.acts, seq, occurred_at, undo=None)
        undo: list[tuple[Account, tuple[int, int, int, int, int]]] = []
        marks = len(self.transfers), len(self.hold_rows), len(self.account_rows), len(self.opened)
        refusal = self._perform_acts(entry.acts, seq, occurred_at, undo)
        if refusal:
            self._undo(undo, marks)
        return refusal

    def _perform_acts(
        self,
        acts: tuple[Act, ...],
        entry: int,
        occurred_at: int,
        undo: list[tuple[Account, tuple[int, int, int, int, int]]] | None,
    ) -> InsufficientFunds | None:
        seq = entry
        refusal: InsufficientFunds | None = None
        for act in acts:
            if isinstance(act, Transfer):
                debit, credit = self.accounts[act.debit], self.accounts[act.credit]
                if undo is not None:
                    undo += (debit, _counters_of(debit)), (credit, _counters_of(credit))
                refusal = self._move(debit, credit, act.amount_minor, seq, entry, occurred_at)
            elif isinstance(act, Open):
                self._open(act, seq, entry)
            elif isinstance(act, Bar):
                self._bar(act, seq, entry)
            else:
                hold = self.holds.get(act.hold)
                account = self.accounts[act.account if isinstance(act, Hold) else hold.account]  # type: ignore[union-attr]
                if undo is not None:
                    undo.append((account, _counters_of(account)))
                    if isinstance(act, Capture):
                        undo += ((taker, _counters_of(taker)) for taker in map(self._taker, act.to))
                if isinstance(act, Hold):
                    refusal = self._place(act, account, seq, entry)
                else:
                    assert hold is not None
                    refusal = self._end(act, hold, account, seq, entry, occurred_at)
            if refusal:
                return refusal
            seq += _rows_of(act)
        return None

    def _taker(self, destination: tuple[AccountRef, int]) -> Account:
        return self.accounts[destination[0]]

    def _move(
        self, debit: Account, credit: Account, amount: int, seq: int, entry: int, occurred_at: int
    ) -> InsufficientFunds | None:
        assert amount > 0, "a transfer moves something"
        debit_kind, credit_kind = debit.kind, credit.kind
        if debit_kind.normal == "debit":
            debit_balance = debit.posted_minor + amount
        else:
            debit_balance = debit.posted_minor - amount
            if debit_kind.limited and debit_balance < debit.held_minor:
                return _insufficient(debit, amount)
        if credit_kind.normal == "credit":
            credit_balance = credit.posted_minor + amount
        else:
            credit_balance = credit.posted_minor - amount
            if credit_kind.limited and credit_balance < credit.held_minor:
                return _insufficient(credit, amount)
        debit.debits_minor += amount
        credit.credits_minor += amount
        debit.last_seq = credit.last_seq = seq
        self.transfers.append(
            TransferRow(seq, entry, debit, credit, amount, debit_balance, credit_balance, occurred_at)
        )
        return None

    def _place(self, act: Hold, account: Account, seq: int, entry: int) -> InsufficientFunds | None:
        if act.amount_minor is None:
            account.frozen_by += 1
        else:
            if account.available_minor < act.amount_minor:
                return _insufficient(account, act.amount_minor)
            account.held_minor += act.amount_minor
        account.last_seq = seq
        self.holds[act.hold] = HoldState(act.hold, act.account, act.amount_minor, act.expires_at, seq)
        self.hold_rows.append(
            HoldRow(seq, entry, act.hold, account, "placed", act.amount_minor, act.expires_at)
        )
        return None

    def _end(
        self,
        act: Capture | Release | Expire,
        hold: HoldState,
        account: Account,
        seq: int,
        entry: int,
        occurred_at: int,
    ) -> InsufficientFunds | None:
        captured = sum(amount for _, amount in act.to) if isinstance(act, Capture) else None
        if captured is not None and hold.amount_minor is None and account.available_minor < captured:
            return _insufficient(account, captured)
        if hold.amount_minor is None:
            account.frozen_by -= 1
        else:
            account.held_minor -= hold.amount_minor
        hold.ended = end_by(act)
        hold.ended_seq = account.last_seq = seq
        self.hold_rows.append(HoldRow(seq, entry, act.hold, account, hold.ended, captured, None))
        if isinstance(act, Capture):
            for number, (ref, amount) in enumerate(act.to, start=1):
                refusal = self._move(account, self.accounts[ref], amount, seq + number, entry, occurred_at)
                assert refusal is None, "what was held is there"
        return None

    def _open(self, act: Open, seq: int, entry: int) -> None:
        assert act.account not in self.accounts, "an account is opened once"
        account = Account(next(self._account_ids), act.account, CHART[act.account.kind], last_seq=seq)
        self.accounts[act.account] = account
        self.opened.append(account)
        self.account_rows.append(AccountRow(seq, entry, account, "opened", None))

    def _bar(self, act: Bar, seq: int, entry: int) -> None:
        account = self.accounts[act.account]
        if act.direction == "outgoing":
            account.outgoing_barred_until = act.until
        else:
            account.incoming_barred_until = act.until
        account.last_seq = seq
        self.account_rows.append(AccountRow(seq, entry, account, f"{act.direction}_barred", act.until))

    def _undo(
        self,
        undo: list[tuple[Account, tuple[int, int, int, int, int]]],
        marks: tuple[int, int, int, int],
    ) -> None:
        is_unbarred = marks[2:] == (len(self.account_rows), len(self.opened))
        assert is_unbarred, "bars and openings stand behind what can be refused"
        for account, counters in reversed(undo):
            (
                account.debits_minor,
                account.credits_minor,
                account.held_minor,
                account.frozen_by,
                account.last_seq,
            ) = counters
        for row in self.hold_rows[marks[1] :]:
            if row.act == "placed":
                del self.holds[row.hold]
            elif row.hold in self.holds:
                self.holds[row.hold].ended = self.holds[row.hold].ended_seq = None
        del self.transfers[marks[0] :], self.hold_rows[marks[1] :]


def _insufficient(account: Account, asked: int) -> InsufficientFunds:
    return InsufficientFunds(*account.ref, account.kind.currency, account.available_minor, asked)


def _rows_in(acts: tuple[Act, ...]) -> int:
    """How many numbers an entry takes: one for each row, and one when it has none."""
    return max(1, sum(map(_rows_of, acts))) if len(acts) != 1 else _rows_of(acts[0])


def _rows_of(act: Act) -> int:
    return 1 + len(act.to) if isinstance(act, Capture) else 1


def _counters_of(account: Account) -> tuple[int, int, int, int, int]:
    return (
        account.debits_minor,
        account.credits_minor,
        account.held_minor,
        account.frozen_by,
        account.last_seq,
    )


def apply(
    accounts: Mapping[AccountRef, Account],
    holds: Mapping[UUID, HoldState],
    entries: Iterable[tuple[Entry, int]],
    *,
    now: int,
) -> tuple[list[Posted | Refusal], Books]:
    """Judge entries (each with the instant it occurred) in order; what is handed in stays as it is.

    Returns an outcome each, and the books after them.
    """
    books = Books(deepcopy(dict(accounts)), deepcopy(dict(holds)), now=now)
    return [books.post(entry, occurred_at) for entry, occurred_at in entries], books
