"""The kinds of earning (收益类型), and the account each accrues from. Rule: LIVE-EARN-2."""

from enum import StrEnum


class EarningKind(StrEnum):
    """What a streamer can earn by. Gifts are settled from coins; every other kind accrues in fen."""

    GIFT = "gift"
    TASK = "task"
    ACTIVITY_AWARD = "activity_award"
    INTERACTION_PROMO = "interaction_promo"
    COMMERCE = "commerce"
    IP_PROCEEDS = "ip_proceeds"
    ADJUSTMENT = "adjustment"


#: Whose expense an accrual of a kind is; proceeds come in at the bank instead.
EXPENSE_OF_KIND = {
    EarningKind.TASK: "reward_expense",
    EarningKind.ACTIVITY_AWARD: "award_expense",
    EarningKind.INTERACTION_PROMO: "promotion_expense",
    EarningKind.COMMERCE: "commission_expense",
    EarningKind.ADJUSTMENT: "adjustments",
}
