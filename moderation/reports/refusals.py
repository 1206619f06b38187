"""What is refused about reports, in the order in which it is tried."""

from ledger.kernel.refusals import Refusal


class ReportTargetNotFound(Refusal, frozen=True):
    """Nobody of that name is known here."""

    code = "report_target_not_found"
    target: str

    def __str__(self) -> str:
        return f"{self.target!r} is nobody who can be reported"


class ReportCategoryUnknown(Refusal, frozen=True):
    """The catalogue of violations in force has no such item."""

    code = "report_category_unknown"
    category: str

    def __str__(self) -> str:
        return f"{self.category!r} is no item of the violation catalogue in force"


class TooManyOpenReports(Refusal, frozen=True):
    """Earlier reports of the same reporter have to be answered first."""

    code = "too_many_open_reports"
    most: int

    def __str__(self) -> str:
        return f"{self.most} reports of yours wait to be answered: no more can be filed before"


class ReportNotFound(Refusal, frozen=True):
    """No report has that id; for a reporter, none of the reporter's own."""

    code = "report_not_found"
    report: str

    def __str__(self) -> str:
        return f"no report {self.report} is here"


class ReportClosed(Refusal, frozen=True):
    """It was accepted, rejected or closed already."""

    code = "report_closed"
    report: str
    state: str

    def __str__(self) -> str:
        return f"report {self.report} is {self.state}"


class TooManyReportFiles(Refusal, frozen=True):
    """The report has as many files as a report can have."""

    code = "too_many_report_files"
    report: str
    most: int

    def __str__(self) -> str:
        return f"report {self.report} has {self.most} files: no more can be handed in"


class ReportFileAlreadyHandedIn(Refusal, frozen=True):
    """The same content was handed in before, and counts once."""

    code = "report_file_already_handed_in"
    report: str
    sha256: str

    def __str__(self) -> str:
        return f"a file of the same content, {self.sha256}, was handed in before"


class ReportClaimed(Refusal, frozen=True):
    """Another moderator looks at it."""

    code = "report_claimed"
    report: str
    claimed_by: str

    def __str__(self) -> str:
        return f"report {self.report} is looked at by {self.claimed_by}"


class ReportNotClaimed(Refusal, frozen=True):
    """Only whoever has claimed a report decides what becomes of it."""

    code = "report_not_claimed"
    report: str

    def __str__(self) -> str:
        return f"report {self.report} is not claimed by you"


class AnotherReportClaimed(Refusal, frozen=True):
    """A moderator looks at one report at a time."""

    code = "another_report_claimed"
    claimed: str

    def __str__(self) -> str:
        return f"you look at report {self.claimed} already"


class MaterialsMissing(Refusal, frozen=True):
    """A report of infringement is not accepted before its reporter proved who he is. Rule: LIVE-REPORT-2."""

    code = "materials_missing"
    report: str

    def __str__(self) -> str:
        return f"nobody has proved yet who filed report {self.report}"


class CaseIsAboutAnother(Refusal, frozen=True):
    """A report becomes part of a case about whom it reports."""

    code = "case_is_about_another"
    case: str
    report: str

    def __str__(self) -> str:
        return f"case {self.case!r} is about somebody else than report {self.report}"


REPORTS_REFUSALS: tuple[type[Refusal], ...] = (
    ReportTargetNotFound,
    ReportCategoryUnknown,
    TooManyOpenReports,
    ReportNotFound,
    ReportClosed,
    TooManyReportFiles,
    ReportFileAlreadyHandedIn,
    ReportClaimed,
    ReportNotClaimed,
    AnotherReportClaimed,
    MaterialsMissing,
    CaseIsAboutAnother,
)
