"""Penalties and damages of one case on one party: what the one covers of the other is taken once. Pure.

Whichever was decided first: damages are net of the penalties there are, and a penalty is not added to damages
that are not net of it. Rule: LIVE-MOD-8.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from ledger.chart import platform_account
from ledger.kernel.refusals import Refusal
from moderation.measures.kinds import MeasureKind
from moderation.takings.plans import netted
from moderation.takings.refusals import SET_OFF, PenaltyCountedTwice, PreviewStale
from moderation.takings.shown import Preview, fen_of

#: Where penalties are, or will be: what is set off is said to be of it.
_PENALTIES = platform_account("penalty_income")


class Charged(NamedTuple):
    """What penalties and damages come to together, in fen.

    ``covering`` is what of the penalties no damages set off: below zero if a penalty was lowered or ended
    since, and another may take its place. ``damages`` is what damages take besides. Both are what appeals
    left of them; what is due besides by decision, for a reason (``exceeding``), covers nothing and is covered
    by nothing.
    """

    covering: int = 0
    damages: int = 0

    def once(self, preview: Preview) -> "Charged":
        """The same once this is decided, too."""
        if preview.shown.exceeding:
            return self
        fen = fen_of([taking for _, taking in preview.takings])
        match preview.kind:
            case MeasureKind.PENALTY:
                return Charged(self.covering + fen, self.damages)
            case MeasureKind.DAMAGES:
                return Charged(self.covering - preview.shown.netted_minor, self.damages + fen)
            case _:
                return self

    @property
    def twice(self) -> int:
        """What of the penalties covers damages that are taken as well."""
        return netted(self.damages, self.covering)


def charged(previews: Iterable[Preview]) -> defaultdict[tuple[str, str], Charged]:
    """By case and party, what these penalties and damages come to."""
    found: defaultdict[tuple[str, str], Charged] = defaultdict(Charged)
    for preview in previews:
        about = preview.case, preview.party
        found[about] = found[about].once(preview)
    return found


def why_counted_twice(previews: Sequence[Preview], in_force: Mapping[UUID, Preview]) -> Refusal | None:
    """Whether a decision may have these beside the penalties and damages in force.

    Refuses ``penalty_counted_twice``; ``preview_stale`` if of a penalty that was set off less is left to set
    off. The order within the decision does not matter.
    """
    before = charged(in_force.values())
    counted = [one for one in previews if not one.shown.exceeding]
    penalties = [one for one in counted if one.kind is MeasureKind.PENALTY]
    covering = {about: one.covering for about, one in charged([*in_force.values(), *penalties]).items()}
    damages = [one for one in counted if one.kind is MeasureKind.DAMAGES]
    # Those that set something off first: what others are not covered by is theirs.
    for preview in sorted(damages, key=lambda one: -one.shown.netted_minor):
        about, off = (preview.case, preview.party), preview.shown.netted_minor
        covered = netted(preview.shown.claimed_fen, covering.get(about, 0))
        if off < covered:
            return PenaltyCountedTwice(str(preview.preview), off, covered)
        if off > covered:
            return PreviewStale(str(preview.preview), *_PENALTIES, "CNY", off, covered, SET_OFF)
        covering[about] = covering.get(about, 0) - off
    for preview in penalties:
        about = preview.case, preview.party
        twice = before[about]._replace(covering=covering[about]).twice
        if twice:
            return PenaltyCountedTwice(str(preview.preview), 0, twice, preview.kind.value)
    return None
