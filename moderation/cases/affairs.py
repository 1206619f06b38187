"""Whom a decision concerns: who is told of it, and who of the platform takes no part in it. Pure."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from moderation.cases.records import Decision
from moderation.measures.kinds import MeasureKind
from moderation.measures.standing import Measure
from moderation.persons import is_about_oneself, people, subject_of
from moderation.registers.refusals import OwnAffair
from moderation.takings.shown import Preview

#: Plans of tips that go back, and people with whom each has to do besides the streamers who give them.
Concerned = Collection[tuple[UUID, str]]
#: Cases, and people who take no step in each: see :func:`moderation.cases.concerning.involved`.
Involved = Collection[tuple[str, str]]


class Part(NamedTuple):
    """What tips that go back take of a streamer, or give to whoever paid for a minor's, in fen."""

    amount_minor: int
    is_given_by_them: bool


#: The parts of people in the tips that measures have go back: by measure and person.
Parts = Mapping[tuple[UUID, str], Part]


def own_affair(
    actor: str, decision: Decision, plans: Iterable[UUID], concerned: Concerned
) -> OwnAffair | None:
    """Whom a decision concerns takes no step with it, nor does whoever its ``plans`` concern: a viewer who
    is paid back, or a guild that gives its part.
    """
    return affair_of(actor, decision.parties, plans, concerned)


def affair_in(actor: str, case: str, involved: Involved) -> OwnAffair | None:
    """Whom a case concerns takes no step in it."""
    return next((OwnAffair(one) for one in people((actor,)) if (case, one) in involved), None)


def affair_of(
    actor: str, parties: Iterable[str], plans: Iterable[UUID], concerned: Concerned
) -> OwnAffair | None:
    """The same, of what is not decided yet."""
    person = subject_of(actor)
    if any(is_about_oneself(actor, party) for party in parties):
        return OwnAffair(person)
    return OwnAffair(person) if any((plan, person) in concerned for plan in plans) else None


def parts_of(measures: Iterable[Measure], previews: Mapping[UUID, Preview]) -> dict[tuple[UUID, str], Part]:
    """The parts of people in the tips that these measures have go back."""
    parts: dict[tuple[UUID, str], Part] = {}
    for measure in measures:
        plan = previews[measure.preview].shown.plan if measure.preview else None
        if plan is None:
            continue
        if measure.kind is MeasureKind.RETURN_MINORS_TIPS:
            parts[measure.measure, measure.party] = Part(plan.refund_minor, is_given_by_them=False)
        for giving in plan.givings:
            parts[measure.measure, giving.streamer] = Part(giving.fen, is_given_by_them=True)
    return parts


def concerned_by(measures: Collection[Measure], parts: Parts) -> list[str]:
    """On whom these measures impose something, and who gives tips that go back, by name."""
    named = {measure.measure for measure in measures}
    return sorted({one.party for one in measures} | {person for one, person in parts if one in named})


def as_concerning(measures: Iterable[Measure], party: str, parts: Parts) -> list[Measure]:
    """Measures as a party is to know them: those imposed on them, and of tips that go back their own part.

    Whom else tips are named by, they are not told.
    """
    found = []
    for measure in measures:
        part = parts.get((measure.measure, party))
        theirs = measure if part is None else replace(measure, amount_minor=part.amount_minor)
        if measure.party == party:
            found.append(theirs)
        elif part is not None:
            found.append(replace(theirs, party=party, note=None))
    return found
