"""Rows of settlement: a run, and one statement made again."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import partial
from time import perf_counter
from uuid import UUID

from sqlalchemy import Connection, text

from api.bench.rows import Row, in_turns, middle
from api.bench.stage import BATCH, EVENING, Stage
from api.wiring import House
from ledger.gifts.commands import Tip
from ledger.instants import instant_of
from ledger.journal.commands import Command
from ledger.parties import Register
from settlement.commands import Reward, Settle
from settlement.runs import finish
from settlement.statements.listing import statement_page
from settlement.statements.recompute import recompute
from settlement.statements.summary import summary
from settlement.tables import statements

_STREAMERS = 10_000
_GIFTS = 1_000_000
_GIFTS_OF_ONE = 100_000
_SHARE_BPS = 5_000
_THROUGH = date(2026, 10, 31)
_ACTOR = "gateway:bench"

_MANY = 5_000_000
_FEW = 100
_CALLS = 50
_MEGABYTE = 1_000_000

# Carries out a run, and says how long it took and how much memory its process had at most.
_SETTLING = """
import resource, sys, time
from uuid import UUID
from api.wiring import open_house
from settlement.runs import finish
from settlement.statements.listing import statement_page
with open_house() as house:
    started = time.perf_counter()
    finish(house.journal, UUID(sys.argv[1]))
    print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""

_SUM = text("""
SELECT count(*) FROM (SELECT credit_account, sum(amount_minor) FROM ledger.transfers AS t
                      JOIN ledger.accounts AS a ON a.id = t.credit_account AND a.kind = 'gifts'
                      WHERE t.occurred_at < :cutoff GROUP BY credit_account) AS sums
""")
_SUM_OF_ONE = text("""
SELECT sum(t.amount_minor) FROM ledger.transfers AS t
JOIN ledger.accounts AS a ON a.id = t.credit_account AND a.kind = 'gifts' AND a.owner = :owner
WHERE t.occurred_at < :cutoff
""")
_CUTOFF = "2026-11-01T00:00:00+08:00"


def runs(stage: Stage) -> Iterator[Row]:
    """A run over many streamers, against summing their gifts and posting as many bare entries."""
    streamers = [f"t{number:05d}" for number in range(_STREAMERS)]
    _register(stage, streamers)
    _receive(stage, streamers, _GIFTS)
    yardstick = _seconds(partial(_summed, stage.house)) + _seconds(partial(_rewarded, stage, streamers))
    run = _seconds(partial(_settled, stage))
    what = "summing those gifts in SQL, and posting as many bare entries"
    yield Row(
        "I", f"settling {_STREAMERS:,} streamers, {_GIFTS:,} gifts", run, "s", what, yardstick, 3, "at most"
    )


def grown(stage: Stage) -> Iterator[Row]:
    """Ten times the streamers and gifts, the first among them: time and memory against the run before."""
    few = [f"t{number:06d}" for number in range(_STREAMERS)]
    _register(stage, few)
    _receive(stage, few, _GIFTS)
    short, small = _settled_apart(stage)
    more = [f"t{number:06d}" for number in range(_STREAMERS, 10 * _STREAMERS)]
    _register(stage, more)
    _receive(stage, few + more, 10 * _GIFTS)
    long, large = _settled_apart(stage)
    what = f"settling {10 * _STREAMERS:,} streamers, {10 * _GIFTS:,} gifts"
    yield Row("J", what, long, "s", "a tenth of it", short, 12, "at most")
    yield Row(
        "J memory",
        "peak memory of that run",
        large / _MEGABYTE,
        "MB",
        "of a tenth",
        small / _MEGABYTE,
        1.1,
        "at most",
    )


