"""What a run checks: the books before it begins, its own statements before it ends."""

from time import monotonic, sleep
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.journal.commands import TryAgain

_WAIT_SECONDS = 60.0
_LOOK_AGAIN_SECONDS = 0.01

_UNEQUAL = text("""
WITH sums AS (
    SELECT currency, sum(debits_minor) AS debits_minor, sum(credits_minor) AS credits_minor,
           sum(CASE WHEN kind IN ('wallet', 'gifts') THEN 10 * (credits_minor - debits_minor)
                    WHEN kind = 'coin_liability' THEN debits_minor - credits_minor ELSE 0 END) AS unbacked
    FROM ledger.accounts GROUP BY currency
)
SELECT format('debits and credits in %s differ by %s', currency, debits_minor - credits_minor)
FROM sums WHERE debits_minor <> credits_minor
UNION ALL
SELECT format('coins of viewers and streamers differ from their liability by %s fen', unbacked)
FROM (SELECT sum(unbacked) AS unbacked FROM sums) AS backing
WHERE unbacked <> 0
""")

# Per statement: what its entry credited to the streamer, to guilds and to the platform, and what it took.
# Its transfers end where the next statement's begin, or their microsecond does.
_UNPROVEN = text("""
WITH issued AS (
    SELECT s.*, gifts.id AS gifts, accruals.id AS accruals, earnings.id AS earnings,
           least((s.entry / 256 + 1) * 256, lead(s.entry) OVER (ORDER BY s.entry)) AS ends
    FROM settlement.statements AS s
    LEFT JOIN ledger.accounts AS gifts ON gifts.kind = 'gifts' AND gifts.owner = s.streamer
    LEFT JOIN ledger.accounts AS accruals ON accruals.kind = 'accruals' AND accruals.owner = s.streamer
    LEFT JOIN ledger.accounts AS earnings ON earnings.kind = 'earnings' AND earnings.owner = s.streamer
    WHERE s.run = :run
)
SELECT format('the statement of %s differs from its entry', s.streamer)
FROM (SELECT id FROM ledger.accounts WHERE kind = 'gift_revenue') AS revenue
CROSS JOIN issued AS s
LEFT JOIN LATERAL (
    SELECT coalesce(sum(amount_minor) FILTER (WHERE debit_account = s.gifts), 0) AS coins,
           coalesce(sum(amount_minor) FILTER (WHERE debit_account = s.accruals), 0) AS accruals_minor,
           coalesce(sum(amount_minor) FILTER (WHERE credit_account = s.earnings), 0) AS credited_minor,
           coalesce(sum(amount_minor) FILTER (WHERE credit_account = revenue.id), 0) AS platform_minor,
           coalesce(sum(amount_minor) FILTER (WHERE debit_account <> s.gifts AND credit_account <> s.earnings
                                                AND credit_account <> revenue.id), 0) AS guild_minor
    FROM ledger.transfers AS t
    WHERE t.seq >= s.entry AND t.seq < s.ends AND t.entry = s.entry
) AS moved ON true
WHERE (moved.coins, moved.accruals_minor, moved.credited_minor, moved.guild_minor, moved.platform_minor)
      IS DISTINCT FROM (s.coins, s.accruals_minor, s.gift_share_minor + s.accruals_minor, s.guild_share_minor,
                        s.platform_share_minor)
LIMIT 1
""")


# Not by pg_snapshot_xmin: that is the oldest writer of the whole server, in whatever database.
_WRITING = text("""
SELECT backend_xid::text::bigint FROM pg_stat_activity
WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
""")


class SelfCheckFailed(Exception):
    """The books do not add up. Its text is one line that says where; `zhibo verify` says more."""


def check_books(connection: Connection) -> None:
    """Whether debits equal credits, and coins their liability (I1, I6). Raises :class:`SelfCheckFailed`."""
    _none(connection.execute(_UNEQUAL).scalar())


def check_run(connection: Connection, run: UUID) -> None:
    """Whether each statement of a run says what its entry moved. Raises :class:`SelfCheckFailed`."""
    _none(connection.execute(_UNPROVEN, {"run": run}).scalar())


def wait_for_writers(connection: Connection) -> None:
    """Wait until whoever was writing in this database when this began is done.

    What a run rests on is pinned by a number; nothing with a lower one appears afterwards. Raises
    :class:`TryAgain` when somebody writes for too long.
    """
    patience = monotonic() + _WAIT_SECONDS
    waited_for = _writing(connection)
    while waited_for:
        if monotonic() > patience:
            raise TryAgain("a writer has been in the way for a minute")
        sleep(_LOOK_AGAIN_SECONDS)
        waited_for &= _writing(connection)


def _writing(connection: Connection) -> set[int]:
    """The numbers of the transactions of others that have written here and not ended."""
    writing = set(connection.scalars(_WRITING))
    connection.commit()
    return writing


def _none(breach: object) -> None:
    if breach is not None:
        raise SelfCheckFailed(str(breach))
