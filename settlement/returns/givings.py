"""What each streamer gives of the tips of a plan: for whoever has to leave that alone meanwhile."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, func, select

from settlement.returns.tables import planned_returns


class Giving(NamedTuple):
    """Coins that are not settled yet, and fen that were credited for those that are."""

    streamer: str
    unsettled_coins: int
    streamer_minor: int


def givings_of(connection: Connection, plan: UUID) -> list[Giving]:
    """What each streamer gives, in the order of names."""
    columns = planned_returns.c
    rows = connection.execute(
        select(
            columns.streamer,
            func.sum(columns.unsettled_coins).label("coins"),
            func.sum(columns.streamer_minor).label("minor"),
        )
        .where(columns.plan == plan)
        .group_by(columns.streamer)
        .order_by(columns.streamer)
    )
    return [Giving(row.streamer, int(row.coins), int(row.minor)) for row in rows]