def summaries(stage: Stage) -> Iterator[Row]:
    """A streamer's summary and list of statements: five million gifts against a hundred."""
    hot, cold = stage.streamers[:2]
    stage.play([batch[:_FEW] for batch in stage.batches(1, [cold])])
    for _ in range(_MANY // BATCH // 50):
        stage.play(stage.batches(50, [hot]))
    _settled(stage)
    stage.play([batch[:_FEW] for batch in stage.batches(2, [hot])])
    stage.play([batch[:_FEW] for batch in stage.batches(2, [cold])])
    with stage.house.database.app.connect() as connection:
        long, short = in_turns(partial(_summarised, connection, hot), partial(_summarised, connection, cold))
    what = f"summary and statements of a streamer with {_MANY:,} gifts"
    yield Row("K", what, middle(long) * 1_000, "ms", "of one with 100", middle(short) * 1_000, 2, "at most")


def recomputed(stage: Stage) -> Iterator[Row]:
    """A statement of many gifts made again, against the sum of them."""
    _register(stage, ["alone"])
    _receive(stage, ["alone"], _GIFTS_OF_ONE)
    _settled(stage)
    with stage.house.database.app.connect() as connection:
        id = connection.scalars(
            statements.select()
            .with_only_columns(statements.c.statement)
            .where(statements.c.streamer == "alone")
        ).one()
    pairs = sorted(
        (_seconds(partial(_again, stage.house, id)), _seconds(partial(_sum_of_one, stage.house)))
        for _ in range(5)
    )
    again, summed = pairs[2][0], sorted(pair[1] for pair in pairs)[2]
    what = "the SQL sum of them"
    yield Row(
        "L",
        f"a statement of {_GIFTS_OF_ONE:,} gifts made again",
        again * 1_000,
        "ms",
        what,
        summed * 1_000,
        5,
        "at most",
    )


def _register(stage: Stage, streamers: Sequence[str]) -> None:
    for start in range(0, len(streamers), BATCH):
        part = streamers[start : start + BATCH]
        stage.house.journal.decide([Register(*_common(stage), streamer, ("streamer",)) for streamer in part])


def _receive(stage: Stage, streamers: Sequence[str], gifts: int) -> None:
    for start in range(0, gifts, BATCH):
        tips: list[Command] = [
            Tip(
                *_common(stage),
                stage.random.choice(stage.viewers),
                streamers[(start + n) % len(streamers)],
                "r",
                "rose",
                1,
            )
            for n in range(BATCH)
        ]
        stage.house.journal.decide(tips)


def _rewarded(stage: Stage, streamers: Sequence[str]) -> None:
    for start in range(0, len(streamers), BATCH):
        part = streamers[start : start + BATCH]
        stage.house.journal.decide([Reward(*_common(stage), streamer, "bare", 100) for streamer in part])


def _settled(stage: Stage) -> None:
    run = Settle(stage.new_id(), "finance:bench", EVENING, EVENING, _THROUGH, _SHARE_BPS)
    stage.house.journal.decide([run])
    finish(stage.house.journal, run.id)


def _settled_apart(stage: Stage) -> tuple[float, float]:
    """A run in a process of its own: its seconds, and its peak memory in bytes."""
    run = Settle(stage.new_id(), "finance:bench", EVENING, EVENING, _THROUGH, _SHARE_BPS)
    stage.house.journal.decide([run])
    settling = [sys.executable, "-c", _SETTLING, str(run.id)]
    ended = subprocess.run(
        settling,
        env={**os.environ, "ZHIBO_DATA": str(stage.data)},
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, kilobytes = ended.stdout.split()
    return float(seconds), int(kilobytes) * 1_024


def _summarised(connection: Connection, streamer: str) -> float:
    now = instant_of(datetime.now(UTC))
    started = perf_counter()
    for _ in range(_CALLS):
        summary(connection, streamer, now)
        statement_page(connection, streamer, now, before=None, limit=50)
    return (perf_counter() - started) / _CALLS


def _summed(house: House) -> None:
    with house.database.app.connect() as connection:
        connection.execute(_SUM, {"cutoff": _CUTOFF}).all()


def _sum_of_one(house: House) -> None:
    with house.database.app.connect() as connection:
        connection.execute(_SUM_OF_ONE, {"cutoff": _CUTOFF, "owner": "alone"}).all()


def _again(house: House, id: UUID) -> None:
    with house.database.app.connect() as connection:
        recompute(connection, id)


def _seconds(work: partial[None]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def _common(stage: Stage) -> tuple[UUID, str, int, int]:
    return stage.new_id(), _ACTOR, EVENING, EVENING
