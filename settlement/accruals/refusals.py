"""What settlement says no to about accruals, in the order in which it is tried."""

from ledger.kernel.refusals import Refusal
from ledger.money import written


class TaskNotFound(Refusal, frozen=True):
    """No accepted command assigned that task."""

    code = "task_not_found"
    task: str

    def __str__(self) -> str:
        return f"no task {self.task} is in the books"


class TaskAlreadyRewarded(Refusal, frozen=True):
    """That task earned its reward before. Rule: LIVE-TASK-1."""

    code = "task_already_rewarded"
    task: str

    def __str__(self) -> str:
        return f"task {self.task} was already rewarded"


class TargetNotReached(Refusal, frozen=True):
    """By the facts as they stand the task is not done; later facts may be judged under a new id."""

    code = "target_not_reached"
    task: str
    metric: str
    target: int
    reached: int

    def __str__(self) -> str:
        return f"{self.reached} {self.metric} of {self.target} are reached"


class ActivityVersionExists(Refusal, frozen=True):
    """Rules that were published stay as they are. Rule: LIVE-ACT-3."""

    code = "activity_version_exists"
    activity: str
    version: str

    def __str__(self) -> str:
        return f"version {self.version!r} of activity {self.activity!r} was published before"


class ActivityNotFound(Refusal, frozen=True):
    """No rules of that activity were published."""

    code = "activity_not_found"
    activity: str

    def __str__(self) -> str:
        return f"no activity {self.activity!r} was published"


class ActivityOver(Refusal, frozen=True):
    """Nobody enrols in what is over."""

    code = "activity_over"
    activity: str

    def __str__(self) -> str:
        return f"activity {self.activity!r} was over then"


class AlreadyEvaluated(Refusal, frozen=True):
    """By the facts as they stand the result is what it was."""

    code = "already_evaluated"
    activity: str
    streamer: str
    result: str

    def __str__(self) -> str:
        return f"{self.streamer!r} in activity {self.activity!r} is {self.result} already"


class AwardNotFound(Refusal, frozen=True):
    """The streamer has no award of that activity."""

    code = "award_not_found"
    activity: str
    streamer: str

    def __str__(self) -> str:
        return f"{self.streamer!r} has no award of activity {self.activity!r}"


class AwardWithdrawn(Refusal, frozen=True):
    """The award was withdrawn for good."""

    code = "award_withdrawn"
    activity: str
    streamer: str

    def __str__(self) -> str:
        return f"the award of {self.streamer!r} in activity {self.activity!r} was withdrawn"


class CommissionExists(Refusal, frozen=True):
    """A commission of that number was given before."""

    code = "commission_exists"
    commission: str

    def __str__(self) -> str:
        return f"commission {self.commission!r} was given before"


class CommissionNotFound(Refusal, frozen=True):
    """The platform gave this streamer no such commission. Rule: LIVE-EARN-2."""

    code = "commission_not_found"
    commission: str
    streamer: str

    def __str__(self) -> str:
        return f"{self.streamer!r} was given no commission {self.commission!r}"


class SaleAlreadyCounted(Refusal, frozen=True):
    """That order was recorded by another command."""

    code = "sale_already_counted"
    sale: str

    def __str__(self) -> str:
        return f"sale {self.sale!r} was already counted"


class SaleNotFound(Refusal, frozen=True):
    """No sale of that number was recorded."""

    code = "sale_not_found"
    sale: str

    def __str__(self) -> str:
        return f"no sale {self.sale!r} is in the books"


class ExceedsSale(Refusal, frozen=True):
    """More came back than was sold and not yet returned."""

    code = "exceeds_sale"
    sale: str
    currency: str
    left_minor: int
    asked_minor: int

    def __str__(self) -> str:
        left, asked = (written(minor, self.currency) for minor in (self.left_minor, self.asked_minor))
        return f"of sale {self.sale!r} {left} is not returned; {asked} was asked"


class CaseExists(Refusal, frozen=True):
    """A case of that number was taken up before."""

    code = "ip_case_exists"
    ip_case: str

    def __str__(self) -> str:
        return f"case {self.ip_case!r} was taken up before"


class CaseNotFound(Refusal, frozen=True):
    """No such case was taken up."""

    code = "ip_case_not_found"
    ip_case: str

    def __str__(self) -> str:
        return f"no case {self.ip_case!r} is in the books"


class VoucherMissing(Refusal, frozen=True):
    """A cost counts only with its voucher. Rule: LIVE-IP-4."""

    code = "voucher_missing"
    ip_case: str

    def __str__(self) -> str:
        return f"the cost of case {self.ip_case!r} has no voucher"


class VoucherAlreadyUsed(Refusal, frozen=True):
    """A voucher stands for one cost."""

    code = "voucher_already_used"
    voucher: str

    def __str__(self) -> str:
        return f"voucher {self.voucher!r} was already used"


ACCRUAL_REFUSALS: tuple[type[Refusal], ...] = (
    TaskNotFound,
    TaskAlreadyRewarded,
    TargetNotReached,
    ActivityVersionExists,
    ActivityNotFound,
    ActivityOver,
    AlreadyEvaluated,
    AwardNotFound,
    AwardWithdrawn,
    CommissionExists,
    CommissionNotFound,
    SaleAlreadyCounted,
    SaleNotFound,
    ExceedsSale,
    CaseExists,
    CaseNotFound,
    VoucherMissing,
    VoucherAlreadyUsed,
)
