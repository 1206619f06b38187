"""The ladder (阶梯): which measures follow by themselves, the more points a person has in the window.

Steps join without a gap, the first begins at no points, the last has no end, and none is lighter than the
one before it: more points never help.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from ledger.documents import Terms, broken
from moderation.measures.kinds import KEEPS_FROM, Feature, MeasureKind

#: What can follow by itself; on everything else only a person decides.
FOLLOWING = frozenset(
    {
        MeasureKind.WARN,
        MeasureKind.RESTRICT,
        MeasureKind.PAUSE,
        MeasureKind.SUSPEND_SERVICE,
        MeasureKind.TERMINATE_SERVICE,
        MeasureKind.CLOSE_ACCOUNT,
    }
)

_WITHOUT_END = 1_000_000


class StepMeasure(Terms):
    """A measure that follows: for so many days, or without an end."""

    kind: MeasureKind
    feature: Feature | None = None
    days: Annotated[int, Field(ge=1, le=3660)] | None = None

    @model_validator(mode="after")
    def _can_follow_by_itself(self) -> Self:
        if self.kind not in FOLLOWING:
            raise broken("kind", f"is {self.kind}, which only a person decides on")
        if self.kind is MeasureKind.RESTRICT and self.feature is None:
            raise broken("feature", "is missing: what is restricted")
        if self.kind is not MeasureKind.RESTRICT and self.feature is not None:
            raise broken("feature", f"is given, and {self.kind} has none")
        if self.kind is MeasureKind.WARN and self.days is not None:
            raise broken("days", "is given, and a warning has none")
        return self

    def __str__(self) -> str:
        what = f"{self.kind} {self.feature}" if self.feature else str(self.kind)
        return f"{what} for {self.days} day{'s' if self.days > 1 else ''}" if self.days else what

    @property
    def features(self) -> frozenset[Feature]:
        """What it keeps a person from."""
        return KEEPS_FROM[self.kind] if self.feature is None else frozenset({self.feature})


class Step(Terms):
    """A step of the ladder: for ``from_points`` and more, up to ``below_points``."""

    from_points: Annotated[int, Field(ge=0, le=100_000)]
    below_points: Annotated[int, Field(ge=0, le=100_000)] | None = None
    measures: Annotated[tuple[StepMeasure, ...], Field(max_length=20)]


def kept_from(measures: Iterable[StepMeasure]) -> dict[Feature, int]:
    """For how many days at most these keep a person from each feature."""
    found = dict.fromkeys(Feature, 0)
    for measure in measures:
        days = _WITHOUT_END if measure.days is None else measure.days
        for feature in measure.features:
            found[feature] = max(found[feature], days)
    return {feature: days for feature, days in found.items() if days}


def check_steps(ladder: Sequence[Step]) -> None:
    """Raises a rule's fault, with its field, if these are no ladder."""
    if not ladder:
        raise broken("ladder", "has no step")
    if first := ladder[0].from_points:
        raise broken("ladder[0].from_points", f"is {first}, but the first step begins at 0")
    for index, (step, after) in enumerate(pairwise(ladder)):
        end, start = step.below_points, after.from_points
        if start <= step.from_points:
            raise broken(f"ladder[{index + 1}].from_points", f"is {start}, not above that of the step before")
        field = f"ladder[{index}].below_points"
        if end is None:
            raise broken(field, "is missing, and only the last step has no end")
        if end > start:
            raise broken(field, f"is {end}, and overlaps the next from {start}")
        if end < start:
            raise broken(field, f"is {end}, and leaves a gap before {start}")
        _check_no_lighter(index + 1, step, after)
    if ladder[-1].below_points is not None:
        raise broken(f"ladder[{len(ladder) - 1}].below_points", "is given, but the last step has no end")


def _check_no_lighter(index: int, before: Step, step: Step) -> None:
    now = kept_from(step.measures)
    for feature, days in kept_from(before.measures).items():
        if now.get(feature, 0) < days:
            raise broken(
                f"ladder[{index}].measures", f"keeps from {feature} for a shorter time than the step before"
            )
    if before.measures and not step.measures:
        raise broken(f"ladder[{index}].measures", "is empty, and the step before is not")
