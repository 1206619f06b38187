"""Writing what a batch came to: a few set-based statements, whatever its size."""

from collections.abc import Iterable, Iterator, Sequence
from struct import Struct
from typing import Any, LiteralString

import msgspec
from psycopg import Connection

from ledger.instants import date_of, datetime_of
from ledger.journal.commands import Command
from ledger.journal.copying import Copy, Copying
from ledger.journal.desks import Page
from ledger.journal.rows import (
    NULL,
    POSTGRES_EPOCH_MICROSECONDS,
    bigint,
    bigints,
    jsonb,
    text,
    timestamp,
)
from ledger.kernel.accounts import Account
from ledger.kernel.books import Books
from ledger.kernel.posted import AccountRow, HoldRow, TransferRow
from ledger.kernel.refusals import Refusal, facts_of

_COPY_DECISIONS = """
COPY ledger.decisions (seq, id, content_hash, occurred_at, kind, actor, cause, refusal, facts)
FROM STDIN (FORMAT binary)
"""
_COPY_TRANSFERS = """
COPY ledger.transfers (seq, entry, debit_account, credit_account, amount_minor,
                       debit_balance_minor, credit_balance_minor, occurred_at)
FROM STDIN (FORMAT binary)
"""
_COPY_HOLD_ACTS = """
COPY ledger.hold_acts (seq, entry, hold, account, act, amount_minor, expires_at) FROM STDIN (FORMAT binary)
"""
_COPY_ACCOUNT_EVENTS = """
COPY ledger.account_events (seq, entry, account, event, until) FROM STDIN (FORMAT binary)
"""

_COPY_ACCOUNTS = """
COPY ledger.accounts (id, kind, owner, currency, normal_side, limited, last_seq) FROM STDIN (FORMAT binary)
"""
# The accounts are named twice: joined to the list alone, the planner would read the whole table.
_UPDATE_ACCOUNTS = """
UPDATE ledger.accounts AS a
SET debits_minor = n.debits_minor, credits_minor = n.credits_minor, held_minor = n.held_minor,
    last_seq = n.last_seq
FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[])
     AS n (id, debits_minor, credits_minor, held_minor, last_seq)
WHERE a.id = n.id AND a.id = ANY (%b::bigint[])
"""
_UPDATE_SPENDERS = """
UPDATE ledger.accounts AS a
SET debits_minor = n.debits_minor, credits_minor = n.credits_minor, held_minor = n.held_minor,
    last_seq = n.last_seq, tip_day = DATE '1970-01-01' + n.tip_day::int, tip_day_minor = n.tip_day_minor,
    tip_day_count = n.tip_day_count, tip_month_minor = n.tip_month_minor, tip_month_count = n.tip_month_count
FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[],
            %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[])
     AS n (id, debits_minor, credits_minor, held_minor, last_seq,
           tip_day, tip_day_minor, tip_day_count, tip_month_minor, tip_month_count)
WHERE a.id = n.id AND a.id = ANY (%b::bigint[])
"""
_UPDATE_STANDING = """
UPDATE ledger.accounts AS a
SET held_minor = n.held_minor, frozen_by = n.frozen_by, last_seq = n.last_seq,
    outgoing_barred_until = n.outgoing_barred_until, incoming_barred_until = n.incoming_barred_until
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])
     AS n (id, held_minor, frozen_by, last_seq, outgoing_barred_until, incoming_barred_until)
WHERE a.id = n.id
"""
_SAVE_HOLDS = """
INSERT INTO ledger.holds (hold, account, amount_minor, expires_at, placed_seq, ended, ended_seq)
SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::bigint[],
                     %s::text[], %s::bigint[])
ON CONFLICT (hold) DO UPDATE SET ended = excluded.ended, ended_seq = excluded.ended_seq
"""
_SAVE_TIP_DAYS = """
INSERT INTO ledger.tip_days (account, day, amount_minor, count)
SELECT * FROM unnest(%s::bigint[], %s::date[], %s::bigint[], %s::bigint[])
ON CONFLICT (account, day) DO UPDATE SET amount_minor = excluded.amount_minor, count = excluded.count
"""

#: A statement and the columns it takes, an array each.
_Statement = tuple[LiteralString, list[Any]]

_decision_head = Struct(">hiqi16si32siq").pack
_transfer = Struct(">hiqiqiqiqiqiqiqiq").pack


class DecisionRow(msgspec.Struct, frozen=True, gc=False):
    """A decision on its way into the books."""

    seq: int
    command: Command
    content_hash: bytes
    cause: str
    refusal: Refusal | None


class Writing:
    """What a batch writes, in one transaction.

    The acts of its first commands are inserted while the rest are decided (``copying`` does not wait);
    decisions and projections follow when all are. Decisions go in id order, so that two writers of the
    same ids meet in one order.
    """

    def __init__(self, copying: Copying, books: Books, pages: Sequence[Page]) -> None:
        self._copying = copying
        self._books = books
        self._pages = pages
        self._transfers_written = 0

    def write_ahead(self) -> None:
        """Start writing what was moved so far: it stays, whatever the rest of the batch comes to."""
        transfers = self._books.transfers[self._transfers_written :]
        self._transfers_written += len(transfers)
        if transfers:
            self._copying.start(Copy(_COPY_TRANSFERS, map(_transfer_row, transfers)))

    def write(self, connection: Connection[Any], decisions: Iterable[DecisionRow]) -> None:
        """Write the rest.

        Raises ``psycopg.errors.UniqueViolation`` when another process decided one of the ids meanwhile.
        """
        books = self._books
        self.write_ahead()
        for page in self._pages:
            for copy in page.copies():
                self._copying.start(copy)
        self._copying.start(Copy(_COPY_DECISIONS, map(_decision_row, sorted(decisions, key=_id_of))))
        if books.hold_rows:
            self._copying.start(Copy(_COPY_HOLD_ACTS, map(_hold_row, books.hold_rows)))
        if books.account_rows:
            self._copying.start(Copy(_COPY_ACCOUNT_EVENTS, map(_event_row, books.account_rows)))
        if books.opened:
            # They are there before their totals are.
            self._copying.start(Copy(_COPY_ACCOUNTS, map(_opening, books.opened)))
        projections = [*_holds(books), *_accounts(books)]
        self._copying.wait()
        with connection.pipeline():
            for statement, columns in projections:
                connection.execute(statement, columns)


