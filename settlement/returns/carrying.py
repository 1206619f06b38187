"""Carrying out a plan: tip by tip, in batches of one commit each, with how far it came.

Killed anywhere and started again it goes on behind the last batch: each tip has an id derived from the plan.
A tip that cannot go back any more is passed by, and the reason kept.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from ledger.instants import instant_of
from ledger.journal.commands import Command, derived_id
from ledger.journal.journal import Journal
from ledger.journal.tables import accounts
from settlement.returns.commands import RestoreTip, ReturnTip
from settlement.returns.standing import standing_of, strata_before
from settlement.returns.tables import (
    passed_returns,
    planned_returns,
    return_runs,
    returned_tips,
)
from settlement.statements.receipts import EVERYTHING

#: How many tips go back in one commit: meanwhile, tips of the same people wait.
TIPS_A_BATCH = 300
ACTOR = "platform:returns"

Way = Literal["return", "restore"]

_TIPPED_AT = text("""
SELECT b.tip, t.occurred_at FROM settlement.returned_tips AS b
JOIN ledger.transfers AS t ON t.seq = b.receipt
WHERE b.plan = :plan AND b.tip > :after ORDER BY b.tip LIMIT :tips
""")

_RUNS = text("""
WITH newest AS (SELECT * FROM settlement.return_runs ORDER BY started_at DESC LIMIT :limit)
SELECT r.plan, r.way, p.kind, r.started_at, r.finished_at, n.tips, n.done, n.passed
FROM newest AS r JOIN settlement.return_plans AS p ON p.plan = r.plan
CROSS JOIN LATERAL (
    SELECT p.tips,
           (SELECT count(*) FROM settlement.planned_returns AS o
            WHERE o.plan = r.plan AND o.tip <= r.done_to) AS done,
           (SELECT count(*) FROM settlement.passed_returns AS o WHERE o.plan = r.plan) AS passed
    WHERE r.way = 'return'
    UNION ALL
    SELECT count(*), count(*) FILTER (WHERE b.tip <= r.done_to), 0
    FROM settlement.returned_tips AS b WHERE b.plan = r.plan
    HAVING r.way = 'restore'
) AS n
ORDER BY r.started_at DESC
""")


class Progress(NamedTuple):
    """How many tips of a plan were dealt with, and how many there are."""

    done: int
    tips: int


class ReturnRun(NamedTuple):
    """A plan that is carried out, or was. Times are instants.

    ``done`` of its ``tips`` were dealt with: they went back, but for those ``passed`` by, which could not.
    """

    plan: UUID
    way: Way
    kind: str
    started_at: int
    finished_at: int | None
    tips: int
    done: int
    passed: int

    @property
    def state(self) -> Literal["under way", "finished", "stopped"]:
        """Stopped is what an appeal overturned before its end: the rest does not go back any more."""
        if self.finished_at is None:
            return "under way"
        return "finished" if self.done == self.tips else "stopped"


def begin_returns(connection: Connection, plan: UUID) -> None:
    """Let the tips of a plan go back, once: the rest is :func:`carry_out`'s, whenever it comes to it."""
    _begin(connection, plan, "return")


def begin_restoring(connection: Connection, plan: UUID) -> None:
    """Let what went back by a plan stand again. What of it has not gone back yet, does not any more."""
    _begin(connection, plan, "restore")
    is_returning = (return_runs.c.plan == plan) & (return_runs.c.way == "return")
    given_up = update(return_runs).where(is_returning, return_runs.c.finished_at.is_(None))
    connection.execute(given_up.values(finished_at=datetime.now(UTC)))


def _begin(connection: Connection, plan: UUID, way: Way) -> None:
    begun = {"plan": plan, "way": way, "started_at": datetime.now(UTC), "done_to": 0}
    connection.execute(insert_or(return_runs).on_conflict_do_nothing(), begun)


def unfinished(connection: Connection) -> list[tuple[UUID, Way]]:
    """What was started and not finished, oldest first."""
    rows = connection.execute(
        select(return_runs.c.plan, return_runs.c.way)
        .where(return_runs.c.finished_at.is_(None))
        .order_by(return_runs.c.started_at)
    )
    return [(row.plan, row.way) for row in rows]


def runs(connection: Connection, *, limit: int = 50) -> list[ReturnRun]:
    """The plans that were started, newest first, and how far each came."""
    return [
        ReturnRun(
            row.plan,
            row.way,
            row.kind,
            instant_of(row.started_at),
            instant_of(row.finished_at) if row.finished_at else None,
            row.tips,
            row.done,
            row.passed,
        )
        for row in connection.execute(_RUNS, {"limit": limit})
    ]


