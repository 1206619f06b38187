"""What reporters are told, in plain Chinese. It names the report by its receipt, and nobody."""

from uuid import UUID

from moderation.notices.writing import Notice
from moderation.reports.judging import last_day_of

KIND = "report"


def proof_needed(reporter: str, report: UUID, due: int) -> Notice:
    """That proof of identity is awaited, and until when (an instant)."""
    return _notice(
        reporter,
        f"我们已收到您的举报（回执编号：{report}）。受理此类举报需要核实举报人身份，请于{last_day_of(due)}（含当日，北京时间）"
        "前提交真实、完整的姓名、证件号码及相关材料。逾期未提交的，我们将无法受理。您的身份信息会加密保存，不会向被举报人透露。",
    )


def more_needed(reporter: str, report: UUID, due: int, reason: str) -> Notice:
    """That a moderator needs more, why, and until when."""
    return _notice(
        reporter,
        f"您的举报（回执编号：{report}）还需要补充材料。说明：{reason}。请于{last_day_of(due)}（含当日，北京时间）前提交，"
        "逾期未提交的，我们将无法受理。",
    )


def accepted(reporter: str, report: UUID) -> Notice:
    """That it is looked into."""
    return _notice(
        reporter, f"您的举报（回执编号：{report}）已受理，我们会依照平台规则核查处理。感谢您的反馈。"
    )


def rejected(reporter: str, report: UUID, *, bad_faith: bool) -> Notice:
    """That it came to nothing."""
    warning = "经核查，该举报被认定为恶意举报，请您遵守平台规则。" if bad_faith else ""
    return _notice(
        reporter,
        f"您的举报（回执编号：{report}）经审核未予受理：现有材料不足以认定存在违规行为。{warning}",
    )


def closed(reporter: str, report: UUID) -> Notice:
    """That proof did not come in time. Rule: LIVE-REPORT-2."""
    return _notice(
        reporter,
        f"您的举报（回执编号：{report}）因未在规定期限内提交身份证明及相关材料，无法受理，现已关闭。备齐材料后您可以重新举报。",
    )


def _notice(reporter: str, text: str) -> Notice:
    # No case: whoever reports has no part in what becomes of it.
    return Notice(reporter, KIND, None, text)
