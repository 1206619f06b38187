"""Standing: what a person may not do now, and until when, as it follows from the measures in force. Pure.

Measures overlap: what ends last bars. On the account rows stands the latest end of each, so that a tip, a
top-up or a payout is judged by a number under the lock it takes anyway; an end that is past bars nothing,
and needs no act. When a measure ends early, the bars are reckoned anew from those that are left.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from ledger.chart import AccountRef
from ledger.instants import instant_of
from ledger.kernel.books import Books
from ledger.kernel.entries import Bar, Direction
from moderation.measures.kinds import KEEPS_FROM, Feature, MeasureKind

#: The end of what has none: bars on account rows need one.
FOREVER = instant_of(datetime(2999, 12, 31, tzinfo=UTC))

#: Which account of a person, and which side of it, each feature is. To comment moves nothing.
SIDE_OF: dict[Feature, tuple[str, Direction]] = {
    Feature.TIP: ("wallet", "outgoing"),
    Feature.TOP_UP: ("wallet", "incoming"),
    Feature.RECEIVE: ("gifts", "incoming"),
    Feature.STREAM: ("accruals", "incoming"),
    Feature.WITHDRAW: ("earnings", "outgoing"),
}


class Measure(msgspec.Struct, frozen=True):
    """A measure of a decision, as it was decided. Times are instants; ``until`` None: until it is lifted."""

    measure: UUID
    decision: UUID
    case: str
    n: int
    kind: MeasureKind
    party: str
    feature: Feature | None = None
    until: int | None = None
    account: str | None = None
    amount_minor: int | None = None
    preview: UUID | None = None
    follows: int | None = None
    because: str | None = None
    note: str | None = None

    @property
    def keeps_from(self) -> frozenset[Feature]:
        """The features it bars."""
        return KEEPS_FROM[self.kind] if self.feature is None else frozenset({self.feature})

    @property
    def end(self) -> int:
        """When it ends by itself."""
        return FOREVER if self.until is None else self.until


class Barred(msgspec.Struct, frozen=True):
    """A feature a person is kept from, until an instant, by the measure that ends last."""

    feature: Feature
    until: int
    by: Measure


def barred(measures: Iterable[Measure], at: int) -> dict[Feature, Barred]:
    """What measures that nobody has ended keep from at an instant, in the order of the features."""
    found: dict[Feature, Barred] = {}
    for measure in measures:
        for feature in measure.keeps_from if measure.end > at else ():
            if feature not in found or measure.end > found[feature].until:
                found[feature] = Barred(feature, measure.end, measure)
    return {feature: found[feature] for feature in Feature if feature in found}


def bars(
    party: str, in_force: Iterable[Measure], books: Books, opening: Collection[AccountRef] = ()
) -> tuple[Bar, ...]:
    """What has to change on a person's account rows, so that they say what the measures in force do.

    They come last in an entry: what may be refused comes before them. ``opening`` are accounts that the
    same entry opens.
    """
    now = books.now
    wanted = barred(in_force, now)
    acts = []
    for feature, (kind, direction) in SIDE_OF.items():
        ref = AccountRef(kind, party)
        account = books.accounts.get(ref)
        if account is not None:
            stands = (
                account.outgoing_barred_until if direction == "outgoing" else account.incoming_barred_until
            )
        elif ref in opening:
            stands = 0
        else:
            continue
        until = wanted[feature].until if feature in wanted else now
        if max(stands, now) != until:
            acts.append(Bar(ref, direction, until))
    return tuple(acts)


def barrable(party: str) -> Iterable[AccountRef]:
    """The accounts whose rows say what a person may not do: to be locked by whoever changes it."""
    for kind in dict.fromkeys(kind for kind, _ in SIDE_OF.values()):
        yield AccountRef(kind, party)
