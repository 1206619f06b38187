"""People of the platform and their own affairs: nobody acts on, or sees, what is about themselves."""

#: What acts in these roles is no person, even if it is called like one.
_PROGRAMS = frozenset({"platform", "gateway", "replay"})


def subject_of(actor: str) -> str:
    """The person behind an actor (``role:subject``), in whichever role: ``moderator:mo`` is mo."""
    return actor.partition(":")[2]


def is_about_oneself(actor: str, party: str) -> bool:
    """Whether somebody of the platform would deal with an affair of their own."""
    role, _, person = actor.partition(":")
    return person == party and role not in _PROGRAMS
