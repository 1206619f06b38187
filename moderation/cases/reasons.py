"""The statement of reasons (处理决定说明): what was found, by which rule, what follows, how to appeal. Pure.

In plain Chinese, from the decision itself; it names nobody but whom it concerns, no reporter above all.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta, timezone
from uuid import UUID

from ledger.chart import CHART
from ledger.instants import datetime_of
from ledger.money import decimal_of
from moderation.cases.affairs import Parts, as_concerning, parts_of
from moderation.cases.commands import EVERYTHING
from moderation.cases.ending import Ending
from moderation.cases.records import Decision
from moderation.cases.writing import Found
from moderation.measures.kinds import Feature, MeasureKind, Severity
from moderation.measures.standing import Measure
from moderation.rules.document import RuleBook
from moderation.takings.returning import WentBack
from moderation.takings.shown import HELD, Head, Preview, Shown

_CHINA = timezone(timedelta(hours=8))

MEASURE_NAMES: dict[MeasureKind, str] = {
    MeasureKind.WARN: "警示",
    MeasureKind.REFUSE_PUBLISH: "拒绝发布",
    MeasureKind.DELETE_CONTENT: "删除信息",
    MeasureKind.RESTRICT: "限制功能",
    MeasureKind.RECTIFY: "限期改正",
    MeasureKind.PAUSE: "暂停更新",
    MeasureKind.SUSPEND_SERVICE: "中止服务",
    MeasureKind.TERMINATE_SERVICE: "终止服务",
    MeasureKind.CLOSE_ACCOUNT: "关闭账号",
    MeasureKind.RECOVER_ACCOUNT: "回收账号",
    MeasureKind.FREEZE: "冻结",
    MeasureKind.PENALTY: "扣除违约金",
    MeasureKind.DAMAGES: "赔偿损失",
    MeasureKind.RETURN_TIPS: "退回打赏",
    MeasureKind.RETURN_MINORS_TIPS: "退还未成年人打赏",
    MeasureKind.COMPENSATION: "向您赔付",
    MeasureKind.LEGAL_HOLD: "依法留存并移交有关机关",
}
FEATURE_NAMES: dict[Feature, str] = {
    Feature.TIP: "打赏",
    Feature.TOP_UP: "充值",
    Feature.RECEIVE: "接收打赏",
    Feature.STREAM: "直播",
    Feature.WITHDRAW: "提现",
    Feature.COMMENT: "发言",
}
SEVERITY_NAMES: dict[Severity, str] = {
    Severity.LOW: "轻微",
    Severity.MEDIUM: "一般",
    Severity.HIGH: "严重",
    Severity.CRITICAL: "特别严重",
}
_ACCOUNT_NAMES = {
    "wallet": "智联币钱包",
    "gifts": "待结算礼物",
    "accruals": "待结算收益",
    "earnings": "收益余额",
    EVERYTHING: "全部账户",
}
_BECAUSE_NAMES = {
    "points": "违规积分达到相应档次",
    "mute": "禁言期间及其后暂停接收打赏的期限",
    "clean_period": "处理结束后的观察期",
}
_HEAD_NAMES = {
    Head.PROPERTY: "财产损失",
    Head.REPUTATION: "商誉损失",
    Head.LAWYER_FEE: "律师费",
    Head.TRAVEL: "差旅费",
    Head.EVIDENCE: "取证费用",
    Head.THIRD_PARTY_CLAIM: "向第三方的赔偿",
    Head.LOST_PROFIT: "可得利益损失",
    Head.INDIRECT: "间接损失",
    Head.CONSEQUENTIAL: "后果性损失",
    Head.INCIDENTAL: "附带损失",
    Head.SPECIAL: "特殊损失",
    Head.PUNITIVE: "惩罚性赔偿",
}
_FREED = "由此冻结的款项解除冻结；另有其他冻结的，以其他冻结为准。"
_END_NAMES = {
    "lifted": "已提前解除",
    "refused": "经复核未予批准，已撤销",
    "overturned": "经申诉已撤销",
}


def moment_written(instant: int) -> str:
    """An instant as people in China read it."""
    moment = datetime_of(instant).astimezone(_CHINA)
    return f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}（北京时间）"


def decision_reasons(
    decision: Decision,
    found: Sequence[Found],
    books: Mapping[str, RuleBook],
    reason: str,
    party: str,
    previews: Mapping[UUID, Preview],
) -> str:
    """What a party is told of a decision that imposes something on them, or takes a part of theirs.

    What was found, and why it weighs so, only whom the case is about is told. ``books`` are the rule books
    by version: each finding cites that of its own time. ``previews`` are what was shown of its measures.
    """
    book = books[decision.rule_version]
    lines = [f"处理决定通知（案件 {decision.case}，决定编号 {decision.decision}）"]
    if party == decision.party:
        lines += ["", "一、事实与理由", reason, *(_finding(n, one, books) for n, one in enumerate(found, 1))]
    else:
        lines += ["", "一、事实与理由", "平台在处理上述案件时作出的以下决定涉及您的账户。"]
    parts = parts_of(decision.measures, previews)
    measures = as_concerning(decision.measures, party, parts)
    lines += ["", f"二、处理措施（依据规则版本 {decision.rule_version}）"]
    for n, one in enumerate(measures, 1):
        lines.append(f"{n}. {measure_written(one)}（{book.measures[one.kind].clause}）")
        if one.preview and one.party == party:
            lines += _items(previews[one.preview].shown)
    if not measures:
        lines.append("本决定仅作记录，未采取处理措施。")
    lines += ["", "三、生效与执行", *_effect(decision, measures, party, parts)]
    until = moment_written(decision.appeal_until)
    appeal = (
        f"如对本决定有异议，请在 {until} 之前，在“我的处理决定”中选择本决定提出申诉并说明理由。"
        "申诉由未参与作出和批准本决定的人员复核。"
        "申诉成立的，已采取的措施予以解除，已扣除的款项如数恢复。"
    )
    return "\n".join((*lines, "", "四、如何申诉", appeal))


def end_reasons(decision: Decision, ending: Ending, party: str, parts: Parts) -> str:
    """What a party is told of measures on them that ended before their time, and of those that end sooner.

    Why, only whom the case is about is told.
    """
    names = "、".join(_named(measure) for measure in as_concerning(ending.measures, party, parts))
    lines = [
        f"处理措施变更通知（案件 {decision.case}，决定编号 {decision.decision}）",
        "",
        f"对您采取的以下措施{_END_NAMES[ending.how]}：{names}。",
    ]
    if party == decision.party:
        lines.append(f"理由：{ending.reason}")
    lines += shortened_written(one for one in ending.sooner if one.party == party)
    if party in ending.freed:
        lines.append(_FREED)
    if party in ending.frozen_again:
        lines.append("本案在本决定之前对您账户的冻结恢复原状。")
    return "\n".join(lines)


def execution_reasons(decision: Decision, measures: Iterable[Measure]) -> str:
    """What a party is told when the money of a decision moves, by measures as far as they take it still."""
    parts = "；".join(f"{_named(one)} {_money(one.amount_minor or 0, 'CNY')}" for one in measures)
    return (
        f"处理决定执行通知（案件 {decision.case}，决定编号 {decision.decision}）\n\n"
        f"申诉期限已过，或者依规则无需等待，本决定中涉及款项的措施已开始执行：{parts}。"
    )


def given_reasons(decision: Decision, measure: Measure, went: WentBack) -> str:
    """What a streamer is told when the tips that they give back have gone: out of what, and what is owed."""
    parts = [
        f"{said} {_money(minor, currency)}"
        for said, minor, currency in (
            ("待结算礼物", went.unsettled_coins, "ZLB"),
            ("收益余额", went.earnings_minor, "CNY"),
            ("计为应收款，由以后的收益抵充", went.debt_minor, "CNY"),
        )
        if minor
    ]
    return _returned(decision, measure, f"由您退回：{'、'.join(parts) or '无'}。{_FREED}")


def received_reasons(decision: Decision, measure: Measure, went: Iterable[WentBack]) -> str:
    """What whoever gets tips back is told when they have gone: coins, or of a minor's what is refunded."""
    sums = list(went)
    if measure.kind is MeasureKind.RETURN_MINORS_TIPS:
        refund = _money(sum(one.refund_minor for one in sums), "CNY")
        return _returned(decision, measure, f"应向您退款 {refund}。")
    coins = _money(sum(one.coins for one in sums), "ZLB")
    return _returned(decision, measure, f"已退回 {coins}。")


