"""A measured row, and how rounds become one."""

from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter
from typing import NamedTuple

ROUNDS = 5


class Row(NamedTuple):
    """What was measured, against what. ``better`` says on which side of the floor the ratio belongs."""

    name: str
    what: str
    rate: float
    unit: str
    yardstick: str
    yardstick_rate: float
    floor: float
    better: str = "at least"

    @property
    def ratio(self) -> float:
        """The rate as a multiple of the yardstick's."""
        return self.rate / self.yardstick_rate

    @property
    def holds(self) -> bool:
        """Whether the ratio lies where it must."""
        return self.ratio >= self.floor if self.better == "at least" else self.ratio <= self.floor


def rate_of(work: Callable[[], int]) -> float:
    """How many a second ``work`` does; it returns how many it did."""
    started = perf_counter()
    done = work()
    return done / (perf_counter() - started)


def in_turns(*contestants: Callable[[], float], rounds: int = ROUNDS) -> list[list[float]]:
    """Each contestant's measurements, all of them once a round, so that they meet the same weather."""
    taken: list[list[float]] = [[] for _ in contestants]
    for _ in range(rounds):
        for contestant, measurements in zip(contestants, taken, strict=True):
            measurements.append(contestant())
    return taken


def middle(measurements: Sequence[float]) -> float:
    """The median."""
    return median(measurements)
