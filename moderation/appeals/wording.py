"""What a person is told of an appeal, in plain Chinese. Pure."""

from collections.abc import Sequence

from ledger.instants import business_day, date_of
from ledger.money import written
from moderation.appeals.commands import Verdict
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


def answered(
    case: str,
    verdict: Verdict,
    reason: str,
    *,
    ended: int,
    back: Sequence[Taking],
    was_taken: bool,
    tips_return: bool,
) -> str:
    """What became of it: the verdict and why, how many measures ended, and what is the person's again."""
    parts = [f"您就案件 {case} 提出的申诉，处理结果为：{_VERDICTS[verdict]}。理由：{reason}。"]
    if ended:
        parts.append(f"已解除处理措施 {ended} 项。")
    if back:
        amounts = "、".join(_amount(taking) for taking in back)
        parts.append(f"{'已退还' if was_taken else '已解除冻结，不再扣除'}：{amounts}。")
    if tips_return:
        parts.append("已退回观众的打赏收益将恢复至您的账户，完成后可在账单中查看。")
    return "".join(parts)


def _amount(taking: Taking) -> str:
    currency = "ZLB" if taking.account in ("gifts", "wallet") else "CNY"
    number = written(taking.amount_minor, currency).partition(" ")[0]
    return f"{_ACCOUNTS[taking.account]} {number} {'智联币' if currency == 'ZLB' else '元'}"


def _last_day(too_late: int) -> str:
    return date_of(business_day(too_late - 1)).isoformat()
