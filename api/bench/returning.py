"""Rows R and S: the gifts of one streamer go back, and what tips wait meanwhile."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from time import perf_counter
from uuid import UUID, uuid4

from sqlalchemy import text

from api.bench.posting import tips_in_batches
from api.bench.rows import Row
from api.bench.stage import BATCH, EVENING, Stage
from ledger.coins.top_ups import TopUp
from ledger.gifts.commands import Tip
from ledger.journal.commands import Command
from ledger.parties import Register
from settlement.returns.carrying import begin_returns
from settlement.returns.planning import make_plan
from settlement.returns.selections import StreamerTips

_ACTOR = "gateway:bench"
_GIFTS, _VIEWERS = 100_000, 100_000
_MANY_GIFTS, _MANY_VIEWERS = 1_000_000, 100_000
_IDLE_TIPS = 1_000

# Carries out a plan, and says how long it took.
_RETURNING = """
import sys, time
from uuid import UUID
from api.wiring import open_house
from settlement.returns.carrying import finish
with open_house() as house:
    print("ready", flush=True)
    sys.stdin.readline()
    started = time.perf_counter()
    finish(house.journal, UUID(sys.argv[1]))
    print(time.perf_counter() - started)
"""
_LAST = text("SELECT max(seq) FROM ledger.decisions")


def returns(stage: Stage) -> Iterator[Row]:
    """A hundred thousand gifts that are not settled."""
    return _returned(stage, "R", _GIFTS, _VIEWERS)


def many_returns(stage: Stage) -> Iterator[Row]:
    """A million, of a hundred thousand viewers."""
    return _returned(stage, "S", _MANY_GIFTS, _MANY_VIEWERS)


def _returned(stage: Stage, name: str, gifts: int, viewers: int) -> Iterator[Row]:
    """One half goes back while nothing else does; the other while single tips are given."""
    givers = _givers(stage, viewers)
    hot, others = stage.streamers[0], stage.streamers[1:]
    for start in range(0, gifts, BATCH):
        at = EVENING + (2 * start >= gifts)
        tips: list[Command] = [
            _tip(stage, givers[(start + number) % viewers], hot, at) for number in range(BATCH)
        ]
        stage.house.journal.decide(tips)
    posted = tips_in_batches(stage)
    seconds, _ = _carried_out(stage, _plan(stage, hot, EVENING), None)
    idle = sorted(_waited(stage, givers, others) for _ in range(_IDLE_TIPS))
    _, busy = _carried_out(stage, _plan(stage, hot, EVENING + 1), lambda: _waited(stage, givers, others))
    what = f"half of {gifts:,} unsettled gifts of one streamer back to {viewers:,} viewers"
    yield Row(name, what, gifts / 2 / seconds, "tips/s", "A", posted, 0.3)
    yield Row(
        f"{name} p99",
        "a single tip during the other half, 99th percentile",
        _p99(busy) * 1_000,
        "ms",
        "the same with nothing else going on",
        _p99(idle) * 1_000,
        2,
        "at most",
    )


def _plan(stage: Stage, streamer: str, since: int) -> UUID:
    """A plan of what was given at an instant, begun."""
    plan = uuid4()
    with stage.house.journal.engine.begin() as connection:
        last = connection.scalar(_LAST) or 0
        make_plan(connection, plan, StreamerTips(streamer, since, since + 1), last, "unlawful")
        begin_returns(connection, plan)
    return plan


def _carried_out(
    stage: Stage, plan: UUID, meanwhile: Callable[[], float] | None
) -> tuple[float, list[float]]:
    """How long a process of its own takes to carry the plan out, and what was measured meanwhile."""
    asked = [sys.executable, "-c", _RETURNING, str(plan)]
    waited: list[float] = []
    with subprocess.Popen(
        asked,
        env={**os.environ, "ZHIBO_DATA": str(stage.data)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        process.stdin.write("go\n")
        process.stdin.flush()
        while meanwhile is not None and process.poll() is None:
            waited.append(meanwhile())
        return float(process.stdout.read()), sorted(waited)


def _waited(stage: Stage, givers: list[str], others: list[str]) -> float:
    tip = _tip(stage, stage.random.choice(givers), stage.random.choice(others))
    started = perf_counter()
    stage.house.journal.decide([tip])
    return perf_counter() - started


def _p99(rising: list[float]) -> float:
    return rising[len(rising) * 99 // 100]


def _givers(stage: Stage, viewers: int) -> list[str]:
    """The viewers of the stage, and as many more as are wanted."""
    more = [f"w{number:06d}" for number in range(viewers - len(stage.viewers))]
    for start in range(0, len(more), BATCH):
        part = more[start : start + BATCH]
        stage.house.journal.decide([Register(*_common(stage), name, ("viewer",)) for name in part])
        stage.house.journal.decide(
            [TopUp(*_common(stage), name, 1_000, 10_000, "wechat", str(stage.new_id())) for name in part]
        )
    return [*stage.viewers, *more][:viewers]


def _tip(stage: Stage, viewer: str, streamer: str, at: int = EVENING) -> Tip:
    return Tip(stage.new_id(), _ACTOR, at, at, viewer, streamer, "r", "rose", 1)


def _common(stage: Stage) -> tuple[UUID, str, int, int]:
    return stage.new_id(), _ACTOR, EVENING, EVENING
