"""Whether something was permitted at a moment: pure."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from moderation.registers.commands import Allowance


class Permission(NamedTuple):
    """A written permission of the platform. Instants; ``ended_at`` is when it was revoked, if it was."""

    permission: UUID
    entry: int
    party: str
    allows: Allowance
    scope: str
    document: str
    valid_from: int
    valid_until: int | None
    ended_at: int | None

    def holds_at(self, instant: int) -> bool:
        """Whether it was in force: from its beginning on, and no longer at its end."""
        ends = [end for end in (self.valid_until, self.ended_at) if end is not None]
        return self.valid_from <= instant < min(ends, default=instant + 1)


def permits(known: Iterable[Permission], party: str, needs: Allowance, at: int) -> Permission | None:
    """The oldest permission of a party that covered such a use at an instant; None if none did."""
    covering = [one for one in known if one.party == party and one.allows == needs and one.holds_at(at)]
    return min(covering, key=lambda one: one.entry, default=None)
