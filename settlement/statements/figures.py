"""Figures of a streamer's accounts since some numbers of the journal, as the summary shows them.

What came into an account since a number is the difference of two stored balances and the few movements out of
it: it costs the same for ten gifts as for ten million. Rule: LIVE-EARN-5.
"""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, text

from ledger.chart import AccountRef
from ledger.instants import instant_of
from ledger.journal.history import NoSuchAccount
from ledger.kernel.posted import posted_instant
from settlement.kinds import EarningKind

_ACCOUNTS = text("""
SELECT id, kind, debits_minor, credits_minor, held_minor, frozen_by, outgoing_barred_until
FROM ledger.accounts WHERE owner = :streamer AND kind = ANY (:kinds)
""")

# The balance before a moment is that of the account's last transfer, on either side of it. Each account has
# an arm of its own, planned for that account, however much others pay or receive.
_FLOW = """
SELECT '{kind}' AS kind, '{span}' AS span,
       coalesce((SELECT balance_minor FROM (
           (SELECT seq, debit_balance_minor AS balance_minor FROM ledger.transfers
            WHERE debit_account = :{kind} AND seq < :{span} ORDER BY debit_account DESC, seq DESC LIMIT 1)
           UNION ALL
           (SELECT seq, credit_balance_minor FROM ledger.transfers
            WHERE credit_account = :{kind} AND seq < :{span} ORDER BY credit_account DESC, seq DESC LIMIT 1)
       ) AS newest ORDER BY seq DESC LIMIT 1), 0) AS before_minor,
       coalesce((SELECT sum(amount_minor) FROM ledger.transfers
                 WHERE debit_account = :{kind} AND seq >= :{span}), 0)::bigint AS left_minor
"""

# What went back of settled gifts counts against them when it did, and for them again when it stands again.
_SETTLED = text("""
SELECT coalesce(sum(minor), 0)::bigint AS all_time,
       coalesce(sum(minor) FILTER (WHERE entry >= :this_period), 0)::bigint AS this_period,
       coalesce(sum(minor) FILTER (WHERE entry >= :today), 0)::bigint AS today
FROM (
    SELECT entry, gift_share_minor AS minor FROM settlement.statements WHERE streamer = :streamer
    UNION ALL
    SELECT r.entry, -(r.earnings_minor + r.debt_minor)
    FROM ledger.accounts AS a JOIN settlement.returned_tips AS r ON r.account = a.id
    WHERE a.kind = 'gifts' AND a.owner = :streamer AND r.coins > r.unsettled_coins
    UNION ALL
    SELECT again.entry, again.earnings_minor + again.debt_minor
    FROM ledger.accounts AS a JOIN settlement.returned_tips AS r ON r.account = a.id
    JOIN settlement.restored_tips AS again ON again.tip = r.tip
    WHERE a.kind = 'gifts' AND a.owner = :streamer AND r.coins > r.unsettled_coins
) AS settled
""")

# What was taken back counts against its kind when it was taken back.
_ACCRUED = text("""
SELECT kind, sum(amount_minor)::bigint AS all_time,
       coalesce(sum(amount_minor) FILTER (WHERE entry >= :this_period), 0)::bigint AS this_period,
       coalesce(sum(amount_minor) FILTER (WHERE entry >= :today), 0)::bigint AS today
FROM (
    SELECT kind, entry, amount_minor FROM settlement.accruals WHERE streamer = :streamer
    UNION ALL
    SELECT a.kind, r.entry, -a.amount_minor
    FROM settlement.accruals AS a JOIN ledger.reversals AS r ON r.reversed = a.entry
    WHERE a.streamer = :streamer
    UNION ALL
    SELECT a.kind, w.entry, -(w.amount_minor + w.earnings_minor + w.debt_minor)
    FROM settlement.withdrawals AS w JOIN settlement.accruals AS a ON a.entry = w.accrual
    WHERE w.streamer = :streamer
    UNION ALL
    SELECT 'adjustment', entry, -(accruals_minor + earnings_minor + debt_minor)
    FROM settlement.deductions WHERE streamer = :streamer
) AS accrued
GROUP BY kind
""")

_HOLDS = text("""
SELECT a.kind AS account, h.hold, h.amount_minor, h.expires_at, h.placed_seq, d.kind, d.cause
FROM ledger.accounts AS a
JOIN ledger.holds AS h ON h.account = a.id AND h.ended IS NULL
JOIN ledger.hold_acts AS placed ON placed.seq = h.placed_seq
JOIN ledger.decisions AS d ON d.seq = placed.entry
WHERE a.owner = :streamer AND a.kind = ANY (:kinds)
ORDER BY h.placed_seq
""")


