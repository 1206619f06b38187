"""What the registers say no to, in the order in which it is tried."""

from ledger.kernel.refusals import Refusal


class OwnAffair(Refusal, frozen=True):
    """Nobody of the platform deals with what is about themselves."""

    code = "own_affair"
    party: str

    def __str__(self) -> str:
        return f"this is about {self.party!r}, who cannot decide it: somebody else has to"


class NotImposed(Refusal, frozen=True):
    """The rule book in force does not have such measures for it: the rule is switched off, say."""

    code = "not_imposed"
    party: str
    rule: str

    def __str__(self) -> str:
        return f"the rule book in force lets nothing be imposed on {self.party!r} for {self.rule}"


class NotListed(Refusal, frozen=True):
    """That person is not on that list (any more). The number is not repeated."""

    code = "not_listed"
    list: str

    def __str__(self) -> str:
        return f"nobody of that number is on the list {self.list!r}"


class PermissionNotFound(Refusal, frozen=True):
    """No permission of that id was granted."""

    code = "permission_not_found"
    permission: str

    def __str__(self) -> str:
        return f"no permission {self.permission} was granted"


class PermissionEnded(Refusal, frozen=True):
    """The permission was revoked before."""

    code = "permission_ended"
    permission: str

    def __str__(self) -> str:
        return f"permission {self.permission} was already revoked"


class PromiseNotFound(Refusal, frozen=True):
    """No promise of that id was recorded."""

    code = "promise_not_found"
    promise: str

    def __str__(self) -> str:
        return f"no promise {self.promise} was recorded"


class PromiseResolved(Refusal, frozen=True):
    """What became of the promise is on record."""

    code = "promise_resolved"
    promise: str

    def __str__(self) -> str:
        return f"what became of promise {self.promise} is already on record"


class LegalHoldNotFound(Refusal, frozen=True):
    """No legal hold of that id is in force: nothing may be handed over under it. Rule: LIVE-MOD-9."""

    code = "legal_hold_not_found"
    measure: str

    def __str__(self) -> str:
        return f"no legal hold {self.measure} is in force"


class ServiceTerminated(Refusal, frozen=True):
    """The service was ended for a serious breach: what was bought is not refunded. Rule: VAS-TERM-1."""

    code = "service_terminated"
    party: str
    case: str

    def __str__(self) -> str:
        return f"the service of {self.party!r} was terminated in case {self.case}: nothing is refunded"


class TicketSubjectNotFound(Refusal, frozen=True):
    """There is no such entry, case or promise that is this party's affair."""

    code = "ticket_subject_not_found"
    about: str
    subject: str

    def __str__(self) -> str:
        return f"there is no {self.about} {self.subject} of this party"


class TicketNotFound(Refusal, frozen=True):
    """No ticket of that id was filed."""

    code = "ticket_not_found"
    ticket: str

    def __str__(self) -> str:
        return f"no ticket {self.ticket} was filed"


class TicketAnswered(Refusal, frozen=True):
    """The ticket has its answer."""

    code = "ticket_answered"
    ticket: str

    def __str__(self) -> str:
        return f"ticket {self.ticket} was already answered"


REGISTERS_REFUSALS: tuple[type[Refusal], ...] = (
    OwnAffair,
    NotImposed,
    NotListed,
    PermissionNotFound,
    PermissionEnded,
    PromiseNotFound,
    PromiseResolved,
    LegalHoldNotFound,
    ServiceTerminated,
    TicketSubjectNotFound,
    TicketNotFound,
    TicketAnswered,
)
