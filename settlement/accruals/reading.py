"""Reading accruals: what a command came to, under the id it was asked by."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, func, select

from ledger.instants import instant_of
from ledger.journal.tables import decisions
from settlement.accruals.judging import Result
from settlement.accruals.tables import accruals, activity_results, activity_rules, withdrawals
from settlement.kinds import EarningKind


class StoredAccrual(NamedTuple):
    """Something earned, fen, or nothing with the reason; ``withdrawn_minor`` was taken back since."""

    entry: int
    streamer: str
    kind: EarningKind
    amount_minor: int
    withdrawn_minor: int
    session: UUID | None
    reference: str
    policy_version: str | None
    reason: str | None
    occurred_at: int


class StoredResult(NamedTuple):
    """What an activity came to for a streamer, under which version, and the entry it rests on."""

    entry: int
    activity: str
    streamer: str
    version: str
    result: Result
    rests_on: int


def accrual_of(connection: Connection, command: UUID) -> StoredAccrual | None:
    """What a command accrued; None when it accrued nothing that is recorded."""
    taken = withdrawals.c.amount_minor + withdrawals.c.earnings_minor + withdrawals.c.debt_minor
    withdrawn = select(func.coalesce(func.sum(taken), 0)).where(withdrawals.c.accrual == accruals.c.entry)
    query = (
        select(accruals, withdrawn.scalar_subquery().label("withdrawn_minor"))
        .join(decisions, decisions.c.seq == accruals.c.entry)
        .where(decisions.c.id == command)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return StoredAccrual(
        row.entry,
        row.streamer,
        EarningKind(row.kind),
        row.amount_minor,
        int(row.withdrawn_minor),
        row.session,
        row.reference,
        row.policy_version,
        row.reason,
        instant_of(row.occurred_at),
    )


def result_of(connection: Connection, command: UUID) -> StoredResult | None:
    """What an evaluation or a withdrawal came to; None when it is neither."""
    query = (
        select(activity_results, activity_rules.c.version)
        .join(decisions, decisions.c.seq == activity_results.c.entry)
        .join(activity_rules, activity_rules.c.entry == activity_results.c.rules)
        .where(decisions.c.id == command)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return StoredResult(row.entry, row.activity, row.streamer, row.version, Result(row.result), row.rests_on)
