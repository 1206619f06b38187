"""Rows A to D: tips posted in process, in batches and one by one."""

import asyncio
from collections.abc import Iterator
from functools import partial
from time import perf_counter

from api.bench.rows import Row, in_turns, middle, rate_of
from api.bench.stage import BATCH, Stage
from api.bench.yardsticks import bare_table, row_by_row
from ledger.group_commit import GroupCommit

BARE = "1,000-row unnest inserts into a bare table"
_BATCHES_A_ROUND = 100
_CALLERS = 64
_SINGLE_TIPS_A_ROUND = 12_800
_SECONDS_A_CONNECTION_COUNT = 2.0


def batches(stage: Stage) -> Iterator[Row]:
    """A and B: many streamers, and one."""
    with bare_table(stage.house.database) as bare:
        bare.rows(_BATCHES_A_ROUND)
        _posted(stage, stage.streamers, _BATCHES_A_ROUND)
        bare_rates, many, hot = in_turns(
            partial(bare.rows, _BATCHES_A_ROUND),
            partial(_posted, stage, stage.streamers, _BATCHES_A_ROUND),
            partial(_posted, stage, stage.streamers[:1], _BATCHES_A_ROUND),
        )
    yield Row(
        "A",
        "tips in batches of 1,000, to 100 streamers",
        middle(many),
        "tips/s",
        BARE,
        middle(bare_rates),
        0.25,
    )
    # Each round against its own yardstick: a machine that slows down for everyone is not a journal that does.
    yield Row(
        "A last",
        "the last round of A, at the speed the machine had in the first",
        many[-1] * bare_rates[0] / bare_rates[-1],
        "tips/s",
        "the first round of A",
        many[0],
        0.8,
    )
    yield Row("B", "the same to one streamer", middle(hot), "tips/s", "A", middle(many), 0.9)


def against_rows(stage: Stage) -> Iterator[Row]:
    """C: one streamer, against a transaction a tip."""
    hot, single = in_turns(
        partial(_posted, stage, stage.streamers[:1], _BATCHES_A_ROUND),
        partial(row_by_row, stage.house.database, _SECONDS_A_CONNECTION_COUNT),
    )
    what = "one transaction a tip, both rows locked, best of 1, 8, 32 connections"
    yield Row(
        "C", "tips in batches of 1,000, to one streamer", middle(hot), "tips/s", what, middle(single), 15
    )


def single_tips(stage: Stage) -> Iterator[Row]:
    """D: tips that come one at a time, through group commit."""
    with bare_table(stage.house.database) as bare:
        bare_rates, single = in_turns(partial(bare.rows, _BATCHES_A_ROUND), partial(_grouped, stage))
    what = f"single tips through group commit, {_CALLERS} callers"
    yield Row("D", what, middle(single), "tips/s", BARE, middle(bare_rates), 0.09)


def tips_in_batches(stage: Stage) -> float:
    """A's rate alone, for the rows that measure against it."""
    return _posted(stage, stage.streamers, _BATCHES_A_ROUND)


def _posted(stage: Stage, streamers: list[str], count: int) -> float:
    tips = stage.batches(count, streamers)
    return rate_of(partial(stage.play, tips))


def _grouped(stage: Stage) -> float:
    tips = [
        tip for batch in stage.batches(_SINGLE_TIPS_A_ROUND // BATCH + 1, stage.streamers) for tip in batch
    ]
    waiting = iter(tips[:_SINGLE_TIPS_A_ROUND])

    async def caller(group: GroupCommit) -> None:
        for tip in waiting:
            await group.decided(tip)

    async def everyone(group: GroupCommit) -> float:
        started = perf_counter()
        await asyncio.gather(*(caller(group) for _ in range(_CALLERS)))
        return _SINGLE_TIPS_A_ROUND / (perf_counter() - started)

    with GroupCommit(stage.house.journal) as group:
        return asyncio.run(everyone(group))
