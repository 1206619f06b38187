"""Reading the books: balances now and at any moment past, and an account's lines, page by page.

Two times: by ``posted_at`` the past stands still, and a balance then is one index look-up a side, since
every transfer stores what it left on both accounts; by ``occurred_at`` what is posted late still counts,
and a balance is a sum over the account's index. What bears the time of what it brings back counts from when
it was posted: a tip that stands again is not there twice before it went back. Nothing here locks.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, text

from ledger.chart import CHART, AccountRef
from ledger.instants import datetime_of, instant_of
from ledger.kernel.entries import DATED_BACK
from ledger.kernel.posted import last_seq_at, posted_instant

_ROWS_A_FETCH = 1_000

_ACCOUNT = text("""
SELECT id, debits_minor, credits_minor, held_minor, frozen_by, outgoing_barred_until, incoming_barred_until
FROM ledger.accounts WHERE kind = :kind AND owner = :owner
""")

_IS_DECIDED = text("SELECT EXISTS (SELECT FROM ledger.decisions WHERE id = :id)")

_BALANCES = text("""
SELECT kind, owner, currency, normal_side, debits_minor, credits_minor, held_minor
FROM ledger.accounts WHERE debits_minor + credits_minor > 0
ORDER BY kind, owner
""")

_POSTED_AT = text("""
SELECT balance_minor FROM (
    (SELECT seq, debit_balance_minor AS balance_minor FROM ledger.transfers
     WHERE debit_account = :account AND seq <= :seq ORDER BY debit_account DESC, seq DESC LIMIT 1)
    UNION ALL
    (SELECT seq, credit_balance_minor FROM ledger.transfers
     WHERE credit_account = :account AND seq <= :seq ORDER BY credit_account DESC, seq DESC LIMIT 1)
) AS newest ORDER BY seq DESC LIMIT 1
""")

_HELD_AT = text("""
SELECT coalesce(sum(placed.amount_minor), 0)
FROM ledger.hold_acts AS placed
WHERE placed.account = :account AND placed.act = 'placed' AND placed.seq <= :seq
  AND NOT EXISTS (SELECT FROM ledger.hold_acts AS ended
                  WHERE ended.hold = placed.hold AND ended.act <> 'placed' AND ended.seq <= :seq)
""")

_HAD_OCCURRED = """t.occurred_at <= :instant AND (t.entry <= :seq OR NOT EXISTS (
    SELECT FROM ledger.decisions AS d WHERE d.seq = t.entry AND d.kind = ANY (:dated_back)))
"""
_POSTED_AS_OF = text(f"""
SELECT coalesce((SELECT sum(amount_minor) FROM ledger.transfers AS t
                 WHERE t.debit_account = :account AND {_HAD_OCCURRED}), 0) AS debits_minor,
       coalesce((SELECT sum(amount_minor) FROM ledger.transfers AS t
                 WHERE t.credit_account = :account AND {_HAD_OCCURRED}), 0) AS credits_minor
""")  # noqa: S608 (names of ours)

_OPEN_HOLDS = text("""
SELECT h.hold, h.amount_minor, h.placed_seq, h.expires_at, d.kind AS entry_kind
FROM ledger.holds AS h JOIN ledger.accounts AS a ON a.id = h.account
JOIN ledger.hold_acts AS placed ON placed.seq = h.placed_seq
JOIN ledger.decisions AS d ON d.seq = placed.entry
WHERE a.kind = :kind AND a.owner = :owner AND h.ended IS NULL
ORDER BY h.placed_seq
""")

# The limit stands in both arms of every account, so a page reads at most that many rows of each index.
_LINES = """
WITH page AS (
    SELECT line.* FROM unnest(CAST(:accounts AS bigint[])) AS mine (account)
    CROSS JOIN LATERAL (
        (SELECT 2 * seq AS number, seq, entry, occurred_at, amount_minor, mine.account,
                credit_account AS counter, debit_balance_minor AS balance_minor
         FROM ledger.transfers WHERE debit_account = mine.account AND seq {beyond} :debit_bound
         ORDER BY seq {order} LIMIT :limit)
        UNION ALL
        (SELECT 2 * seq + 1, seq, entry, occurred_at, amount_minor, mine.account,
                debit_account, credit_balance_minor
         FROM ledger.transfers WHERE credit_account = mine.account AND seq {beyond} :credit_bound
         ORDER BY seq {order} LIMIT :limit)
    ) AS line
    ORDER BY number {order} LIMIT :limit
)
SELECT page.number, page.seq, page.occurred_at, page.amount_minor, page.balance_minor,
       d.id AS entry_id, d.kind AS entry_kind, d.cause, a.kind, a.owner, a.normal_side,
       counter.kind AS counter_kind, counter.owner AS counter_owner
