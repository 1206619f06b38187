"""Reading under locks: what a batch stands on.

Lock order, for everyone: accounts by id, then decisions by id. Decisions are read by a statement of their
own *after* the locks, so that what another process decided while we waited is seen.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from ledger.chart import CHART, AccountRef
from ledger.instants import date_of, day_of, instant_of, month_of
from ledger.journal.rows import bigints, texts, uuids
from ledger.kernel.accounts import Account, DaySpending, HoldState, SpendingWindow
from ledger.kernel.refusals import Refusal, refusal_of

_ACCOUNTS = """
SELECT a.id, a.kind, a.owner, a.debits_minor, a.credits_minor, a.held_minor, a.frozen_by, a.last_seq,
       a.outgoing_barred_until, a.incoming_barred_until,
       a.tip_day - DATE '1970-01-01', a.tip_day_minor, a.tip_day_count, a.tip_month_minor, a.tip_month_count
FROM ledger.accounts AS a
WHERE {named}
ORDER BY a.id
"""
_LOCKED = "FOR NO KEY UPDATE OF a"
# One arm a kind, so that each is an index look-up: joined to a list, the planner reads the whole table.
_NAMED = "(a.kind = %s AND a.owner = ANY (%b::text[]))"

_DECIDED = """
SELECT d.id, d.seq, d.actor, d.content_hash, d.occurred_at, d.refusal, d.facts
FROM ledger.decisions AS d
WHERE d.id = ANY (%b::uuid[])
"""

_CLOCK = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

# The transfers of an entry are numbered from its own seq on, within its microsecond.
_MOVED = """
SELECT t.entry, t.amount_minor, t.debit_balance_minor, t.credit_balance_minor
FROM unnest(%b::bigint[]) AS wanted (entry)
JOIN ledger.transfers AS t
  ON t.seq >= wanted.entry AND t.seq < (wanted.entry / 256 + 1) * 256 AND t.entry = wanted.entry