def _id_of(row: DecisionRow) -> int:
    return row.command.id.int


def _opening(account: Account) -> bytes:
    kind = account.kind
    return (
        b"\0\7"
        + bigint(account.id)
        + text(kind.name)
        + text(account.ref.owner)
        + text(kind.currency)
        + text(kind.normal)
        + (b"\0\0\0\1\1" if kind.limited else b"\0\0\0\1\0")
        + bigint(account.last_seq)
    )


def _decision_row(row: DecisionRow) -> bytes:
    command, refusal = row.command, row.refusal
    at = command.occurred_at - POSTGRES_EPOCH_MICROSECONDS
    return (
        _decision_head(9, 8, row.seq, 16, command.id.int.to_bytes(16), 32, row.content_hash, 8, at)
        + text(command.kind)
        + text(command.actor)
        + text(row.cause)
        + (NULL + NULL if refusal is None else text(refusal.code) + jsonb(facts_of(refusal)))
    )


def _transfer_row(row: TransferRow) -> bytes:
    return _transfer(
        8,
        8,
        row.seq,
        8,
        row.entry,
        8,
        row.debit.id,
        8,
        row.credit.id,
        8,
        row.amount_minor,
        8,
        row.debit_balance_minor,
        8,
        row.credit_balance_minor,
        8,
        row.occurred_at - POSTGRES_EPOCH_MICROSECONDS,
    )


def _hold_row(row: HoldRow) -> bytes:
    return (
        b"\0\7"
        + bigint(row.seq)
        + bigint(row.entry)
        + b"\0\0\0\x10"
        + row.hold.bytes
        + bigint(row.account.id)
        + text(row.act)
        + (NULL if row.amount_minor is None else bigint(row.amount_minor))
        + timestamp(row.expires_at)
    )


def _event_row(row: AccountRow) -> bytes:
    return (
        b"\0\5"
        + bigint(row.seq)
        + bigint(row.entry)
        + bigint(row.account.id)
        + text(row.event)
        + timestamp(row.until)
    )


def _holds(books: Books) -> Iterator[_Statement]:
    """The holds that were placed or ended."""
    if not books.hold_rows:
        return
    holds = [books.holds[id] for id in dict.fromkeys(row.hold for row in books.hold_rows)]
    columns = zip(
        *(
            (
                hold.hold,
                books.accounts[hold.account].id,
                hold.amount_minor,
                _datetime(hold.expires_at),
                hold.placed_seq,
                hold.ended,
                hold.ended_seq,
            )
            for hold in holds
        ),
        strict=True,
    )
    yield _SAVE_HOLDS, list(map(list, columns))


def _accounts(books: Books) -> Iterator[_Statement]:
    """The accounts that were moved, held or barred."""
    moved = {row.debit.id: row.debit for row in books.transfers}
    moved |= {row.credit.id: row.credit for row in books.transfers}
    spenders = [account for account in moved.values() if account.window is not None]
    others = [account for account in moved.values() if account.window is None]
    if spenders:
        yield _UPDATE_SPENDERS, _columns(map(_spender, spenders))
    if others:
        yield _UPDATE_ACCOUNTS, _columns(map(_totals, others))
    standing = {row.account.id: row.account for row in books.hold_rows}
    standing |= {row.account.id: row.account for row in books.account_rows}
    if standing:
        columns = zip(*map(_standing, standing.values()), strict=True)
        yield _UPDATE_STANDING, list(map(list, columns))
    past_days = [
        (account.id, date_of(day), spent.amount_minor, spent.count)
        for account in spenders
        for day, spent in (account.past_days or {}).items()
    ]
    if past_days:
        yield _SAVE_TIP_DAYS, list(map(list, zip(*past_days, strict=True)))


def _columns(rows: Iterable[tuple[int, ...]]) -> list[Any]:
    """Rows that begin with an id, as a column each, and the ids once more."""
    columns = [bigints(column) for column in zip(*rows, strict=True)]
    return [*columns, columns[0]]


def _totals(account: Account) -> tuple[int, ...]:
    # What is held moves with the balance, in one update: what is available is checked after each.
    return account.id, account.debits_minor, account.credits_minor, account.held_minor, account.last_seq


def _spender(account: Account) -> tuple[int, ...]:
    window = account.window
    assert window is not None
    return (
        *_totals(account),
        window.day,
        window.day_minor,
        window.day_count,
        window.month_minor,
        window.month_count,
    )


def _standing(account: Account) -> tuple[Any, ...]:
    return (
        account.id,
        account.held_minor,
        account.frozen_by,
        account.last_seq,
        _datetime(account.outgoing_barred_until or None),
        _datetime(account.incoming_barred_until or None),
    )


def _datetime(instant: int | None) -> Any:
    return None if instant is None else datetime_of(instant)