class Since(NamedTuple):
    """The lowest numbers that can be posted today, and in this period."""

    today: int
    this_period: int


class Spans(NamedTuple):
    """One figure for today, for this period, and for all time; minor units."""

    today: int
    this_period: int
    all_time: int


_NOTHING = Spans(0, 0, 0)
#: The accounts through which everything earned goes.
_KINDS = ("gifts", "accruals", "earnings")
_FLOWS = text(
    "UNION ALL".join(_FLOW.format(kind=kind, span=span) for kind in _KINDS for span in Since._fields)
)


class Earned(NamedTuple):
    """What a kind of earning came to, fen: gifts once they are settled, every other kind as it accrues."""

    kind: EarningKind
    earned_minor: Spans


class Kept(NamedTuple):
    """A hold in force. ``amount_minor`` None is the whole account; ``kind`` and ``cause`` are its entry's.

    ``since`` and ``until`` are instants; without ``until`` it stays until it is ended.
    """

    hold: UUID
    account: str
    amount_minor: int | None
    since: int
    until: int | None
    kind: str
    cause: str


class Flow(NamedTuple):
    """What came into an account, what left it, and what is there now: the first less the second."""

    received: Spans
    left: Spans
    posted_minor: int
    held_minor: int
    is_frozen: bool
    barred_until: int | None

    @property
    def available_minor(self) -> int:
        """What is there and not held."""
        return self.posted_minor - self.held_minor


def flows(connection: Connection, streamer: str, since: Since) -> dict[str, Flow]:
    """The streamer's gifts (coins), accruals and earnings (fen). Raises :class:`NoSuchAccount`."""
    found = connection.execute(_ACCOUNTS, {"streamer": streamer, "kinds": list(_KINDS)})
    accounts = {row.kind: row for row in found}
    for kind in _KINDS:
        if kind not in accounts:
            raise NoSuchAccount(AccountRef(kind, streamer))
    ids = {kind: row.id for kind, row in accounts.items()}
    rows = connection.execute(_FLOWS, {**ids, **since._asdict()})
    moved = {(row.kind, row.span): row for row in rows}
    return {
        kind: _flow(account, moved[kind, "today"], moved[kind, "this_period"])
        for kind, account in accounts.items()
    }


def _flow(account: Row[Any], today: Row[Any], this_period: Row[Any]) -> Flow:
    posted = account.credits_minor - account.debits_minor
    return Flow(
        Spans(
            posted - today.before_minor + today.left_minor,
            posted - this_period.before_minor + this_period.left_minor,
            account.credits_minor,
        ),
        Spans(today.left_minor, this_period.left_minor, account.debits_minor),
        posted,
        account.held_minor,
        account.frozen_by > 0,
        instant_of(account.outgoing_barred_until) if account.outgoing_barred_until else None,
    )


def owed_minor(connection: Connection, streamer: str) -> int:
    """What the streamer owes, fen."""
    rows = connection.execute(_ACCOUNTS, {"streamer": streamer, "kinds": ["debt"]})
    return sum(row.debits_minor - row.credits_minor for row in rows)


def earned(connection: Connection, streamer: str, since: Since) -> tuple[Earned, ...]:
    """What each kind of earning came to, in the order of the kinds."""
    asked = {"streamer": streamer, **since._asdict()}
    gifts = connection.execute(_SETTLED, asked).one()
    found = {EarningKind.GIFT: Spans(gifts.today, gifts.this_period, gifts.all_time)}
    for row in connection.execute(_ACCRUED, asked):
        found[EarningKind(row.kind)] = Spans(row.today, row.this_period, row.all_time)
    return tuple(Earned(kind, found.get(kind, _NOTHING)) for kind in EarningKind)


def kept(connection: Connection, streamer: str) -> tuple[Kept, ...]:
    """The holds in force on the streamer's accounts, oldest first."""
    return tuple(
        Kept(
            row.hold,
            row.account,
            row.amount_minor,
            posted_instant(row.placed_seq),
            instant_of(row.expires_at) if row.expires_at else None,
            row.kind,
            row.cause,
        )
        for row in connection.execute(_HOLDS, {"streamer": streamer, "kinds": list(_KINDS)})
    )