ORDER BY t.seq
"""

_HOLDS = """
SELECT h.hold, a.kind, a.owner, h.amount_minor, h.expires_at, h.placed_seq, h.ended, h.ended_seq
FROM ledger.holds AS h
JOIN ledger.accounts AS a ON a.id = h.account
WHERE h.hold = ANY (%b::uuid[])
"""

_TIP_DAYS = """
SELECT t.account, t.day, t.amount_minor, t.count
FROM unnest(%b::bigint[], %s::date[], %s::date[]) AS wanted (account, first, after)
JOIN ledger.tip_days AS t ON t.account = wanted.account AND t.day >= wanted.first AND t.day < wanted.after
"""


class Decided(NamedTuple):
    """A decision that stands, and who asked for it first."""

    id: UUID
    seq: int
    actor: str
    content_hash: bytes
    occurred_at: int
    refusal: Refusal | None


class Looked(NamedTuple):
    """Accounts, not locked, and when they stood so."""

    accounts: dict[AccountRef, Account]
    now: int


class Locked(NamedTuple):
    """What a batch stands on: its accounts, locked; what was decided, by the number of the id; the time."""

    accounts: dict[AccountRef, Account]
    decided: dict[int, Decided]
    now: int


def lock(
    connection: Connection[Any],
    accounts: Collection[AccountRef],
    ids: Collection[int],
    meanwhile: Callable[[], None],
) -> Locked:
    """Lock the accounts in id order, then read the decisions of these ids and the database's clock.

    Unknown accounts are left out. Ids go by their numbers (``UUID.int``), which hash ten times as fast.
    Three statements in one round trip, which ``meanwhile`` may add to; while the database works on them,
    it may do so too.
    """
    query, arguments = _of(accounts)
    named = uuids(ids)
    with connection.pipeline():
        rows = connection.execute(query + _LOCKED, arguments, binary=True)
        decisions = connection.execute(_DECIDED, (named,), binary=True)
        clock = connection.execute(_CLOCK, binary=True)
        meanwhile()
    return Locked(
        accounts={account.ref: account for account in map(_account, rows.fetchall())},
        decided={row[0].int: _decided(row) for row in decisions.fetchall()},
        now=clock.fetchone()[0],  # type: ignore[index]
    )


def look(connection: Connection[Any], accounts: Collection[AccountRef]) -> Looked:
    """Accounts as they are, and the time, for whoever will see under the locks whether they still are so.

    Whatever touches an account moves its ``last_seq`` on. Unknown accounts are left out.
    """
    query, arguments = _of(accounts)
    with connection.pipeline():
        clock = connection.execute(_CLOCK, binary=True)
        rows = connection.execute(query, arguments, binary=True)
    return Looked(
        accounts={account.ref: account for account in map(_account, rows.fetchall())},
        now=clock.fetchone()[0],  # type: ignore[index]
    )


def _of(accounts: Collection[AccountRef]) -> tuple[str, list[Any]]:
    owners: dict[str, list[str]] = {}
    for kind, owner in accounts:
        owners.setdefault(kind, []).append(owner)
    arms = " OR ".join([_NAMED] * len(owners)) or "false"
    arguments = [argument for kind in sorted(owners) for argument in (kind, texts(owners[kind]))]
    return _ACCOUNTS.format(named=arms), arguments


def _account(row: Any) -> Account:
    (
        id,
        kind,
        owner,
        debits,
        credits,
        held,
        frozen_by,
        last_seq,
        outgoing,
        incoming,
        day,
        day_minor,
        day_count,
        month_minor,
        month_count,
    ) = row
    return Account(
        id,
        AccountRef(kind, owner),
        CHART[kind],
        debits,
        credits,
        held,
        frozen_by,
        last_seq,
        instant_of(outgoing) if outgoing else 0,
        instant_of(incoming) if incoming else 0,
        None if day is None else SpendingWindow(day, day_minor, day_count, month_minor, month_count),
    )


def _decided(row: Any) -> Decided:
    id, seq, actor, content, occurred_at, code, facts = row
    return Decided(
        id, seq, actor, content, instant_of(occurred_at), refusal_of(code, facts) if code else None
    )


def moved_by(connection: Connection[Any], entries: Collection[int]) -> dict[int, list[tuple[int, int, int]]]:
    """The transfers of each of these entries: amount, and both balances after it."""
    found: dict[int, list[tuple[int, int, int]]] = {entry: [] for entry in entries}
    for entry, *moved in connection.execute(_MOVED, (bigints(entries),), binary=True):
        found[entry].append(tuple(moved))
    return found


def read_holds(connection: Connection[Any], holds: Iterable[UUID]) -> dict[UUID, HoldState]:
    """The holds of these ids that exist; their accounts must be locked."""
    named = uuids(hold.int for hold in holds)
    found = {}
    for hold, kind, owner, amount, expires_at, placed_seq, ended, ended_seq in connection.execute(
        _HOLDS, (named,), binary=True
    ):
        found[hold] = HoldState(
            hold,
            AccountRef(kind, owner),
            amount,
            instant_of(expires_at) if expires_at else None,
            placed_seq,
            ended,
            ended_seq,
        )
    return found


def read_past_days(connection: Connection[Any], wanted: Iterable[tuple[Account, int]]) -> None:
    """Fill in what these accounts tipped in the months of these days, before their latest tipping day."""
    months = {(account.id, *month_of(day)): account for account, day in wanted}
    by_id = {account.id: account for account in months.values()}
    for account in by_id.values():
        account.past_days = account.past_days or {}
    rows = connection.execute(
        _TIP_DAYS,
        (
            bigints(id for id, _, _ in months),
            [date_of(first) for _, first, _ in months],
            [date_of(after) for _, _, after in months],
        ),
        binary=True,
    )
    for id, day, amount, count in rows:
        past_days = by_id[id].past_days
        assert past_days is not None
        past_days[day_of(day)] = DaySpending(amount, count)
