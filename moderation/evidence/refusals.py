"""What is refused about evidence."""

from ledger.kernel.refusals import Refusal


class EvidenceAlreadyAdded(Refusal, frozen=True):
    """The same content is evidence of the case already, and counts once."""

    code = "evidence_already_added"
    case: str
    sha256: str

    def __str__(self) -> str:
        return f"a file of the same content, {self.sha256}, is evidence of case {self.case!r} already"


EVIDENCE_REFUSALS: tuple[type[Refusal], ...] = (EvidenceAlreadyAdded,)