def carry_out(journal: Journal, plan: UUID, way: Way = "return") -> Iterator[Progress]:
    """Deal with every tip of a plan that was started, yielding after each batch."""
    batch = _return_batch if way == "return" else _restore_batch
    table = planned_returns if way == "return" else returned_tips
    with journal.engine.connect() as connection:
        total = connection.scalar(select(func.count()).where(table.c.plan == plan)) or 0
        behind = _progress(connection, plan, way)
        done = connection.scalar(
            select(func.count()).where(table.c.plan == plan, table.c.tip <= behind.done_to)
        )
    done = done or 0

    def work(connection: Connection) -> int | None:
        return _batch(journal, connection, plan, way, batch)

    while (dealt_with := journal.transact(work)) is not None:
        done += dealt_with
        yield Progress(done, total)


def finish(journal: Journal, plan: UUID, way: Way = "return") -> None:
    """Carry out a plan to its end."""
    for _ in carry_out(journal, plan, way):
        pass


_Batch = Callable[[Journal, Connection, UUID, Row[*tuple[object, ...]]], Sequence[int]]


def _batch(journal: Journal, connection: Connection, plan: UUID, way: Way, batch: _Batch) -> int | None:
    """The next tips, in one commit with how far it came; None once all were dealt with."""
    state = _progress(connection, plan, way, locked=True)
    if state.finished_at is not None:
        return None
    tips = batch(journal, connection, plan, state)
    came = {"done_to": tips[-1]} if tips else {"finished_at": datetime.now(UTC)}
    connection.execute(
        update(return_runs).where(return_runs.c.plan == plan, return_runs.c.way == way).values(came)
    )
    return len(tips)


def _return_batch(
    journal: Journal, connection: Connection, plan: UUID, state: Row[*tuple[object, ...]]
) -> Sequence[int]:
    tips = connection.scalars(
        select(planned_returns.c.tip)
        .where(planned_returns.c.plan == plan, planned_returns.c.tip > state.done_to)
        .order_by(planned_returns.c.tip)
        .limit(TIPS_A_BATCH)
    ).all()
    at = instant_of(state.started_at)
    commands: list[Command] = [
        ReturnTip(derived_id(plan, f"return:{tip}"), ACTOR, at, None, plan, tip) for tip in tips
    ]
    outcomes = journal.decide_in(connection, commands) if commands else []
    assert not any(outcome.refusal for outcome in outcomes), "a tip goes back, or is passed by"
    passed = [tip for tip, outcome in zip(tips, outcomes, strict=True) if not outcome.decided]
    if passed:
        connection.execute(insert(passed_returns), [*_reasons(connection, plan, passed)])
    return tips


def _reasons(connection: Connection, plan: UUID, tips: Collection[int]) -> Iterator[dict[str, object]]:
    """Why these tips did not go back. Their gifts are locked still."""
    rows = connection.execute(
        select(planned_returns.c.tip, planned_returns.c.unsettled_coins, accounts.c.id.label("gifts"))
        .join(accounts, (accounts.c.kind == "gifts") & (accounts.c.owner == planned_returns.c.streamer))
        .where(planned_returns.c.plan == plan, planned_returns.c.tip.in_(tips))
    ).all()
    strata = strata_before(connection, {row.gifts for row in rows}, EVERYTHING)
    found = standing_of(connection, tips, strata, EVERYTHING)
    now = datetime.now(UTC)
    for row in rows:
        tip = found[row.tip]
        is_there = tip.untaken >= row.unsettled_coins
        reason = "undone" if tip.undone else "held" if is_there else "taken"
        yield {"plan": plan, "tip": row.tip, "reason": reason, "passed_at": now}


def _restore_batch(
    journal: Journal, connection: Connection, plan: UUID, state: Row[*tuple[object, ...]]
) -> Sequence[int]:
    asked = {"plan": plan, "after": state.done_to, "tips": TIPS_A_BATCH}
    rows = connection.execute(_TIPPED_AT, asked).all()
    commands: list[Command] = [
        RestoreTip(
            derived_id(plan, f"restore:{row.tip}"), ACTOR, instant_of(row.occurred_at), None, plan, row.tip
        )
        for row in rows
    ]
    outcomes = journal.decide_in(connection, commands) if commands else []
    assert not any(outcome.refusal for outcome in outcomes), "what went back can stand again"
    return [row.tip for row in rows]


def _progress(
    connection: Connection, plan: UUID, way: Way, *, locked: bool = False
) -> Row[*tuple[object, ...]]:
    query = select(return_runs).where(return_runs.c.plan == plan, return_runs.c.way == way)
    return connection.execute(query.with_for_update() if locked else query).one()
