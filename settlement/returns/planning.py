"""Making a plan of tips that go back: which of them can, and out of whose money each comes.

What was not settled yet is planned in one statement, however much it is. Nothing is locked: a plan says what
it saw, and whoever decides asks again under the locks
(:meth:`settlement.returns.plans.ReturnPlans.still_possible`).
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Table, insert, text

from ledger.instants import datetime_of
from ledger.journal.rows import bigints, driver_of
from ledger.kernel.posted import last_seq_at, posted_instant
from ledger.money import BPS, face_value, round_half_up
from settlement.returns.held import held_now, with_holds
from settlement.returns.lots import first, paid_minor, spent
from settlement.returns.plans import PlannedReturn
from settlement.returns.selections import Kind, ListedTips, Selection, SessionTips, StreamerTips, ViewerTips
from settlement.returns.shares import NOTHING, Share, shares_of
from settlement.returns.standing import (
    STANDING,
    Strata,
    TipStanding,
    columns,
    standing,
    strata_before,
    with_again,
)
from settlement.returns.tables import planned_holds, planned_returns
from settlement.returns.wallets import wallet_movements
from settlement.sessions.reading import sessions_of
from settlement.statements.taking import untaken

_BEGINNING, _END = 0, 253_402_300_799_000_000

_TO_STREAMER = """
    SELECT t.entry AS tip, t.seq AS receipt, t.occurred_at, t.amount_minor AS amount, t.credit_account AS account,
           t.debit_account AS wallet
    FROM ledger.transfers AS t JOIN ledger.tips ON tips.entry = t.entry
    WHERE t.credit_account = %(account)s AND t.occurred_at >= %(since)s AND t.occurred_at < %(until)s
      AND t.seq < %(below)s
"""  # noqa: E501
_FROM_VIEWER = """
    SELECT t.entry AS tip, t.seq AS receipt, t.occurred_at, t.amount_minor AS amount, t.credit_account AS account,
           t.debit_account AS wallet
    FROM ledger.transfers AS t JOIN ledger.tips ON tips.entry = t.entry
    WHERE t.debit_account = %(account)s AND t.occurred_at >= %(since)s AND t.occurred_at < %(until)s
      AND t.seq < %(below)s
      AND (%(listed)b::bigint[] IS NULL OR t.entry = ANY (%(listed)b::bigint[]))
"""  # noqa: E501

# Whether another plan, which is decided, has the tip go back.
_IS_GOING = """
    EXISTS (SELECT FROM settlement.planned_returns AS other
            WHERE other.plan = ANY (%(going)s::uuid[]) AND other.tip = c.tip)
"""
_STANDS = "c.tip, c.receipt, c.occurred_at, c.amount, c.account, c.untaken, c.undone"

# What is wholly there to go back.
_PLAN_UNSETTLED = f"""{STANDING.format(chosen=_TO_STREAMER)}
INSERT INTO settlement.planned_returns (plan, tip, viewer, streamer, coins, unsettled_coins, streamer_minor,
                                        guild_minor, platform_minor, refund_minor, promotion_minor)
SELECT %(plan)s, c.tip, wallet.owner, %(streamer)s, c.amount, c.amount, 0, 0, 0, 0, 0
FROM standing AS c JOIN ledger.accounts AS wallet ON wallet.id = c.wallet
WHERE c.untaken = c.amount AND NOT c.undone AND NOT {_IS_GOING}
"""  # noqa: S608 - put together from the constants above
_OTHERS = f"""{STANDING.format(chosen=_TO_STREAMER)}
SELECT {_STANDS}, {_IS_GOING}, wallet.owner, %(streamer)s
FROM standing AS c JOIN ledger.accounts AS wallet ON wallet.id = c.wallet
WHERE c.untaken < c.amount OR c.undone OR {_IS_GOING}
ORDER BY c.tip
"""  # noqa: S608 - put together from the constants above
_OF_VIEWER = f"""{STANDING.format(chosen=_FROM_VIEWER)}
SELECT {_STANDS}, {_IS_GOING}, %(viewer)s, gifts.owner
FROM standing AS c JOIN ledger.accounts AS gifts ON gifts.id = c.account
ORDER BY c.tip
"""  # noqa: S608 - put together from the constants above

_TIPPED = text("""
SELECT DISTINCT t.credit_account
FROM ledger.transfers AS t JOIN ledger.tips ON tips.entry = t.entry
WHERE t.debit_account = :account AND t.seq < :below
""")
# What was settled goes back without a move of the gifts, but under their lock.
_ACCOUNT = text("""
SELECT id, greatest(last_seq, (SELECT max(entry) FROM settlement.returned_tips
                               WHERE account = a.id)) AS last_seq
