"""Row G: a simulated evening of a million events, replayed from the command line."""

import os
import subprocess
import sys
from collections.abc import Iterator
from time import perf_counter

from api.bench.posting import tips_in_batches
from api.bench.rows import ROUNDS, Row, middle
from api.bench.stage import Stage

_EVENTS = 1_000_000
_MEGABYTE = 1024


def replayed(stage: Stage) -> Iterator[Row]:
    """G: the rate, and the peak of the replaying process's memory."""
    in_process = middle([tips_in_batches(stage) for _ in range(ROUNDS)])
    file = stage.data / "evening.jsonl"
    _zhibo(stage, "simulate", "--events", str(_EVENTS), "--output", str(file))
    folder = stage.data / "replayed"
    started = perf_counter()
    peak_kilobytes = _zhibo(stage, "replay", str(file), data=str(folder))
    seconds = perf_counter() - started
    file.unlink()
    what = "replay of a simulated file of 1,000,000 events"
    yield Row("G", what, _EVENTS / seconds, "events/s", "A", in_process, 0.3)
    peak = peak_kilobytes / _MEGABYTE
    yield Row("G memory", "peak memory of that replay", peak, "MB", "the bound", 300, 1, "at most")


def _zhibo(stage: Stage, *arguments: str, data: str | None = None) -> int:
    """Run the command line; returns its peak memory in kilobytes."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "ZHIBO_OWNER_URL")
    }
    process = subprocess.Popen(
        [sys.executable, "-c", "from api.cli import main; main()", *arguments],
        env=environment | {"ZHIBO_DATA": data or str(stage.data)},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"zhibo {arguments[0]} ended with status {process.returncode}")
    return usage.ru_maxrss
