"""Every check of `zhibo verify`: the ledger's, settlement's and moderation's."""

from pathlib import Path

import moderation
import settlement
from ledger.audits.verify import LEDGER_AUDITS, Audit, audits_in


def all_audits() -> list[Audit]:
    """The checks of all packages, ordered by invariant."""
    return audits_in(LEDGER_AUDITS, _folder(settlement.__path__[0]), _folder(moderation.__path__[0]))


def _folder(package: str) -> Path:
    return Path(package) / "audits"