FROM ledger.accounts AS a WHERE kind = :kind AND owner = :owner
""")
_ENTRIES = text("SELECT seq FROM ledger.decisions WHERE id = ANY (:ids) AND kind = 'tip' AND refusal IS NULL")

_FINISH = text("""
INSERT INTO settlement.return_plans (plan, kind, selection, ratio_bps, upto_seq, streamers, tips, coins,
    streamer_minor, guild_minor, platform_minor, refund_minor, promotion_minor, undone_before, taken_before,
    held_before, sha256, made_at)
SELECT :plan, :kind, CAST(:selection AS jsonb), :ratio_bps, :upto_seq,
       coalesce(array_agg(DISTINCT streamer ORDER BY streamer), '{}'), count(*), coalesce(sum(coins), 0),
       coalesce(sum(streamer_minor), 0), coalesce(sum(guild_minor), 0), coalesce(sum(platform_minor), 0),
       coalesce(sum(refund_minor), 0), coalesce(sum(promotion_minor), 0), :undone_before, :taken_before,
       :held_before, sha256(convert_to(coalesce(string_agg(
           json_build_array(tip::text, viewer, streamer, coins, unsettled_coins, streamer_minor, guild,
                            guild_minor, platform_minor, refund_minor, promotion_minor)::text,
           E'\\n' ORDER BY tip), ''), 'UTF8')),
       clock_timestamp()
