"""Showing trails of collusion."""

import sys
from time import time_ns

from api.cli import Misused
from api.cli.moments import beginning, ending, written
from api.cli.showing import console_on, table
from api.wiring import open_house
from ledger.instants import MICROSECONDS_PER_DAY
from moderation.access.records import record
from settlement.trails.reading import trails

_DAYS = 30


def show_trails(since: str | None, until: str | None, person: str) -> None:
    """Print what is worth a look among the tips posted in a period. Raises :class:`Misused`."""
    end = time_ns() // 1_000 if until is None else ending(until, "--until")
    begin = end - _DAYS * MICROSECONDS_PER_DAY if since is None else beginning(since, "--since")
    if begin >= end:
        raise Misused("--since is not before --until")
    period = f"{written(begin)} to {written(end)} (+08:00)"
    with open_house() as house, house.database.app.begin() as connection:
        record(connection, person, "read_trails", "trails", period)
        found = trails(connection, begin, end)
    if not found:
        print(f"no trail among the tips of {period}")
        return
    rows = [
        (
            trail.kind.replace("_", " "),
            ", ".join(trail.givers),
            ", ".join(trail.receivers),
            f"{trail.coins:,}",
            f"{trail.tips:,}",
        )
        for trail in found
    ]
    columns = ("what", "from", "to", ">coins", ">tips")
    console_on(sys.stdout).print(table(f"Worth a look: tips of {period}", *columns, rows=rows))
