"""What can be asked about reports: to file one, to prove who one is, and what moderators do with it.

What is personal comes hashed and sealed (:class:`ledger.sealing.Personal`); no command holds it in the clear.
"""

from typing import ClassVar, Literal
from uuid import UUID

from ledger.journal.commands import Command
from ledger.sealing import Personal

Channel = Literal["button", "hotline", "letter"]
CHANNELS: tuple[Channel, ...] = ("button", "hotline", "letter")


class FileReport(Command, frozen=True, gc=False):
    """Somebody tells of what somebody else did: in a session, at a moment (an instant). Rule: LIVE-REPORT-1.

    ``category`` is an item of the violation catalogue. ``name`` and ``number`` prove who the reporter is;
    both can be handed in later.
    """

    reporter: str
    channel: Channel
    target: str
    session: UUID | None
    moment: int | None
    category: str
    text: Personal
    name: Personal | None = None
    number: Personal | None = None
    contact: Personal | None = None

    kind: ClassVar[str] = "report"


class OnReport(Command, frozen=True, gc=False):
    """A step with a report."""

    report: UUID


class ByReporter(OnReport, frozen=True, gc=False):
    """A step of whoever filed it: for everybody else the report is not there."""

    reporter: str


class HandInMaterials(ByReporter, frozen=True, gc=False):
    """The reporter proves who he is, and says more if there is more to say. Rule: LIVE-REPORT-2."""

    name: Personal
    number: Personal
    contact: Personal | None = None
    statement: Personal | None = None

    kind: ClassVar[str] = "report_materials"


class AddReportFile(ByReporter, frozen=True, gc=False):
    """The reporter hands in a file, which is in the folder of evidence already."""

    sha256: str
    media_type: str
    size_bytes: int

    kind: ClassVar[str] = "report_file"


class ClaimReport(OnReport, frozen=True, gc=False):
    """A moderator looks at it now, and nobody else does."""

    kind: ClassVar[str] = "report_claimed"


class LetGoOfReport(OnReport, frozen=True, gc=False):
    """It waits for another moderator again. Anyone may do it, also for a colleague who went home."""

    kind: ClassVar[str] = "report_let_go"


class AskForMaterials(OnReport, frozen=True, gc=False):
    """The reporter has to hand in more, by a new deadline. ``reason`` is told to the reporter."""

    reason: str

    kind: ClassVar[str] = "report_materials_asked"


class AcceptReport(OnReport, frozen=True, gc=False):
    """It becomes part of a case: of that name, or of a new one called after this command's id."""

    case: str | None

    kind: ClassVar[str] = "report_accepted"

    @property
    def into(self) -> str:
        """The case."""
        return self.case or str(self.id)


class RejectReport(OnReport, frozen=True, gc=False):
    """It comes to nothing; ``bad_faith`` finds that it was meant to harm. Rule: LIVE-COND-3.

    ``reason`` is for moderators.
    """

    reason: str
    bad_faith: bool

    kind: ClassVar[str] = "report_rejected"


class CloseReport(OnReport, frozen=True, gc=False):
    """Proof did not come in time. Our own: its id is derived from the report and the deadline."""

    kind: ClassVar[str] = "report_closed"


ReportCommand = (
    FileReport
    | HandInMaterials
    | AddReportFile
    | ClaimReport
    | LetGoOfReport
    | AskForMaterials
    | AcceptReport
    | RejectReport
    | CloseReport
)
