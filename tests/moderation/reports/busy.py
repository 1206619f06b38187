"""Reports for the busy book: one becomes a case, one is rejected, one waits for proof; notices arrive."""

from collections.abc import Callable
from hashlib import sha256
from uuid import UUID

from ledger.journal.commands import Command
from ledger.journal.journal import Journal
from moderation.evidence.commands import AddEvidence
from moderation.notices.delivering import deliver_due
from moderation.reports.commands import (
    AcceptReport,
    AddReportFile,
    ClaimReport,
    FileReport,
    HandInMaterials,
    RejectReport,
)
from tests.settlement.payees.sample import KEYS, NAME, NUMBER

Head = Callable[..., tuple[UUID, str, int, int]]

_MODERATOR, _REPORTER = "moderator:m1", "ana"
_DIGEST = sha256(b"a picture").hexdigest()


def play_reports(journal: Journal, head: Head, ids: dict[str, UUID]) -> None:
    """Needs a viewer ana and a streamer mei."""

    def filed(name: str, category: str, target: str = "mei") -> FileReport:
        first = head(f"viewer:{_REPORTER}", 3, name)
        said = KEYS.personal(first[0], _REPORTER, "text", "他在直播里造谣")
        return FileReport(*first, _REPORTER, "button", target, None, first[2], category, said)

    def proof(report: UUID) -> HandInMaterials:
        first = head(f"viewer:{_REPORTER}", 3, "report_materials")
        name, number = (
            KEYS.personal(first[0], _REPORTER, field, value)
            for field, value in (("name", NAME), ("number", NUMBER))
        )
        return HandInMaterials(*first, report, _REPORTER, name, number)

    def step(*commands: Command) -> None:
        for outcome in journal.decide(commands):
            assert outcome.refusal is None, outcome.refusal

    step(filed("report", "rights_slander"), filed("rejected_report", "unfriendly_flooding"))
    report, rejected = ids["report"], ids["rejected_report"]
    step(filed("waiting_report", "rights_slander"), proof(report))
    file = AddReportFile(*head(f"viewer:{_REPORTER}", 3), report, _REPORTER, _DIGEST, "image/png", 9)
    step(file, ClaimReport(*head(_MODERATOR, 3), report))
    step(AcceptReport(*head(_MODERATOR, 3, "report_accepted"), report, None))
    deliver_due(journal, head(_MODERATOR, 4)[2])
    step(ClaimReport(*head(_MODERATOR, 4), rejected))
    step(RejectReport(*head(_MODERATOR, 4), rejected, "没有依据", True))
    step(ClaimReport(*head(_MODERATOR, 4), ids["waiting_report"]))
    other = sha256(b"another picture").hexdigest()
    case = str(ids["report_accepted"])
    step(AddEvidence(*head(_MODERATOR, 4, "evidence"), case, other, "image/png", 15))
    refused = journal.decide([filed("refused_report", "rights_slander", target="nobody")])[0].refusal
    assert refused is not None
