"""What the gateway says of live sessions: opened, closed, and what was measured. Rule: LIVE-TIME-1."""

from typing import ClassVar
from uuid import UUID

from ledger.journal.commands import Command

#: What is measured of a session, and the values it can have.
LARGEST_VALUE = 1_000_000_000
METRICS: dict[str, tuple[int, int]] = {
    "minutes": (0, LARGEST_VALUE),
    "interactions": (0, LARGEST_VALUE),
    "viewers": (0, LARGEST_VALUE),
    "face_shown": (0, 1),
    "quality_bps": (-10_000, 10_000),
}


class OpenSession(Command, frozen=True, gc=False):
    """A streamer goes live (开播) in a room, within a scope, for the activities tagged.

    Its id is the session's.
    """

    streamer: str
    room: str
    scope: str
    tags: tuple[str, ...]

    kind: ClassVar[str] = "session_open"


class CloseSession(Command, frozen=True, gc=False):
    """A streamer goes off the air (下播)."""

    session: UUID

    kind: ClassVar[str] = "session_close"


class RecordFact(Command, frozen=True, gc=False):
    """Something measured of a session; it corrects what was said of the same metric before.

    ``metric`` is one of :data:`METRICS`, ``value`` within its bounds; ``face_shown`` is 0 or 1.
    """

    session: UUID
    metric: str
    value: int

    kind: ClassVar[str] = "fact"
