"""What a person is told of an appeal, in plain Chinese. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ledger.instants import business_day, date_of
from ledger.money import written
from moderation.appeals.commands import Verdict
from moderation.cases.reasons import shortened_written
from moderation.measures.standing import Measure

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


@dataclass
class Money:
    """What an answer changes of a person's money, in minor units by account.

    Before the execution: what is not taken, or not given, after all. After it: what is ``back``, a debt
    struck out among it, and what of a compensation is ``gone`` again, or owed.
    """

    not_taken: Counter[str] = field(default_factory=Counter)
    not_given: Counter[str] = field(default_factory=Counter)
    back: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)


class Change(NamedTuple):
    """What an answer changes for a person: how many measures end, and which end sooner; the money; and
    whether tips stand again that the person gave back, or had back.
    """

    ended: int
    sooner: Sequence[Measure]
    money: Money
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
    parts += shortened_written(change.sooner)
    parts += _money(change.money)
    if change.gave_tips_back:
        parts.append("已退回观众的打赏收益将恢复至您的账户，完成后可在账单中查看。")
    if change.had_tips_back:
        parts.append("已退回的打赏重新计为有效打赏：退回给您的款项仍全额在账的予以扣回，否则由平台承担。")
    return "".join(parts)


def _money(money: Money) -> Iterator[str]:
    for said, amounts in (
        ("已解除冻结，不再扣除", _but_debt(money.not_taken)),
        ("不再计收", _debt(money.not_taken)),
        ("不再赔付", money.not_given),
        ("已退还", _but_debt(money.back)),
        ("已冲销", _debt(money.back)),
        ("已撤回赔付", _but_debt(money.gone)),
        ("已支付的赔付计为", _debt(money.gone)),
    ):
        if amounts:
            yield f"{said}：{'、'.join(_amount(*one) for one in amounts.items())}。"


def _debt(amounts: Counter[str]) -> Mapping[str, int]:
    return {account: minor for account, minor in amounts.items() if account == "debt"}


def _but_debt(amounts: Counter[str]) -> Mapping[str, int]:
    return {account: minor for account, minor in amounts.items() if account != "debt"}


def _amount(account: str, amount_minor: int) -> str:
    currency = "ZLB" if account in ("gifts", "wallet") else "CNY"
    number = written(amount_minor, currency).partition(" ")[0]
    return f"{_ACCOUNTS[account]} {number} {'智联币' if currency == 'ZLB' else '元'}"


def _last_day(too_late: int) -> str:
    return date_of(business_day(too_late - 1)).isoformat()
