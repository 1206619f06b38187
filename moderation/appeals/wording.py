"""What a person is told of an appeal, in plain Chinese. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from ledger.instants import business_day, date_of
from ledger.money import written
from moderation.appeals.commands import Verdict
from moderation.cases.reasons import shortened_written
from moderation.measures.standing import Measure
from moderation.takings.shown import Taking

_VERDICTS = {
    Verdict.UPHELD: "维持原处理决定",
    Verdict.CHANGED: "变更原处理决定",
    Verdict.OVERTURNED: "撤销原处理决定",
}
_ACCOUNTS = {
    "accruals": "待结算收益",
    "earnings": "收益余额",
    "gifts": "待结算礼物",
    "wallet": "智联币钱包",
    "debt": "应收款",
    "refunds_payable": "应付退款",
}


def received(case: str, *, answer_by: int, was_taken: bool) -> str:
    """That an appeal was received, and by when it is answered."""
    text = f"您就案件 {case} 提出的申诉已收到，我们将在 {_last_day(answer_by)} 前（含当日）答复。"
    return text if was_taken else text + "答复之前，所涉款项不会被划转。"


class Change(NamedTuple):
    """What an answer changes for a person: how many measures end, and which end sooner; what is theirs
    again, or not taken after all (``was_taken``); and whether tips stand again that the person gave back,
    or had back.
    """

    ended: int
    sooner: Sequence[Measure]
    back: Sequence[Taking]
    was_taken: bool
    gave_tips_back: bool
    had_tips_back: bool


def answered(case: str, verdict: Verdict, reason: str, change: Change) -> str:
    """What became of an appeal, told to whoever filed it: the verdict and why, and what changes."""
    said = f"您就案件 {case} 提出的申诉，处理结果为：{_VERDICTS[verdict]}。理由：{reason}。"
    return said + _changes(change)


def answered_to_another(case: str, verdict: Verdict, change: Change) -> str:
    """What became of it, told to whom it changes something for, without what somebody else's appeal said."""
    said = f"案件 {case} 中涉及您的处理决定经他人申诉复核，结果为：{_VERDICTS[verdict]}。"
    return said + _changes(change)


def _changes(change: Change) -> str:
    parts = []
    if change.ended:
        parts.append(f"已解除处理措施 {change.ended} 项。")
    parts.append(shortened_written(change.sooner))
    if change.back:
        amounts = "、".join(_amount(taking) for taking in change.back)
        parts.append(f"{'已退还' if change.was_taken else '已解除冻结，不再扣除'}：{amounts}。")
    if change.gave_tips_back:
        parts.append("已退回观众的打赏收益将恢复至您的账户，完成后可在账单中查看。")
    if change.had_tips_back:
        parts.append("已退回的打赏重新计为有效打赏：退回给您的款项仍全额在账的予以扣回，否则由平台承担。")
    return "".join(parts)


def _amount(taking: Taking) -> str:
    currency = "ZLB" if taking.account in ("gifts", "wallet") else "CNY"
    number = written(taking.amount_minor, currency).partition(" ")[0]
    return f"{_ACCOUNTS[taking.account]} {number} {'智联币' if currency == 'ZLB' else '元'}"


def _last_day(too_late: int) -> str:
    return date_of(business_day(too_late - 1)).isoformat()
