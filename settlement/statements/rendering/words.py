"""The words on a statement, in Chinese and in English. Names are those of the glossary."""

from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

_WORDS: dict[str, tuple[str, str]] = {
    "statement": ("结算单", "Statement"),
    "item": ("项目", "Item"),
    "value": ("内容", "Value"),
    "number": ("结算单编号", "Number"),
    "format": ("格式", "Format"),
    "run": ("结算批次", "Run"),
    "streamer": ("主播", "Streamer"),
    "period": ("结算周期", "Period"),
    "from": ("起始日", "From"),
    "through": ("截止日", "Through"),
    "entry": ("会计分录", "Entry"),
    "issued_at": ("出单时间", "Issued at"),
    "balances": ("余额", "Balances"),
    "account": ("账户", "Account"),
    "unit": ("单位", "Unit"),
    "opening": ("期初", "Opening"),
    "change": ("变动", "Change"),
    "closing": ("期末", "Closing"),
    "gifts_account": ("待结算礼物", "Gifts to be settled"),
    "accruals_account": ("待结算收益", "Accruals to be settled"),
    "earnings_account": ("收益余额", "Earnings"),
    "coins": ("智联币", "Coins"),
    "yuan": ("元", "CNY"),
    "gift_lines": ("礼物收益", "Earned from gifts"),
    "other_lines": ("其他收益", "Earned otherwise"),
    "by_kind": ("按收益类型合计", "All by kind of earning"),
    "line": ("序号", "Line"),
    "kind": ("收益类型", "Kind"),
    "session": ("直播场次", "Live session"),
    "policy": ("结算政策版本", "Policy"),
    "class": ("主播等级", "Class"),
    "guild": ("公会", "Guild"),
    "tier_from_coins": ("档位起点 币", "Tier from coins"),
    "share_bps": ("分成 %", "Share %"),
    "quality_bps": ("其中质量 %", "of it quality %"),
    "gifts": ("礼物笔数", "Gifts"),
    "face_minor": ("面值 元", "Face value CNY"),
    "amount_minor": ("主播收益 元", "Earned CNY"),
    "guild_minor": ("公会分成 元", "Guild CNY"),
    "platform_minor": ("平台收入 元", "Platform CNY"),
    "count": ("笔数", "Count"),
    "sum": ("合计", "Sum"),
    "not_settled": ("未结算", "Not settled"),
    "amount": ("金额", "Amount"),
    "reason": ("原因", "Reason"),
    "holds": ("延时到账", "Delayed arrival"),
    "available_on": ("到账日", "Available on"),
    "hold": ("冻结编号", "Hold"),
    "returned_tips": ("退回的打赏（自上一结算单以来）", "Tips that went back since the statement before"),
    "returned": ("退回观众", "Returned"),
    "restored": ("恢复", "Restored"),
    "unsettled_coins": ("其中未结算 币", "of it not settled"),
    "earnings_changed": ("收益余额变动 元", "Earnings CNY"),
    "debt_changed": ("应收款变动 元", "Owed CNY"),
    "totals": ("总计", "Totals"),
    "total_gross": ("收益总额", "Earned in all"),
    "total_guild": ("减：公会分成", "Less the guild's"),
    "total_credited": ("计入收益余额", "Credited to earnings"),
    "total_held": ("减：延时到账", "Less held until later"),
    "total_available": ("本单即时可用", "Available at once"),
    "total_platform": ("另：平台收入", "Besides, the platform's"),
    "inputs": ("计算依据", "Computed from"),
    "through_seq": ("分录序号截至", "Journal up to"),
    "pinned_seq": ("政策与场次截至", "Policies and sessions up to"),
    "cutoff": ("收入时间截至", "Received before"),
    "policies": ("结算政策", "Policies"),
    "version": ("版本", "Version"),
    "sha256": ("SHA-256", "SHA-256"),
    "strata": ("此前已结算的范围", "Settled before"),
    "from_seq": ("起始分录", "From entry"),
    "to_seq": ("截止分录", "To entry"),
    "mark_at": ("已结算至（收入时间）", "Settled what was received before"),
    "mark_seq": ("该时刻所至分录", "and of then up to entry"),
    "part": ("其中部分", "Part of it"),
    "statement_line": ("结算单明细行", "A line of a statement"),
    "effective_at": ("生效时间", "In force from"),
    "arithmetic": ("计算过程", "The arithmetic"),
    "coins_of_terms": ("同等条件下的智联币", "Coins under these terms"),
    "face_of_terms": ("其面值（元）", "their face value CNY"),
    "share_of_terms": ("分成，合计后四舍五入一次", "the share, rounded half up once"),
    "guild_of_terms": ("其中公会", "of it the guild's"),
    "without_guild": ("减去公会", "without the guild's"),
    "without_other_lines": ("减去同等条件的其他行", "without the other lines under these terms"),
    "accruals_of_line": ("各笔相加", "All of them together"),
    "receipts": ("所含收入", "What it consists of"),
    "occurred_at": ("发生时间", "Occurred at"),
    "receipt": ("内容", "What"),
    "amount_of_line": ("本行收益", "This line comes to"),
    "not_available": ("—", "-"),
}

_KINDS = {
    "gift": ("礼物", "gift"),
    "task": ("任务奖励", "task"),
    "activity_award": ("活动奖励", "activity award"),
    "interaction_promo": ("互动玩法推广", "interactive promotion"),
    "commerce": ("带货佣金", "commerce commission"),
    "ip_proceeds": ("维权收益", "IP proceeds"),
    "adjustment": ("调整", "adjustment"),
}

_REASONS = {
    "frozen": ("账户冻结", "the account is frozen"),
    "held": ("部分冻结", "held"),
    "barred": ("限制支出", "barred from paying out"),
}


def word(name: str, language: Language) -> str:
    """What a part of a statement is called."""
    return _WORDS[name][LANGUAGES.index(language)]


def kind_word(kind: str, language: Language) -> str:
    """A kind of earning; one this version does not know is called as the document calls it."""
    return _KINDS.get(kind, (kind, kind))[LANGUAGES.index(language)]


def reason_word(reason: str, language: Language) -> str:
    """Why something was not settled; a reason this version does not know stands as it is."""
    return _REASONS.get(reason, (reason, reason))[LANGUAGES.index(language)]
