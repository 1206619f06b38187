"""People of the platform and their own affairs: nobody acts on, or sees, what is about themselves."""

from collections.abc import Iterable

#: What acts in these roles is no person, even if it is called like one.
_PROGRAMS = frozenset({"platform", "gateway", "replay"})


def subject_of(actor: str) -> str:
    """The person behind an actor (``role:subject``), in whichever role: ``moderator:mo`` is mo."""
    return actor.partition(":")[2]


def is_about_oneself(actor: str, party: str) -> bool:
    """Whether somebody of the platform would deal with an affair of their own."""
    return party in people((actor,))


def people(actors: Iterable[str]) -> frozenset[str]:
    """Those behind these actors who are no programs."""
    named = (actor.partition(":") for actor in actors)
    return frozenset(person for role, _, person in named if role not in _PROGRAMS)
