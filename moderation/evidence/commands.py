"""What can be asked about evidence: that a file, kept in the folder already, belongs to a case."""

from typing import ClassVar

from ledger.journal.commands import Command


class AddEvidence(Command, frozen=True, gc=False):
    """A file belongs to a case. It is named by the SHA-256 of its content, in hex. Rule: LIVE-MOD-1."""

    case: str
    sha256: str
    media_type: str
    size_bytes: int

    kind: ClassVar[str] = "evidence"
