"""When what is found happened, and which rule book counts for it. Pure. Rule: LIVE-RULE-1.

What somebody did is weighed by the rules of its own time: severity, points, which measures it allows and for
how long, the ladder. How it is decided (who may, who has to agree, until when it can be appealed against)
goes by the rules of the day of the decision.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from moderation.cases.commands import Finding
from moderation.cases.records import Case
from moderation.cases.refusals import NotYetHappened
from moderation.rules.versions import Version, in_force


def why_not_then(said: int | None, at: int) -> NotYetHappened | None:
    """Refuses a time at which something is said to have happened and that lies behind ``at``."""
    return None if said is None or said <= at else NotYetHappened(said, at)


def happened_at(finding: Finding, case: Case, began: Mapping[UUID, int], at: int) -> int:
    """When it happened, an instant, as exactly as anybody said; not after ``at``, when it is decided.

    Of several the first that is known: what the finding says, when its session began, what the case says,
    when the case's session began. What nobody knows more of had happened when the case was opened.
    """
    known = (
        finding.happened_at,
        began.get(finding.session) if finding.session else None,
        case.happened_at,
        began.get(case.session) if case.session else None,
        case.opened_at,
    )
    return min(next(moment for moment in known if moment is not None), at)


def judged_by(versions: Sequence[Version], moments: Sequence[int], at: int) -> Version:
    """The rule book that counts for a decision as a whole: that of the latest of what was found."""
    return in_force(versions, max(moments, default=at))
