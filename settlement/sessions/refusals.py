"""What settlement says no to about sessions, in the order in which it is tried."""

from ledger.kernel.refusals import Refusal


class SessionNotFound(Refusal, frozen=True):
    """No accepted command opened that session, or it is another streamer's."""

    code = "session_not_found"
    session: str

    def __str__(self) -> str:
        return f"no session {self.session} is in the books"


class SessionIsOpen(Refusal, frozen=True):
    """The streamer is, or was then, live already: sessions of one streamer never overlap."""

    code = "session_open"
    streamer: str
    session: str

    def __str__(self) -> str:
        return f"{self.streamer!r} is live then in session {self.session}"


class SessionClosed(Refusal, frozen=True):
    """That session was closed before."""

    code = "session_closed"
    session: str

    def __str__(self) -> str:
        return f"session {self.session} was already closed"


class EndsBeforeItBegan(Refusal, frozen=True):
    """A session cannot end before it was opened."""

    code = "ends_before_it_began"
    session: str

    def __str__(self) -> str:
        return f"session {self.session} was opened later than that"


SESSION_REFUSALS: tuple[type[Refusal], ...] = (
    SessionNotFound,
    SessionIsOpen,
    SessionClosed,
    EndsBeforeItBegan,
)