def _returned(decision: Decision, measure: Measure, said: str) -> str:
    return (
        f"退回打赏完成通知（案件 {decision.case}，决定编号 {decision.decision}）\n\n"
        f"{_named(measure)}已完成，{said}其间如有已撤销、已扣除或者被其他措施冻结的打赏，未予退回。"
    )


def freeze_reasons(case: str, rule: str, account: str, amount_minor: int | None, until: int | None) -> str:
    """What a party is told of a freeze that was placed at once, before anything is decided. LIVE-MOD-2."""
    return (
        f"冻结通知（案件 {case}）\n\n"
        f"一、事实与理由\n平台在处理上述案件时，认为需要立即采取措施（依据 {rule}）。\n\n"
        f"二、处理措施\n冻结您的{_ACCOUNT_NAMES[account]}{_amount(account, amount_minor)}，{_until(until)}。"
        "冻结不是扣除：款项仍归您所有。\n\n"
        "三、如何申诉\n如有异议，请就上述案件联系客服说明理由，平台将在规定期限内答复；"
        "如其后作出扣款等决定，将另行通知您并给予申诉期限。"
    )


def lift_reasons(case: str, account: str) -> str:
    """What a party is told when such a freeze is lifted."""
    return f"解除冻结通知（案件 {case}）\n\n对您的{_ACCOUNT_NAMES[account]}的本次冻结已解除。{_FREED}"


