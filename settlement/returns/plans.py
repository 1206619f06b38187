"""Plans of tips that go back, as those who decide see them: what exactly, and whether it still can.

A plan is made before anything is decided, and says tip by tip what would move; carrying it out does exactly
that. What of a tip was settled in between goes back out of the shares that were credited for it.
"""

from collections.abc import Collection, Sequence
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Connection, select, text

from ledger.chart import AccountRef
from ledger.journal.rows import bigints, driver_of
from ledger.kernel.books import Books
from ledger.money import face_value
from settlement.received_again.tips import with_some_again
from settlement.returns.held import held_now, with_holds
from settlement.returns.standing import RECEIPT, STANDING, Strata, columns, standing_of, strata_before
from settlement.returns.tables import planned_returns, return_plans, return_runs
from settlement.statements.receipts import EVERYTHING

#: Whatever takes from gifts, or sends back a tip that was given to them.
_TOUCHED_SINCE = text("""
SELECT EXISTS (SELECT FROM ledger.transfers WHERE debit_account = :account AND seq > :since)
    OR EXISTS (SELECT FROM settlement.returned_tips WHERE account = :account AND entry > :since)
""")

_OF_PLAN = f"""
    SELECT t.entry AS tip, t.seq AS receipt, t.occurred_at, t.amount_minor AS amount,
           t.credit_account AS account, asked.coins, asked.unsettled_coins
    FROM (SELECT tip, coins, unsettled_coins FROM settlement.planned_returns WHERE plan = %(plan)s) AS asked
    CROSS JOIN {RECEIPT}
"""  # noqa: S608 - put together from the constant there
_IMPOSSIBLE = f"""{STANDING.format(chosen=_OF_PLAN)}
SELECT gifts.owner, sum(coins)::bigint,
       coalesce(sum(coins) FILTER (WHERE is_there AND NOT undone), 0)::bigint, bool_or(undone)
FROM (SELECT *, untaken >= unsettled_coins OR tip IN (SELECT unnest(%(again)b::bigint[])) AS is_there
      FROM standing) AS standing
JOIN ledger.accounts AS gifts ON gifts.id = standing.account
GROUP BY gifts.owner
HAVING bool_or(undone OR NOT is_there)
ORDER BY gifts.owner LIMIT 1
"""  # noqa: S608 - put together from the constants above
_RECEIVED_AGAIN = text("""
SELECT r.tip, r.unsettled_coins FROM settlement.planned_returns AS r
WHERE r.plan = :plan AND r.unsettled_coins > 0
  AND r.tip IN (SELECT m.tip FROM settlement.received_again_tips AS m WHERE m.account = ANY (:accounts))
""")

_SHARED = text("""
SELECT shared.plan, shared.other, shared.streamer, sum(mine.coins)::bigint AS shown,
       sum(mine.coins)::bigint - shared.coins AS left_minor
FROM (SELECT mine.plan, other.plan AS other, mine.streamer, sum(mine.coins)::bigint AS coins
      FROM settlement.planned_returns AS mine
      JOIN settlement.planned_returns AS other ON other.tip = mine.tip AND other.plan = ANY (:others)
      WHERE mine.plan = ANY (:plans) AND other.plan <> mine.plan
      GROUP BY 1, 2, 3) AS shared
JOIN settlement.planned_returns AS mine ON mine.plan = shared.plan AND mine.streamer = shared.streamer
GROUP BY shared.plan, shared.other, shared.streamer, shared.coins
ORDER BY 1, 2, 3
""")

_WENT_BACK = text("""
SELECT r.plan, a.owner, sum(r.coins)::bigint, sum(r.unsettled_coins)::bigint, sum(r.earnings_minor)::bigint,
       sum(r.debt_minor)::bigint, sum(r.refund_minor)::bigint
FROM settlement.returned_tips AS r JOIN ledger.accounts AS a ON a.id = r.account
WHERE r.plan = ANY (:plans)
GROUP BY r.plan, a.owner
""")

_CONCERNED = text("""
SELECT plan, viewer AS person FROM settlement.planned_returns
WHERE plan = ANY (:plans) AND viewer = ANY (:persons)
UNION
SELECT plan, guild FROM settlement.planned_returns
WHERE plan = ANY (:plans) AND guild = ANY (:persons)
""")


class PlanSummary(msgspec.Struct, frozen=True):
    """What a plan comes to: of how many tips, coins and their face value in fen, and the hash of its tips."""

    streamers: tuple[str, ...]
    count: int
    coins: int
    fen: int
    sha256: str
    kind: str
    streamer_minor: int
    guild_minor: int
    platform_minor: int
    refund_minor: int
    promotion_minor: int
    undone_before: int
    taken_before: int
    held_before: int


class PlannedReturn(NamedTuple):
    """A tip of a plan: coins, and fen. ``tip`` is the cursor behind it."""

    tip: int
    viewer: str
    streamer: str
    coins: int
    unsettled_coins: int
    streamer_minor: int
    guild: str | None
    guild_minor: int
    platform_minor: int
    refund_minor: int
    promotion_minor: int


class Hindered(NamedTuple):
    """Not all tips of a plan to a streamer can go back as they were shown: of so many coins, ``left`` can.

    The others went back or were reversed; or something of them was taken; or another measure holds it.
    """

    streamer: str
    shown: int
    left: int
    reason: Literal["undone", "taken", "held"]


class Shared(NamedTuple):
    """Tips to a streamer that two plans have go back: of so many coins of the first, ``left`` are its own."""

    plan: UUID
    other: UUID
    streamer: str
    shown: int
    left: int


