"""What objections say no to, in the order in which it is tried."""

from ledger.instants import datetime_of
from ledger.kernel.refusals import Refusal


class StatementNotFound(Refusal, frozen=True):
    """No such statement was issued, or it is somebody else's."""

    code = "statement_not_found"
    statement: str

    def __str__(self) -> str:
        return f"no statement {self.statement} of this streamer was issued"


class StatementLineNotFound(Refusal, frozen=True):
    """The statement has fewer lines."""

    code = "statement_line_not_found"
    statement: str
    line: int
    lines: int

    def __str__(self) -> str:
        return f"statement {self.statement} has {self.lines} lines, and no line {self.line}"


class ObjectionWindowClosed(Refusal, frozen=True):
    """The time to object is over since an instant (microseconds since 1970): the statement is final."""

    code = "objection_window_closed"
    statement: str
    until: int

    def __str__(self) -> str:
        until = datetime_of(self.until).isoformat()
        return f"objections to statement {self.statement} were heard until {until}: it is final"


class ObjectionNotFound(Refusal, frozen=True):
    """No accepted objection has that id."""

    code = "objection_not_found"
    objection: str

    def __str__(self) -> str:
        return f"no objection {self.objection} is in the books"


class AlreadyAnswered(Refusal, frozen=True):
    """The objection has its answer."""

    code = "already_answered"
    objection: str

    def __str__(self) -> str:
        return f"objection {self.objection} was already answered"


class AdjustmentNotFound(Refusal, frozen=True):
    """No accepted adjustment of that streamer has that id."""

    code = "adjustment_not_found"
    adjustment: str
    streamer: str

    def __str__(self) -> str:
        return f"no adjustment {self.adjustment} of {self.streamer!r} is in the books"


OBJECTION_REFUSALS: tuple[type[Refusal], ...] = (
    StatementNotFound,
    StatementLineNotFound,
    ObjectionWindowClosed,
    ObjectionNotFound,
    AlreadyAnswered,
    AdjustmentNotFound,
)
