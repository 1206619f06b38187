"""How measures of a decision end before their time, and what that changes. Pure values."""

from collections.abc import Sequence
from typing import NamedTuple

from moderation.cases.refreezing import Refrozen
from moderation.measures.standing import Measure


class Ending(NamedTuple):
    """Measures that end, ``how`` (lifted, refused) and why; those that end ``sooner`` with them.

    ``freed`` are whose money was held and is not any more; ``again`` are the freezes placed again instead.
    """

    measures: Sequence[Measure]
    how: str
    reason: str
    sooner: Sequence[Measure]
    freed: frozenset[str]
    again: tuple[Refrozen, ...]

    @property
    def frozen_again(self) -> frozenset[str]:
        """Whose money is frozen again, as it was before the decision."""
        return frozenset(one.hold.account.owner for one in self.again)
