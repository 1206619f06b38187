"""Reading freezes: which are in force on a party's accounts, and what they rest on."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select, union_all

from ledger.instants import instant_of
from ledger.journal.tables import holds
from ledger.kernel.posted import posted_instant
from moderation.cases.tables import decisions, findings
from moderation.measures.tables import measure_holds, measures
from moderation.tables import freezes


class FreezeInForce(NamedTuple):
    """A freeze that was neither lifted nor forfeited, nor has expired.

    ``amount_minor`` None is the whole account. ``since`` and ``expires_at`` are instants.
    """

    freeze: UUID
    account: str
    amount_minor: int | None
    since: int
    case: str
    rule: str
    expires_at: int | None


def freezes_in_force(connection: Connection, party: str, accounts: Sequence[str]) -> list[FreezeInForce]:
    """The freezes on these kinds of accounts of a party, oldest first: also what decided measures hold."""
    by_hand = select(
        freezes.c.freeze, freezes.c.account, freezes.c.case, freezes.c.rule, freezes.c.entry
    ).where(freezes.c.party == party, freezes.c.account.in_(accounts))
    decided = (
        select(
            measure_holds.c.hold,
            measure_holds.c.account,
            decisions.c.case,
            findings.c.rule,
            measure_holds.c.entry,
        )
        .join(measures, measures.c.measure == measure_holds.c.measure)
        .join(decisions, decisions.c.decision == measures.c.decision)
        .join(findings, (findings.c.decision == decisions.c.decision) & (findings.c.n == 0))
        .where(measure_holds.c.owner == party, measure_holds.c.account.in_(accounts))
    )
    placed = union_all(by_hand, decided).subquery()
    query = (
        select(placed, holds.c.amount_minor, holds.c.placed_seq, holds.c.expires_at)
        .join(holds, holds.c.hold == placed.c.freeze)
        .where(holds.c.ended.is_(None))
        .order_by(placed.c.entry, holds.c.placed_seq)
    )
    return [
        FreezeInForce(
            row.freeze,
            row.account,
            row.amount_minor,
            posted_instant(row.placed_seq),
            row.case,
            row.rule,
            instant_of(row.expires_at) if row.expires_at else None,
        )
        for row in connection.execute(query)
    ]
