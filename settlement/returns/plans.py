"""Plans of tips that go back, as those who decide see them: what exactly, and whether it still can.

A plan is made before anything is decided, and says tip by tip what would move; carrying it out does exactly
that. What of a tip was settled in between goes back out of the shares that were credited for it.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Connection, func, select, text

from ledger.chart import AccountRef
from ledger.journal.rows import driver_of
from ledger.kernel.books import Books
from ledger.money import face_value
from settlement.returns.standing import RECEIPT, STANDING, columns, strata_before
from settlement.returns.tables import planned_returns, return_plans, return_runs
from settlement.statements.receipts import EVERYTHING

#: Whatever takes from gifts, or sends back a tip that was given to them.
_TOUCHED_SINCE = text("""
SELECT EXISTS (SELECT FROM ledger.transfers WHERE debit_account = :account AND seq > :since)
    OR EXISTS (SELECT FROM settlement.returned_tips WHERE account = :account AND entry > :since)
""")

_OF_PLAN = f"""
    SELECT t.entry AS tip, t.seq AS receipt, t.occurred_at, t.amount_minor AS amount,
           t.credit_account AS account, asked.unsettled_coins
    FROM (SELECT tip, unsettled_coins FROM settlement.planned_returns WHERE plan = %(plan)s) AS asked
    CROSS JOIN {RECEIPT}
"""  # noqa: S608 - put together from the constant there
_IMPOSSIBLE = f"""{STANDING.format(chosen=_OF_PLAN)}
SELECT tip FROM standing WHERE undone OR untaken < unsettled_coins LIMIT 1
"""  # noqa: S608 - put together from the constants above


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

    def still_possible(self, connection: Connection, plan: UUID, books: Books) -> bool:
        """Whether each tip of a plan could go back now just as it was shown.

        ``books`` has the streamers' gifts, locked (:meth:`accounts`). A tip that was settled, undone or taken
        since, or coins held meanwhile, make it no.
        """
        plan_row = connection.execute(select(return_plans).where(return_plans.c.plan == plan)).one()
        asked = select(planned_returns.c.streamer, func.sum(planned_returns.c.unsettled_coins))
        needed = asked.where(planned_returns.c.plan == plan).group_by(planned_returns.c.streamer)
        accounts = {}
        for streamer, coins in connection.execute(needed):
            gifts = books.accounts[AccountRef("gifts", streamer)]
            if gifts.available_minor < coins:
                return False
            accounts[streamer] = gifts.id
        if len(accounts) == 1 and not connection.scalar(
            _TOUCHED_SINCE, {"account": gifts.id, "since": plan_row.upto_seq}
        ):
            return True
        strata = strata_before(connection, list(accounts.values()), EVERYTHING)
        found = driver_of(connection).execute(
            _IMPOSSIBLE, {**columns(strata), "plan": plan, "below": EVERYTHING}, binary=True
        )
        return found.fetchone() is None

    def accounts(self, connection: Connection, plan: UUID) -> Sequence[AccountRef]:
        """The accounts that hold still while a plan is judged: the streamers' gifts."""
        streamers = connection.scalar(select(return_plans.c.streamers).where(return_plans.c.plan == plan))
        return [AccountRef("gifts", streamer) for streamer in streamers or ()]

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
