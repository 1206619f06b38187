"""What a decision can consist of, how heavy a violation is, and what can be restricted.

The measures stand in the order of the agreement (LIVE-MATCH-1, LIVE-MOD-6), then what this house adds.
"""

from collections.abc import Mapping
from enum import StrEnum


class Severity(StrEnum):
    """How heavy a violation is, lightest first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class MeasureKind(StrEnum):
    """A measure (处理措施)."""

    WARN = "warn"
    REFUSE_PUBLISH = "refuse_publish"
    DELETE_CONTENT = "delete_content"
    RESTRICT = "restrict"
    RECTIFY = "rectify"
    PAUSE = "pause"
    SUSPEND_SERVICE = "suspend_service"
    TERMINATE_SERVICE = "terminate_service"
    CLOSE_ACCOUNT = "close_account"
    RECOVER_ACCOUNT = "recover_account"
    FREEZE = "freeze"
    PENALTY = "penalty"
    DAMAGES = "damages"
    RETURN_TIPS = "return_tips"
    RETURN_MINORS_TIPS = "return_minors_tips"
    COMPENSATION = "compensation"
    LEGAL_HOLD = "legal_hold"


#: Those that take or give money: shown beforehand, and done only as they were shown.
MONEY_MEASURES = frozenset(
    {
        MeasureKind.PENALTY,
        MeasureKind.DAMAGES,
        MeasureKind.RETURN_TIPS,
        MeasureKind.RETURN_MINORS_TIPS,
        MeasureKind.COMPENSATION,
    }
)


class Feature(StrEnum):
    """What a person can be kept from (限制功能)."""

    TIP = "tip"
    TOP_UP = "top_up"
    RECEIVE = "receive"
    STREAM = "stream"
    WITHDRAW = "withdraw"
    COMMENT = "comment"


_SERVICE = frozenset({Feature.STREAM, Feature.RECEIVE, Feature.TIP, Feature.TOP_UP})
_NOTHING: frozenset[Feature] = frozenset()
#: What each measure keeps a person from; a restriction names it instead, and most keep from nothing.
KEEPS_FROM: Mapping[MeasureKind, frozenset[Feature]] = dict.fromkeys(MeasureKind, _NOTHING) | {
    MeasureKind.PAUSE: frozenset({Feature.STREAM}),
    MeasureKind.SUSPEND_SERVICE: _SERVICE,
    MeasureKind.TERMINATE_SERVICE: _SERVICE,
    MeasureKind.CLOSE_ACCOUNT: _SERVICE | {Feature.COMMENT},
    MeasureKind.RECOVER_ACCOUNT: frozenset(Feature),
    MeasureKind.LEGAL_HOLD: frozenset({Feature.WITHDRAW}),
}
