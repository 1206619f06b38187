"""Whom a decision concerns: who is told of it, and who of the platform takes no part in it. Pure."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from msgspec.structs import replace

from moderation.cases.records import Decision
from moderation.measures.standing import Measure
from moderation.persons import is_about_oneself, subject_of
from moderation.registers.refusals import OwnAffair
from moderation.takings.shown import Preview

#: Plans of tips that go back, and people with whom each has to do besides the streamers who give them.
Concerned = Collection[tuple[UUID, str]]
#: What each streamer gives of the tips that measures have go back, in fen: by measure and streamer.
Parts = Mapping[tuple[UUID, str], int]


def own_affair(
    actor: str, decision: Decision, plans: Iterable[UUID], concerned: Concerned
) -> OwnAffair | None:
    """Whom a decision concerns takes no step with it, nor does whoever its ``plans`` concern: a viewer who
    is paid back, or a guild that gives its part.
    """
    return affair_of(actor, decision.parties, plans, concerned)


def affair_of(
    actor: str, parties: Iterable[str], plans: Iterable[UUID], concerned: Concerned
) -> OwnAffair | None:
    """The same, of what is not decided yet."""
    person = subject_of(actor)
    if any(is_about_oneself(actor, party) for party in parties):
        return OwnAffair(person)
    return OwnAffair(person) if any((plan, person) in concerned for plan in plans) else None


def parts_of(measures: Iterable[Measure], previews: Mapping[UUID, Preview]) -> dict[tuple[UUID, str], int]:
    """What streamers give of the tips that these measures have go back."""
    return {
        (measure.measure, giving.streamer): giving.fen
        for measure in measures
        if measure.preview and (plan := previews[measure.preview].shown.plan)
        for giving in plan.givings
    }


def concerned_by(measures: Collection[Measure], parts: Parts) -> list[str]:
    """On whom these measures impose something, and who gives tips that go back, by name."""
    named = {measure.measure for measure in measures}
    givers = {streamer for measure, streamer in parts if measure in named}
    return sorted({measure.party for measure in measures} | givers)


def as_concerning(measures: Iterable[Measure], party: str, parts: Parts) -> list[Measure]:
    """Measures as a party is to know them: those imposed on them, and their own part of tips that go back
    out of theirs but are named by somebody else, who is not told of.
    """
    found = []
    for measure in measures:
        if measure.party == party:
            found.append(measure)
        elif (measure.measure, party) in parts:
            amount_minor = parts[measure.measure, party]
            found.append(replace(measure, party=party, amount_minor=amount_minor, note=None))
    return found
