"""Writing what a batch came to: a few set-based statements, whatever its size."""

from collections.abc import Iterable, Sequence
from struct import Struct
from typing import Any

import msgspec
from psycopg import Connection, Cursor

from ledger.instants import date_of, datetime_of
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.journal.rows import (
    NULL,
    POSTGRES_EPOCH_MICROSECONDS,
    Copy,
    bigint,
    bigints,
    copy_rows,
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
_UPDATE_ACCOUNTS = """
UPDATE ledger.accounts AS a
SET debits_minor = n.debits_minor, credits_minor = n.credits_minor, held_minor = n.held_minor,
    last_seq = n.last_seq
FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[])
     AS n (id, debits_minor, credits_minor, held_minor, last_seq)
WHERE a.id = n.id
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
WHERE a.id = n.id
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

_decision_head = Struct(">hiqi16si32siq").pack
_transfer = Struct(">hiqiqiqiqiqiqiqiq").pack


class DecisionRow(msgspec.Struct, frozen=True, gc=False):
    """A decision on its way into the books."""

    seq: int
    command: Command
    content_hash: bytes
    cause: str
    refusal: Refusal | None


def write(
    connection: Connection[Any], decisions: Sequence[DecisionRow], books: Books, pages: Iterable[Page]
) -> None:
    """Write the projections, the decisions, their acts, and what the pages have to write in numbers.

    Decisions go in id order, so that two writers of the same ids meet in one order. While the database
    works on the projections, the rows of the rest are encoded.
    Raises ``psycopg.errors.UniqueViolation`` when another process decided one of the ids meanwhile.
    """
    with connection.cursor() as cursor:
        # What was opened in this batch is there before its totals are.
        if books.opened:
            copy_rows(cursor, Copy(_COPY_ACCOUNTS, map(_opening, books.opened)))
        with connection.pipeline():
            _project_holds(cursor, books)
            _project_accounts(cursor, books)
            copies = [_decisions(decisions), *_transfers(books), *_hold_acts(books), *_account_events(books)]
            for page in pages:
                copies += page.copies()
        for copy in copies:
            copy_rows(cursor, copy)


def _decisions(decisions: Sequence[DecisionRow]) -> Copy:
    return Copy(_COPY_DECISIONS, [_decision_row(row) for row in sorted(decisions, key=_id_of)])


def _transfers(books: Books) -> Iterable[Copy]:
    if books.transfers:
        yield Copy(_COPY_TRANSFERS, [_transfer_row(row) for row in books.transfers])


def _hold_acts(books: Books) -> Iterable[Copy]:
    if books.hold_rows:
        yield Copy(_COPY_HOLD_ACTS, [_hold_row(row) for row in books.hold_rows])


def _account_events(books: Books) -> Iterable[Copy]:
    if books.account_rows:
        yield Copy(_COPY_ACCOUNT_EVENTS, [_event_row(row) for row in books.account_rows])


def _id_of(row: DecisionRow) -> bytes:
    return row.command.id.bytes


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
        _decision_head(9, 8, row.seq, 16, command.id.bytes, 32, row.content_hash, 8, at)
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


def _project_holds(cursor: Cursor[Any], books: Books) -> None:
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
    cursor.execute(_SAVE_HOLDS, list(map(list, columns)))


def _project_accounts(cursor: Cursor[Any], books: Books) -> None:
    moved = {row.debit.id: row.debit for row in books.transfers}
    moved |= {row.credit.id: row.credit for row in books.transfers}
    spenders = [account for account in moved.values() if account.window is not None]
    others = [account for account in moved.values() if account.window is None]
    if spenders:
        cursor.execute(_UPDATE_SPENDERS, _columns(map(_spender, spenders)))
    if others:
        cursor.execute(_UPDATE_ACCOUNTS, _columns(map(_totals, others)))
    standing = {row.account.id: row.account for row in books.hold_rows}
    standing |= {row.account.id: row.account for row in books.account_rows}
    if standing:
        columns = zip(*map(_standing, standing.values()), strict=True)
        cursor.execute(_UPDATE_STANDING, list(map(list, columns)))
    past_days = [
        (account.id, date_of(day), spent.amount_minor, spent.count)
        for account in spenders
        for day, spent in (account.past_days or {}).items()
    ]
    if past_days:
        cursor.execute(_SAVE_TIP_DAYS, list(map(list, zip(*past_days, strict=True))))


def _columns(rows: Iterable[tuple[int, ...]]) -> list[Any]:
    return [bigints(column) for column in zip(*rows, strict=True)]


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