def shortened_written(sooner: Iterable[Measure]) -> list[str]:
    """What ends sooner than was decided, and when."""
    return [f"{_named(one)}的期限相应缩短，{_until(one.until)}。" for one in sooner]


def measure_written(measure: Measure, remitted_fen: int = 0) -> str:
    """A measure in a few words: what, how much and what appeals remitted of it, until when, and why."""
    parts = [_named(measure)]
    if measure.account:
        parts.append(f"{_ACCOUNT_NAMES[measure.account]}{_amount(measure.account, measure.amount_minor)}")
    elif measure.preview:
        parts.append(f"合计 {_money(measure.amount_minor or 0, 'CNY')}")
    if remitted_fen:
        parts.append(f"其中经申诉减免 {_money(remitted_fen, 'CNY')}")
    if measure.keeps_from or measure.until is not None or measure.account:
        parts.append(_until(measure.until))
    if measure.because:
        parts.append(_BECAUSE_NAMES[measure.because])
    if measure.note:
        parts.append(measure.note)
    return "，".join(parts)


def _named(measure: Measure) -> str:
    name = MEASURE_NAMES[measure.kind]
    return f"{name}：{FEATURE_NAMES[measure.feature]}" if measure.feature else name


def _finding(n: int, found: Found, books: Mapping[str, RuleBook]) -> str:
    book = books[found.rule_version]
    item = book.items[found.rule]
    sentence = f"{n}. 违反规则“{book.groups[item.group].title}”：{item.title}（{found.rule}，{item.clause}）"
    sentence += f"，程度认定为{SEVERITY_NAMES[found.severity]}，记 {found.points} 分"
    moment = moment_written(found.happened_at)
    sentence += f"，按 {moment} 时施行的规则版本 {found.rule_version} 认定"
    if found.session is not None:
        sentence += f"，直播场次 {found.session}"
    if found.evidence:
        sentence += f"，证据 {len(found.evidence)} 份"
    if found.override_reason:
        sentence += f"。从规则的通常处理变更的理由：{found.override_reason}"
    return sentence + "。"


def _effect(decision: Decision, measures: Sequence[Measure], party: str, parts: Parts) -> Iterable[str]:
    money = {measure.measure for measure in measures if measure.preview}
    holding = {placed.measure for placed in decision.holds if placed.account.owner == party}
    gives = {
        measure for (measure, person), part in parts.items() if person == party and part.is_given_by_them
    }
    if len(money) < len(measures):
        yield "除涉及款项的措施外，以上措施自本决定作出时起生效。"
    if not measures:
        yield "所记分数自本决定作出时起计算。"
    if money:
        assert decision.execute_at is not None
        since = moment_written(decision.execute_at)
        set_aside = "，相应款项先行冻结" if money & holding - gives else ""
        yield f"涉及款项的措施{set_aside}，不早于 {since} 执行；申诉处理期间不执行。"
    if money & gives:
        yield (
            "退回的打赏从您的待结算礼物和收益余额中支出，不足的部分计为应收款，由以后的收益抵充；"
            "退回完成之前，这两个账户整体冻结。"
        )
    if decision.needs_second:
        yield "涉及款项的措施须经另一名人员批准后方可执行；未获批准的，全部措施予以撤销。"


def _items(shown: Shown) -> Iterable[str]:
    """What damages or a compensation consist of, and what a penalty covers of them (LIVE-MOD-8); out of what
    a penalty or damages are taken, and what of them is owed.
    """
    for loss in shown.losses:
        yield f"   - {_HEAD_NAMES[loss.head]} {_money(loss.amount_minor, 'CNY')}：{loss.what}"
    if shown.netted_minor:
        yield f"   - 其中 {_money(shown.netted_minor, 'CNY')} 已由违约金抵充"
    for taking in shown.takings:
        if taking.account == "debt":
            yield f"   - 余额不足，{_money(taking.amount_minor, 'CNY')} 计为应收款，由以后的收益抵充"
        elif taking.account in HELD:
            amount = _money(taking.amount_minor, CHART[taking.account].currency)
            yield f"   - 从{_ACCOUNT_NAMES[taking.account]}扣除 {amount}"


def _amount(account: str, amount_minor: int | None) -> str:
    if amount_minor is None:
        return "的全部余额及其后到账的款项"
    return f"中的 {_money(amount_minor, CHART[account].currency)}"


def _money(amount_minor: int, currency: str) -> str:
    return f"{decimal_of(amount_minor, currency)} {'元' if currency == 'CNY' else '智联币'}"


def _until(until: int | None) -> str:
    return "至解除时止" if until is None else f"至 {moment_written(until)} 止"
