"""What moderation says no to, about its own records: the closed set of the books, completed."""

from ledger.kernel.refusals import Refusal, complete_refusals
from moderation.appeals.refusals import APPEALS_REFUSALS
from moderation.cases.refusals import CASES_REFUSALS
from moderation.evidence.refusals import EVIDENCE_REFUSALS
from moderation.notices.refusals import NOTICES_REFUSALS
from moderation.registers.refusals import REGISTERS_REFUSALS
from moderation.reports.refusals import REPORTS_REFUSALS
from moderation.rules.refusals import RULES_REFUSALS
from moderation.takings.refusals import TAKINGS_REFUSALS

MODERATION_REFUSALS: tuple[type[Refusal], ...] = (
    *RULES_REFUSALS,
    *CASES_REFUSALS,
    *TAKINGS_REFUSALS,
    *APPEALS_REFUSALS,
    *REPORTS_REFUSALS,
    *EVIDENCE_REFUSALS,
    *NOTICES_REFUSALS,
    *REGISTERS_REFUSALS,
)

complete_refusals(*MODERATION_REFUSALS)