FROM page
JOIN ledger.decisions AS d ON d.seq = page.entry
JOIN ledger.accounts AS a ON a.id = page.account
JOIN ledger.accounts AS counter ON counter.id = page.counter
ORDER BY page.number {order}
"""
_NEWEST_FIRST = text(_LINES.format(beyond="<", order="DESC"))
_OLDEST_FIRST = text(_LINES.format(beyond=">", order="ASC"))
#: The highest number a row can have. Beyond it PostgreSQL would compare as numeric, past every index.
_LAST_SEQ = 2**63 - 1

_TRIAL_NOW = text("""
SELECT kind, sum(debits_minor) AS debits_minor, sum(credits_minor) AS credits_minor
FROM ledger.accounts GROUP BY kind HAVING sum(debits_minor) + sum(credits_minor) > 0
""")

_TRIAL_PAST = """
SELECT a.kind, sum(side.debits_minor) AS debits_minor, sum(side.credits_minor) AS credits_minor
FROM (
    SELECT debit_account AS account, sum(amount_minor) AS debits_minor, 0 AS credits_minor
    FROM ledger.transfers AS t WHERE {until} GROUP BY debit_account
    UNION ALL
    SELECT credit_account, 0, sum(amount_minor)
    FROM ledger.transfers AS t WHERE {until} GROUP BY credit_account
) AS side
JOIN ledger.accounts AS a ON a.id = side.account
GROUP BY a.kind
"""
_TRIAL_AT = text(_TRIAL_PAST.format(until="t.seq <= :seq"))
_TRIAL_AS_OF = text(_TRIAL_PAST.format(until=_HAD_OCCURRED))


class NoSuchAccount(LookupError):
    """The party is unknown, or has no account of that kind. Its text is one line for people."""

    def __init__(self, ref: AccountRef) -> None:
        super().__init__(f"{ref.owner!r} has no {ref.kind} account")
        self.ref = ref


class Balance(NamedTuple):
    """What an account holds on its normal side, in minor units; ``held_minor`` is part of it."""

    kind: str
    owner: str
    currency: str
    posted_minor: int
    held_minor: int

    @property
    def available_minor(self) -> int:
        """What is left once open holds are set aside."""
        return self.posted_minor - self.held_minor


class Standing(NamedTuple):
    """An account now: its balance, its open freezes of all of it, and until when (instants) it is barred."""

    balance: Balance
    frozen_by: int
    outgoing_barred_until: int | None
    incoming_barred_until: int | None


class OpenHold(NamedTuple):
    """A hold still in force: an amount in minor units, or the whole account (None). Times are instants.

    ``entry_kind`` is what placed it: a freeze, a payout_request, a settlement.
    """

    hold: UUID
    amount_minor: int | None
    placed_at: int
    expires_at: int | None
    entry_kind: str


class Line(NamedTuple):
    """One line of an account: a transfer as its owner sees it.

    ``amount_minor`` is signed: above zero when the balance on the account's normal side rose.
    ``number`` orders an owner's lines, and is the cursor of a page that ends with this one.
    """

    number: int
    seq: int
    posted_at: int
    occurred_at: int
    entry_id: UUID
    entry_kind: str
    cause: str
    account: AccountRef
    counter: AccountRef
    amount_minor: int
    balance_minor: int


class HistoryPage(NamedTuple):
    """Some lines, and where the next page begins; None when these were the last."""

    lines: list[Line]
    next_cursor: int | None


class TrialLine(NamedTuple):
    """All accounts of a kind together; ``balance_minor`` is on the kind's normal side, in minor units."""

    kind: str
    currency: str
    normal: str
    debits_minor: int
    credits_minor: int
    balance_minor: int


def balances(connection: Connection) -> Iterator[Balance]:
    """Every account that value ever touched, by kind and then owner in byte order, a fetch at a time.

    A hold needs something to hold, so an account that no transfer touched was never held on either.
    """
    rows = connection.execute(_BALANCES, execution_options={"yield_per": _ROWS_A_FETCH})
    for row in rows:
        posted = _on_normal_side(row.kind, row.debits_minor, row.credits_minor)
        yield Balance(row.kind, row.owner, row.currency, posted, row.held_minor)


def account_of(connection: Connection, ref: AccountRef) -> Standing:
    """An account as it stands now. Raises :class:`NoSuchAccount`."""
    row = _account_row(connection, ref)
    posted = _on_normal_side(ref.kind, row.debits_minor, row.credits_minor)
    return Standing(
        _balance(ref, posted, row.held_minor),
        row.frozen_by,
        instant_of(row.outgoing_barred_until) if row.outgoing_barred_until else None,
        instant_of(row.incoming_barred_until) if row.incoming_barred_until else None,
    )


def is_decided(connection: Connection, id: UUID) -> bool:
    """Whether a command of this id was decided."""
    return bool(connection.execute(_IS_DECIDED, {"id": id}).scalar_one())


def open_holds(connection: Connection, ref: AccountRef) -> list[OpenHold]:
    """The holds in force on an account, oldest first; none for an account that is not there."""
    return [
        OpenHold(
            row.hold,
            row.amount_minor,
            posted_instant(row.placed_seq),
            instant_of(row.expires_at) if row.expires_at else None,
            row.entry_kind,
        )
        for row in connection.execute(_OPEN_HOLDS, ref._asdict())
    ]


