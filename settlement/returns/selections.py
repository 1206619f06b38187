"""Which tips are meant: those of a streamer's session or time, or those of a viewer, a minor say."""

from typing import Literal
from uuid import UUID

import msgspec

#: Of an unlawful stream, the coins go back into the viewers' wallets; a minor's never go into a wallet.
Kind = Literal["unlawful", "minor"]


class SessionTips(msgspec.Struct, frozen=True, tag="session"):
    """What a streamer was tipped in one live session."""

    streamer: str
    session: UUID


class StreamerTips(msgspec.Struct, frozen=True, tag="streamer"):
    """What a streamer was tipped from one instant up to another."""

    streamer: str
    since: int
    until: int


class ViewerTips(msgspec.Struct, frozen=True, tag="viewer"):
    """What a viewer tipped from one instant up to another."""

    viewer: str
    since: int
    until: int


class ListedTips(msgspec.Struct, frozen=True, tag="tips"):
    """Single tips of a viewer, by their ids; one that is not the viewer's is not meant."""

    viewer: str
    tips: tuple[UUID, ...]


Selection = SessionTips | StreamerTips | ViewerTips | ListedTips
