"""What accrues besides gifts, and the records it rests on. Amounts are fen, moments instants.

Rules: LIVE-EARN-2, LIVE-TASK-1, LIVE-ACT-1 to LIVE-ACT-3, LIVE-COND-2, LIVE-IP-3, LIVE-IP-4.
"""

from typing import ClassVar
from uuid import UUID

from ledger.journal.commands import Command

#: What a task can ask for: a sum over the sessions of its period, or how many there were.
TASK_METRICS = ("minutes", "interactions", "viewers", "sessions")


class AssignTask(Command, frozen=True, gc=False):
    """A task (主播任务) for one streamer: reach the target in the sessions opened from ``since`` on.

    Those opened at ``until`` or later do not count. Its id is the task's.
    """

    streamer: str
    metric: str
    target: int
    since: int
    until: int
    reward_minor: int
    rule_version: str

    kind: ClassVar[str] = "task"


class EvaluateTask(Command, frozen=True, gc=False):
    """Reward a task if its target is reached; once, whoever asks how often."""

    task: UUID

    kind: ClassVar[str] = "task_evaluate"


class PublishActivity(Command, frozen=True, gc=False):
    """A version of an official activity's rules (官方活动): who enrols from now on takes part under it.

    Sessions count that are on between ``since`` and ``until`` and carry the tag.
    """

    activity: str
    version: str
    since: int
    until: int
    tag: str
    minimum_interactions: int
    face_shown: bool
    award_minor: int

    kind: ClassVar[str] = "activity"


class Enrol(Command, frozen=True, gc=False):
    """A streamer signs up (报名), which pins the newest version of the rules; again, to take a newer one."""

    activity: str
    streamer: str

    kind: ClassVar[str] = "enrol"


class EvaluateActivity(Command, frozen=True, gc=False):
    """Award or disqualify a streamer by the facts as they stand; a correction of them may be judged again."""

    activity: str
    streamer: str

    kind: ClassVar[str] = "activity_evaluate"


class WithdrawAward(Command, frozen=True, gc=False):
    """An award is taken back for good, for a reason that is no fact of the sessions."""

    activity: str
    streamer: str
    reason: str

    kind: ClassVar[str] = "award_withdraw"


class Promote(Command, frozen=True, gc=False):
    """A streamer promoted interactive play (推广直播间互动玩法).

    Without a permission (书面许可) it earns nothing.
    """

    streamer: str
    session: UUID | None
    permission: str | None
    amount_minor: int

    kind: ClassVar[str] = "promotion"


class GiveCommission(Command, frozen=True, gc=False):
    """The platform gives a streamer goods to sell (带货委托), at a rate in ten-thousandths of the price."""

    commission: str
    streamer: str
    goods: str
    rate_bps: int

    kind: ClassVar[str] = "commission"


class RecordSale(Command, frozen=True, gc=False):
    """Goods were sold under a commission. ``sale`` is the shop's order number."""

    sale: str
    commission: str
    streamer: str
    session: UUID | None
    price_minor: int

    kind: ClassVar[str] = "sale"


class ReturnGoods(Command, frozen=True, gc=False):
    """Goods of a sale came back, of this price: their commission is taken back."""

    sale: str
    price_minor: int

    kind: ClassVar[str] = "goods_returned"


class OpenCase(Command, frozen=True, gc=False):
    """The platform takes up a case (维权) for a streamer's work."""

    ip_case: str
    streamer: str
    work: str

    kind: ClassVar[str] = "ip_case"


class RecordCost(Command, frozen=True, gc=False):
    """A cost (维权成本) of a case was paid. Without its voucher it does not count."""

    ip_case: str
    amount_minor: int
    voucher: str | None

    kind: ClassVar[str] = "ip_cost"


class ReceiveProceeds(Command, frozen=True, gc=False):
    """A case brought in money: what its costs leave is shared half and half."""

    ip_case: str
    amount_minor: int

    kind: ClassVar[str] = "ip_proceeds"


class Adjust(Command, frozen=True, gc=False):
    """Finance corrects what a streamer earned, with a reason; below zero it takes away. Rule: LIVE-EARN-6.

    ``reference`` names what is corrected, such as an objection.
    """

    streamer: str
    amount_minor: int
    reason: str
    reference: str | None = None

    kind: ClassVar[str] = "adjustment"
