"""What is refused about cases, decisions and measures, in the order in which it is tried."""

from ledger.instants import datetime_of
from ledger.kernel.refusals import Refusal


class CaseNotFound(Refusal, frozen=True):
    """No case of that name was opened."""

    code = "case_not_found"
    case: str

    def __str__(self) -> str:
        return f"no case {self.case!r} was opened"


class CaseExists(Refusal, frozen=True):
    """A case of that name was opened before."""

    code = "case_exists"
    case: str

    def __str__(self) -> str:
        return f"case {self.case!r} was opened before"


class DecisionNotFound(Refusal, frozen=True):
    """No such decision was made."""

    code = "decision_not_found"
    decision: str

    def __str__(self) -> str:
        return f"no decision {self.decision} was made"


class MeasureNotFound(Refusal, frozen=True):
    """No decision has that measure."""

    code = "measure_not_found"
    measure: str

    def __str__(self) -> str:
        return f"no decision has a measure {self.measure}"


class SecondPersonRequired(Refusal, frozen=True):
    """Who decided or approved it cannot be who lets it pass, or looks at it again."""

    code = "second_person_required"
    person: str

    def __str__(self) -> str:
        return f"{self.person!r} decided or approved it: somebody else has to look at it"


class NotTheirMeasure(Refusal, frozen=True):
    """The rule book gives such a measure to other people."""

    code = "not_their_measure"
    role: str
    measure: str

    def __str__(self) -> str:
        return f"the rule book leaves this, for a measure {self.measure!r}, to other roles than {self.role!r}"


class CaseDecided(Refusal, frozen=True):
    """Whoever decides has to have seen the newest decision of the case (``latest``, None: there is none)."""

    code = "case_decided"
    case: str
    latest: str | None

    def __str__(self) -> str:
        if self.latest is None:
            return f"nothing is decided in case {self.case!r} yet: it has no newest decision to name"
        return f"the newest decision of case {self.case!r} is {self.latest}, and was not named"


class DecisionClosed(Refusal, frozen=True):
    """The decision is past the point where that could be done."""

    code = "decision_closed"
    decision: str
    state: str

    def __str__(self) -> str:
        return f"decision {self.decision} is {self.state.replace('_', ' ')}"


class AlreadyApproved(Refusal, frozen=True):
    """A second person let it pass before."""

    code = "decision_already_approved"
    decision: str
    approved_by: str

    def __str__(self) -> str:
        return f"decision {self.decision} was already approved by {self.approved_by!r}"


class ApprovalNotNeeded(Refusal, frozen=True):
    """One person is enough for it."""

    code = "approval_not_needed"
    decision: str

    def __str__(self) -> str:
        return f"decision {self.decision} needs no second person"


class MeasureEnded(Refusal, frozen=True):
    """The measure ended before."""

    code = "measure_ended"
    measure: str

    def __str__(self) -> str:
        return f"measure {self.measure} has already ended"


class MeasureCarriedOut(Refusal, frozen=True):
    """It took what it takes: only an appeal undoes it."""

    code = "measure_carried_out"
    measure: str

    def __str__(self) -> str:
        return f"measure {self.measure} was carried out, and is undone by an appeal only"


class FindingRequired(Refusal, frozen=True):
    """Nothing is imposed without a rule that was broken."""

    code = "finding_required"
    case: str

    def __str__(self) -> str:
        return f"nothing was found in case {self.case!r} that a measure could rest on"


class RuleSwitchedOff(Refusal, frozen=True):
    """The rule is switched off. Rule: LIVE-SEV-1."""

    code = "rule_switched_off"
    rule: str

    def __str__(self) -> str:
        return f"rule {self.rule} is switched off"


class EvidenceNotFound(Refusal, frozen=True):
    """The case has no such file."""

    code = "evidence_not_found"
    case: str
    sha256: str

    def __str__(self) -> str:
        return f"case {self.case!r} has no evidence {self.sha256}"


class EvidenceRequired(Refusal, frozen=True):
    """Money is moved on evidence only. Rule: LIVE-MOD-1."""

    code = "evidence_required"
    measure: str

    def __str__(self) -> str:
        return f"a {self.measure} rests on evidence, and no finding names any"


class OverrideRequired(Refusal, frozen=True):
    """It is not what the rule book has for such a violation; a reason may say why it is right. LIVE-MOD-6."""

    code = "override_required"
    what: str
    severity: str

    def __str__(self) -> str:
        return (
            f"{self.what} is not what the rule book has for this, found {self.severity}: say why it is right"
        )


class TimeNotAllowed(Refusal, frozen=True):
    """The measure would end before it begins, or last longer than it may (``max_days``, if it has any)."""

    code = "time_not_allowed"
    measure: str
    until: int | None
    max_days: int | None

    def __str__(self) -> str:
        end = "without an end" if self.until is None else f"until {datetime_of(self.until).isoformat()}"
        longest = "" if self.max_days is None else f"; it lasts {self.max_days} days at most"
        return f"{self.measure} {end} is not possible{longest}"


class NotYetHappened(Refusal, frozen=True):
    """It would have happened after it was told. Instants."""

    code = "not_yet_happened"
    happened_at: int
    told_at: int

    def __str__(self) -> str:
        happened, told = datetime_of(self.happened_at), datetime_of(self.told_at)
        return f"it cannot have happened at {happened.isoformat()}, after {told.isoformat()}"


class AccountClosed(Refusal, frozen=True):
    """The account is closed, or was taken back: of the service nothing is left but what is still theirs."""

    code = "account_closed"
    party: str
    case: str

    def __str__(self) -> str:
        return f"the account of {self.party!r} was closed, or taken back, in case {self.case!r}"


class UnderLegalHold(Refusal, frozen=True):
    """What a legal hold is on is not closed. Rule: LIVE-MOD-9."""

    code = "under_legal_hold"
    party: str
    case: str

    def __str__(self) -> str:
        return (
            f"the account of {self.party!r} is under the legal hold of case {self.case!r}, and is not closed"
        )


class DecisionTooLarge(Refusal, frozen=True):
    """One decision would change more account rows than one entry can."""

    code = "decision_too_large"
    acts: int
    most: int

    def __str__(self) -> str:
        return f"the decision comes to {self.acts} acts, above the {self.most} of an entry: decide in parts"


CASES_REFUSALS: tuple[type[Refusal], ...] = (
    CaseNotFound,
    CaseExists,
    DecisionNotFound,
    MeasureNotFound,
    SecondPersonRequired,
    NotTheirMeasure,
    CaseDecided,
    DecisionClosed,
    AlreadyApproved,
    ApprovalNotNeeded,
    MeasureEnded,
    MeasureCarriedOut,
    FindingRequired,
    RuleSwitchedOff,
    EvidenceNotFound,
    EvidenceRequired,
    OverrideRequired,
    TimeNotAllowed,
    NotYetHappened,
    AccountClosed,
    UnderLegalHold,
    DecisionTooLarge,
)