def balance_at(connection: Connection, ref: AccountRef, instant: int) -> Balance:
    """What an account held when everything posted up to an instant was in the books, and nothing else.

    Costs the same for any length of history. Raises :class:`NoSuchAccount`.
    """
    moment = {"account": _account_row(connection, ref).id, "seq": min(last_seq_at(instant), _LAST_SEQ)}
    posted = connection.scalar(_POSTED_AT, moment) or 0
    return _balance(ref, posted, int(connection.scalar(_HELD_AT, moment)))


def balance_as_of(connection: Connection, ref: AccountRef, instant: int) -> int:
    """What an account's balance was by the world's time: all that occurred up to an instant, in minor units.

    Holds have no such time: they are judged when they are posted. Raises :class:`NoSuchAccount`.
    """
    account = _account_row(connection, ref).id
    row = connection.execute(_POSTED_AS_OF, {"account": account, **_by(instant)}).one()
    return _on_normal_side(ref.kind, row.debits_minor, row.credits_minor)


def account_page(
    connection: Connection,
    refs: Sequence[AccountRef],
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
) -> HistoryPage:
    """A page of the lines of one or several accounts of a party, newest first.

    ``before`` is the cursor of the page before it. With ``after`` (0 for the first page) the lines come
    oldest first. A transfer between two of the accounts is a line of each. Costs the same for any length
    of history. Raises :class:`NoSuchAccount`.
    """
    accounts = [_account_row(connection, ref).id for ref in refs]
    # Lines are numbered 2 * seq on the debit side and 2 * seq + 1 on the credit side.
    if after is not None:
        statement, debit_bound, credit_bound = _OLDEST_FIRST, after // 2, (after - 1) // 2
    elif before is not None:
        statement, debit_bound, credit_bound = _NEWEST_FIRST, (before + 1) // 2, before // 2
    else:
        statement, debit_bound, credit_bound = _NEWEST_FIRST, _LAST_SEQ, _LAST_SEQ
    bounds = {
        "debit_bound": min(debit_bound, _LAST_SEQ),
        "credit_bound": min(credit_bound, _LAST_SEQ),
        "limit": limit + 1,
    }
    rows = connection.execute(statement, {"accounts": accounts, **bounds})
    lines = [_line(row) for row in rows]
    return HistoryPage(lines[:limit], lines[limit - 1].number if len(lines) > limit else None)


def trial_balance(
    connection: Connection, *, at: int | None = None, as_of: int | None = None
) -> list[TrialLine]:
    """Debits, credits and balance of every kind that value touched, in the order of the chart.

    Now; or with what was posted up to the instant ``at``; or with what occurred up to ``as_of``. In each
    currency the debits sum to the credits (I1).
    """
    if at is not None:
        rows = connection.execute(_TRIAL_AT, {"seq": min(last_seq_at(at), _LAST_SEQ)})
    elif as_of is not None:
        rows = connection.execute(_TRIAL_AS_OF, _by(as_of))
    else:
        rows = connection.execute(_TRIAL_NOW)
    sums = {row.kind: (int(row.debits_minor), int(row.credits_minor)) for row in rows}
    return [
        TrialLine(
            kind.name,
            kind.currency,
            kind.normal,
            *sums[kind.name],
            _on_normal_side(kind.name, *sums[kind.name]),
        )
        for kind in CHART.values()
        if kind.name in sums
    ]


def _by(instant: int) -> dict[str, object]:
    return {
        "instant": datetime_of(instant),
        "seq": min(last_seq_at(instant), _LAST_SEQ),
        "dated_back": list(DATED_BACK),
    }


def _account_row(connection: Connection, ref: AccountRef) -> Row[tuple[object, ...]]:
    row = connection.execute(_ACCOUNT, ref._asdict()).first()
    if row is None:
        raise NoSuchAccount(ref)
    return row


def _balance(ref: AccountRef, posted_minor: int, held_minor: int) -> Balance:
    return Balance(ref.kind, ref.owner, CHART[ref.kind].currency, posted_minor, held_minor)


def _on_normal_side(kind: str, debits_minor: int, credits_minor: int) -> int:
    balance = int(credits_minor - debits_minor)
    return balance if CHART[kind].normal == "credit" else -balance


def _line(row: Row[tuple[object, ...]]) -> Line:
    rose = (row.normal_side == "credit") == bool(row.number % 2)
    return Line(
        row.number,
        row.seq,
        posted_instant(row.seq),
        instant_of(row.occurred_at),
        row.entry_id,
        row.entry_kind,
        row.cause,
        AccountRef(row.kind, row.owner),
        AccountRef(row.counter_kind, row.counter_owner),
        row.amount_minor if rose else -row.amount_minor,
        row.balance_minor,
    )