class ReturnPlans:
    """What whoever decides asks of plans. Nothing here writes."""

    def summary(self, connection: Connection, plans: Collection[UUID]) -> dict[UUID, PlanSummary]:
        """What each of these plans comes to; one that is not there is left out."""
        rows = connection.execute(select(return_plans).where(return_plans.c.plan.in_(plans)))
        return {
            row.plan: PlanSummary(
                tuple(row.streamers),
                row.tips,
                row.coins,
                face_value(row.coins),
                row.sha256.hex(),
                row.kind,
                row.streamer_minor,
                row.guild_minor,
                row.platform_minor,
                row.refund_minor,
                row.promotion_minor,
                row.undone_before,
                row.taken_before,
                row.held_before,
            )
            for row in rows
        }

    def page(
        self, connection: Connection, plan: UUID, *, after: int = 0, limit: int = 50
    ) -> Sequence[PlannedReturn]:
        """Some tips of a plan, behind a cursor (0 at first), in the order in which they were posted."""
        columns = [planned_returns.c[name] for name in PlannedReturn._fields]
        rows = connection.execute(
            select(*columns)
            .where(planned_returns.c.plan == plan, planned_returns.c.tip > after)
            .order_by(planned_returns.c.tip)
            .limit(limit)
        )
        return [PlannedReturn(*row) for row in rows]

    def hindered(
        self, connection: Connection, plan: UUID, books: Books, freezes: Collection[UUID]
    ) -> Hindered | None:
        """Why not each tip of a plan could go back now just as it was shown; None if it could.

        ``books`` has the streamers' gifts, locked (:meth:`accounts`). What ``freezes`` hold is there for it.
        """
        upto_seq = connection.scalar(select(return_plans.c.upto_seq).where(return_plans.c.plan == plan))
        gifts = [books.accounts[ref].id for ref in self.accounts(connection, plan)]
        held = held_now(connection, gifts, freezes)
        if len(gifts) == 1 and not held:
            since = {"account": gifts[0], "since": upto_seq}
            if not connection.scalar(_TOUCHED_SINCE, since):
                return None
        strata = strata_before(connection, gifts, EVERYTHING)
        taken = _hindered(connection, plan, strata, "taken")
        if taken or not held:
            return taken
        return _hindered(connection, plan, with_holds(connection, strata, held, EVERYTHING), "held")

    def shared(
        self, connection: Connection, plans: Collection[UUID], others: Collection[UUID]
    ) -> Sequence[Shared]:
        """What these plans have go back that others do, too."""
        if not plans or (len(plans) == 1 and not set(others).difference(plans)):
            return ()
        rows = connection.execute(_SHARED, {"plans": list(plans), "others": [*others, *plans]})
        return [Shared(*row) for row in rows]

    def accounts(self, connection: Connection, plan: UUID) -> Sequence[AccountRef]:
        """The accounts that hold still while a plan is judged: the streamers' gifts."""
        streamers = connection.scalar(select(return_plans.c.streamers).where(return_plans.c.plan == plan))
        return [AccountRef("gifts", streamer) for streamer in streamers or ()]

    def concerned(
        self, connection: Connection, plans: Collection[UUID], persons: Collection[str]
    ) -> frozenset[tuple[UUID, str]]:
        """Which of these people each of these plans concerns: viewers who are paid back, guilds that give."""
        if not plans or not persons:
            return frozenset()
        rows = connection.execute(_CONCERNED, {"plans": list(plans), "persons": list(persons)})
        return frozenset((row.plan, row.person) for row in rows)

    def went_back(
        self, connection: Connection, plans: Collection[UUID]
    ) -> dict[UUID, dict[str, tuple[int, int, int, int, int]]]:
        """What of plans went back so far, by plan and streamer.

        Coins; those of them that were not settled; and in fen what was taken of the earnings, what is owed,
        and what whoever paid gets.
        """
        found: dict[UUID, dict[str, tuple[int, int, int, int, int]]] = {plan: {} for plan in plans}
        for plan, streamer, *went in connection.execute(_WENT_BACK, {"plans": list(plans)}):
            coins, unsettled, earnings, debt, refund = went
            found[plan][streamer] = (coins, unsettled, earnings, debt, refund)
        return found

    def finished(self, connection: Connection, plans: Collection[UUID]) -> frozenset[UUID]:
        """Those of the plans of which every tip was dealt with."""
        done = return_runs.c.finished_at.is_not(None)
        return frozenset(
            connection.scalars(
                select(return_runs.c.plan).where(
                    return_runs.c.plan.in_(plans), return_runs.c.way == "return", done
                )
            )
        )


def _hindered(
    connection: Connection, plan: UUID, strata: Strata, reason: Literal["taken", "held"]
) -> Hindered | None:
    again = bigints(_there_again(connection, plan, strata))
    asked = {**columns(strata), "plan": plan, "below": EVERYTHING, "again": again}
    row = driver_of(connection).execute(_IMPOSSIBLE, asked, binary=True).fetchone()
    if row is None:
        return None
    streamer, shown, left, is_undone = row
    return Hindered(streamer, shown, left, "undone" if is_undone else reason)


def _there_again(connection: Connection, plan: UUID, strata: Strata) -> Sequence[int]:
    """Tips of a plan that are there with what of them was received again."""
    accounts = with_some_again(connection, strata.keys())
    if not accounts:
        return ()
    rows = connection.execute(_RECEIVED_AGAIN, {"plan": plan, "accounts": list(accounts)}).all()
    found = standing_of(connection, [row.tip for row in rows], strata, EVERYTHING)
    return [row.tip for row in rows if found[row.tip].untaken >= row.unsettled_coins]