FROM settlement.planned_returns WHERE plan = :plan
""")


class NothingToPlan(LookupError):
    """The selection names a party or session that is not there. Its text is one line for people."""


class _Chosen(NamedTuple):
    """A tip that is meant, and between whom; whether another measure holds of it, or has it go back."""

    tip: TipStanding
    is_held: bool
    viewer: str
    streamer: str


def make_plan(
    connection: Connection,
    plan: UUID,
    selection: Selection,
    upto_seq: int,
    kind: Kind,
    ratio_bps: int = BPS,
    *,
    freezes: Collection[UUID] = (),
    going: Collection[UUID] = (),
) -> None:
    """Write down what would go back of the tips that are meant, posted up to a number of the journal.

    Left out, and counted, are tips that were undone or went back before; those of whose coins something was
    taken otherwise, by a forfeit, say; and those of which a hold keeps something, but for ``freezes``, which
    are there for this, or which other plans have go back (``going``). Of a minor's tips ``ratio_bps``
    ten-thousandths go back, of an unlawful stream's all. Raises :class:`NothingToPlan`. Rule: G5.
    """
    # Up to an entry is with all of its acts: they are of its microsecond.
    upto_seq = last_seq_at(posted_instant(upto_seq))
    asked: dict[str, Any] = {"plan": plan, "below": upto_seq + 1, "going": list(going)}
    if isinstance(selection, SessionTips | StreamerTips):
        if kind == "minor":
            raise NothingToPlan("a minor's tips are those of a viewer")
        account, last_seq = _account(connection, "gifts", selection.streamer)
        # What lies at or below the account's last number is all there: numbers follow the order of commits.
        upto_seq = min(upto_seq, last_seq)
        since, until = _times(connection, selection, upto_seq)
        strata = strata_before(connection, [account], upto_seq + 1)
        held = with_holds(connection, strata, held_now(connection, [account], freezes), upto_seq + 1)
        asked |= {
            **columns(held),
            "below": upto_seq + 1,
            "account": account,
            "streamer": selection.streamer,
            "since": datetime_of(since),
            "until": datetime_of(until),
        }
        driver_of(connection).execute(_PLAN_UNSETTLED, asked, binary=True)
        rows = driver_of(connection).execute(_OTHERS, asked, binary=True)
        chosen = _chosen(connection, rows, strata, held, upto_seq + 1)
    else:
        chosen = _of_viewer(connection, selection, asked, upto_seq + 1, freezes)
    there = [one for one in chosen if not one.tip.undone]
    shares = shares_of(connection, [one.tip for one in there], upto_seq + 1)
    whole = [one for one in there if _is_accounted_for(one.tip, shares.get(one.tip.tip, NOTHING))]
    free = [one for one in whole if not one.is_held]
    planned = _planned(free, shares, ratio_bps)
    if kind == "minor":
        planned = _refunded(connection, planned, upto_seq + 1)
    _write(connection, planned_returns, [{"plan": plan, **row._asdict()} for row in planned])
    kept = [
        {"plan": plan, "tip": row.tip, "hold": hold, "amount_minor": amount}
        for row in planned
        if row.unsettled_coins < row.coins
        for hold, amount in shares[row.tip].of(row.coins - row.unsettled_coins).kept
    ]
    _write(connection, planned_holds, kept)
    totals = {
        "plan": plan,
        "kind": kind,
        "selection": msgspec.json.encode(selection).decode(),
        "ratio_bps": ratio_bps,
        "upto_seq": upto_seq,
        "undone_before": len(chosen) - len(there),
        "taken_before": len(there) - len(whole),
        "held_before": len(whole) - len(free),
    }
    connection.execute(_FINISH, totals)


def _write(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    for begin in range(0, len(rows), 1_000):
        connection.execute(insert(table), rows[begin : begin + 1_000])


def _times(connection: Connection, selection: SessionTips | StreamerTips, upto_seq: int) -> tuple[int, int]:
    if isinstance(selection, StreamerTips):
        return selection.since, selection.until
    for session in sessions_of(connection, [selection.streamer], upto_seq).get(selection.streamer, ()):
        if session.session == selection.session:
            return session.opened_at, _END if session.closed_at is None else session.closed_at
    raise NothingToPlan(f"{selection.streamer!r} had no session {selection.session}")


def _account(connection: Connection, kind: str, owner: str) -> tuple[int, int]:
    row = connection.execute(_ACCOUNT, {"kind": kind, "owner": owner}).first()
    if row is None:
        raise NothingToPlan(f"{owner!r} has no {kind} account")
    return row.id, row.last_seq


def _of_viewer(
    connection: Connection,
    selection: ViewerTips | ListedTips,
    asked: dict[str, Any],
    below: int,
    freezes: Collection[UUID],
) -> list[_Chosen]:
    wallet, _ = _account(connection, "wallet", selection.viewer)
    listed, since, until = None, _BEGINNING, _END
    if isinstance(selection, ListedTips):
        listed = bigints(connection.scalars(_ENTRIES, {"ids": list(selection.tips)}))
    else:
        since, until = selection.since, selection.until
    tipped = list(connection.scalars(_TIPPED, {"account": wallet, "below": below}))
    strata = strata_before(connection, tipped, below)
    held = with_holds(connection, strata, held_now(connection, tipped, freezes), below)
    arguments = asked | {
        **columns(held),
        "account": wallet,
        "viewer": selection.viewer,
        "since": datetime_of(since),
        "until": datetime_of(until),
        "listed": listed,
    }
    rows = driver_of(connection).execute(_OF_VIEWER, arguments, binary=True)
    return _chosen(connection, rows, strata, held, below)


def _chosen(
    connection: Connection, rows: Iterable[Sequence[Any]], strata: Strata, held: Strata, below: int
) -> list[_Chosen]:
    """Tips that were read as if what is held had been taken, as they stand: nothing has taken it yet."""
    found = []
    for *stands, is_going, viewer, streamer in rows:
        read = standing(stands)
        left = untaken(strata[read.account], read.receipt, read.at, read.amount)
        is_held = is_going or read.untaken < left
        found.append(_Chosen(read._replace(untaken=left), is_held, viewer, streamer))
    tips = with_again(connection, [one.tip for one in found], strata, below)
    return [
        one._replace(tip=tip, is_held=one.is_held or _is_held_again(tip, held)) if tip.again else one
        for one, tip in zip(found, tips, strict=True)
    ]


def _is_held_again(tip: TipStanding, held: Strata) -> bool:
    return any(place.left(held[tip.account]) < left for place, left in tip.again)


def _is_accounted_for(tip: TipStanding, share: Share) -> bool:
    """Whether all that was taken of a tip was settled, and to one guild at most."""
    return share.coins == tip.amount - tip.untaken and len(share.guilds) <= 1


def _planned(chosen: Iterable[_Chosen], shares: dict[int, Share], ratio_bps: int) -> list[PlannedReturn]:
    """What goes back of each tip: a part of all coins by running difference, so that the parts sum to it."""
    planned, so_far, gone = [], 0, 0
    for tip, _, viewer, streamer in chosen:
        share = shares.get(tip.tip, NOTHING)
        so_far += tip.untaken
        unsettled = round_half_up(so_far * ratio_bps, BPS) - gone
        gone += unsettled
        so_far += share.coins
        settled = round_half_up(so_far * ratio_bps, BPS) - gone
        gone += settled
        if unsettled + settled:
            part = share.of(settled) if settled else NOTHING
            planned.append(
                PlannedReturn(
                    tip.tip,
                    viewer,
                    streamer,
                    unsettled + settled,
                    unsettled,
                    part.streamer_minor,
                    next(iter(part.guilds), None),
                    part.guild_minor,
                    part.platform_minor,
                    0,
                    0,
                )
            )
    return planned


def _refunded(connection: Connection, planned: Iterable[PlannedReturn], below: int) -> list[PlannedReturn]:
    """The same, with what was paid for the coins and what was bonus, first in first out a wallet."""
    took: dict[str, Any] = {}
    refunded = []
    for row in planned:
        if row.viewer not in took:
            took[row.viewer] = spent(wallet_movements(connection, row.viewer, below))
        paid = paid_minor(first(took[row.viewer][row.tip], row.coins)[0])
        refunded.append(row._replace(refund_minor=paid, promotion_minor=face_value(row.coins) - paid))
    return refunded
