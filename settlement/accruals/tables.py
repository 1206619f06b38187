"""The tables of what accrues: every earning but gifts, what was taken back, and the rules behind both."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from settlement.tables import metadata


def _entry() -> Column[int]:
    return Column("entry", BigInteger, autoincrement=False, nullable=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _number(name: str, comment: str | None = None) -> Column[int]:
    return Column(name, BigInteger, nullable=False, comment=comment)


def _moment(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False)


accruals = Table(
    "accruals",
    metadata,
    _entry(),
    _text("streamer"),
    _text("kind"),
    _number("amount_minor", "What was credited, fen; 0 with the reason why."),
    Column("session", Uuid),
    Column("reference", Text, nullable=False, comment="The source document: task, activity, order, case."),
    Column("policy_version", Text, comment="In force when it was earned; null when none was published."),
    Column("reason", Text),
    _moment("occurred_at"),
    PrimaryKeyConstraint("entry", name="accruals_pkey"),
    Index("accruals_of_streamer", "streamer", "entry"),
    CheckConstraint(
        "kind IN ('task', 'activity_award', 'interaction_promo', 'commerce', 'ip_proceeds', 'adjustment')",
        name="kind_accrues",
    ),
    CheckConstraint(
        "amount_minor > 0 OR amount_minor = 0 AND reason IS NOT NULL", name="nothing_has_a_reason"
    ),
    comment="Something earned, or found to earn nothing. Append-only.",
)

withdrawals = Table(
    "withdrawals",
    metadata,
    _number("accrual", "The entry of what is taken back."),
    _entry(),
    _text("streamer"),
    _number("amount_minor", "What left the accruals, fen; 0 when it was settled already."),
    _number("earnings_minor", "What left the earnings, fen."),
    _number("debt_minor", "What is owed from now on, fen."),
    _text("reason"),
    _moment("occurred_at"),
    PrimaryKeyConstraint("entry", name="withdrawals_pkey"),
    Index("withdrawals_of_accrual", "accrual"),
    Index("withdrawals_of_streamer", "streamer", "entry"),
    CheckConstraint(
        "amount_minor >= 0 AND earnings_minor >= 0 AND debt_minor >= 0 "
        "AND amount_minor + earnings_minor + debt_minor > 0",
        name="a_withdrawal_takes_something",
    ),
    comment="An accrual, or part of it, taken back. Append-only.",
)

withdrawn_receipts = Table(
    "withdrawn_receipts",
    metadata,
    _entry(),
    _number("received_by", "The entry of what was taken back, or by which it was received again."),
    _number("amount_minor", "What left the accruals of what came in by it, fen."),
    PrimaryKeyConstraint("entry", "received_by", name="withdrawn_receipts_pkey"),
    Index("withdrawn_receipts_received_by", "received_by"),
    CheckConstraint("amount_minor > 0", name="something_was_withdrawn"),
    comment="Of which receipts a withdrawal took what left the accruals. Append-only.",
)

deductions = Table(
    "deductions",
    metadata,
    _entry(),
    _text("streamer"),
    _number("accruals_minor", "What left the accruals, fen."),
    _number("earnings_minor", "What left the earnings, fen."),
    _number("debt_minor", "What is owed from now on, fen."),
    Column("reference", Text),
    _text("reason"),
    _moment("occurred_at"),
    PrimaryKeyConstraint("entry", name="deductions_pkey"),
    Index("deductions_of_streamer", "streamer", "entry"),
    CheckConstraint(
        "accruals_minor >= 0 AND earnings_minor >= 0 AND debt_minor >= 0 "
        "AND accruals_minor + earnings_minor + debt_minor > 0",
        name="a_deduction_takes_something",
    ),
    comment="An adjustment to the streamer's disadvantage. Append-only.",
)

tasks = Table(
    "tasks",
    metadata,
    Column("task", Uuid, nullable=False, comment="The id of the command that assigned it."),
    _entry(),
    _text("streamer"),
    _text("metric"),
    _number("target"),
    _moment("since"),
    _moment("until"),
    _number("reward_minor"),
    _text("rule_version"),
    PrimaryKeyConstraint("task", name="tasks_pkey"),
    CheckConstraint("metric IN ('minutes', 'interactions', 'viewers', 'sessions')", name="metric_is_a_sum"),
    CheckConstraint("target > 0 AND reward_minor > 0 AND since < until", name="a_task_can_be_done"),
    comment="A task (主播任务) assigned to one streamer. Append-only.",
)

task_evaluations = Table(
    "task_evaluations",
    metadata,
    Column("task", Uuid, nullable=False),
    _entry(),
    _number("reached"),
    PrimaryKeyConstraint("task", name="a_task_is_rewarded_once"),
    comment="A task whose target was reached. Append-only.",
)

activity_rules = Table(
    "activity_rules",
    metadata,
    _entry(),
    _text("activity"),
    _text("version"),
    _moment("since"),
    _moment("until"),
    _text("tag"),
    _number("minimum_interactions"),
    Column("face_shown", Boolean, nullable=False),
    _number("award_minor"),
    PrimaryKeyConstraint("entry", name="activity_rules_pkey"),
    UniqueConstraint("activity", "version", name="a_version_is_published_once"),
    CheckConstraint(
        "minimum_interactions >= 0 AND award_minor > 0 AND since < until", name="an_activity_can_be_won"
    ),
    comment="The rules of an official activity, in one version. Append-only.",
)

enrolments = Table(
    "enrolments",
    metadata,
    _entry(),
    _text("activity"),
    _text("streamer"),
    _number("rules", "The entry of the version that was newest then: it stays this streamer's."),
    PrimaryKeyConstraint("entry", name="enrolments_pkey"),
    Index("enrolments_of_streamer", "streamer", "activity", "entry"),
    comment="A streamer signed up for an activity. Append-only.",
)

activity_results = Table(
    "activity_results",
    metadata,
    _entry(),
    _text("activity"),
    _text("streamer"),
    _number("rules"),
    _text("result"),
    _number("rests_on", "The entry of the fact, session, rule or award that decided it."),
    PrimaryKeyConstraint("entry", name="activity_results_pkey"),
    Index("activity_results_of_streamer", "streamer", "activity", "entry"),
    CheckConstraint(
        "result IN ('AWARDED', 'NOT_ENROLLED', 'OUT_OF_WINDOW', 'WRONG_CONTENT', 'FACE_NOT_SHOWN', "
        "'LOW_INTERACTION', 'WITHDRAWN')",
        name="result_is_known",
    ),
    comment="What an activity came to for a streamer; the newest counts. Append-only.",
)

commissions = Table(
    "commissions",
    metadata,
    _text("commission"),
    _entry(),
    _text("streamer"),
    _text("goods"),
    Column("rate_bps", Integer, nullable=False),
    PrimaryKeyConstraint("commission", name="commissions_pkey"),
    CheckConstraint("rate_bps BETWEEN 1 AND 10000", name="rate_is_a_rate"),
    comment="Goods that the platform gave a streamer to sell, and what that pays. Append-only.",
)

sales = Table(
    "sales",
    metadata,
    Column("sale", Text, nullable=False, comment="The shop's order number."),
    _entry(),
    _text("commission"),
    _text("streamer"),
    _number("price_minor"),
    Column("rate_bps", Integer, nullable=False),
    PrimaryKeyConstraint("sale", name="sales_pkey"),
    CheckConstraint("price_minor > 0", name="a_sale_is_something"),
    comment="Goods sold under a commission. Append-only.",
)

returned_goods = Table(
    "returned_goods",
    metadata,
    _entry(),
    _text("sale"),
    _number("price_minor"),
    PrimaryKeyConstraint("entry", name="returned_goods_pkey"),
    Index("returned_goods_of_sale", "sale"),
    CheckConstraint("price_minor > 0", name="a_return_is_something"),
    comment="Goods that came back. Append-only.",
)

ip_cases = Table(
    "ip_cases",
    metadata,
    _text("ip_case"),
    _entry(),
    _text("streamer"),
    _text("work"),
    PrimaryKeyConstraint("ip_case", name="ip_cases_pkey"),
    comment="A case (维权) that the platform runs for a streamer's work. Append-only.",
)

ip_costs = Table(
    "ip_costs",
    metadata,
    _text("voucher"),
    _entry(),
    _text("ip_case"),
    _number("amount_minor"),
    PrimaryKeyConstraint("voucher", name="a_voucher_counts_once"),
    Index("ip_costs_of_case", "ip_case"),
    CheckConstraint("amount_minor > 0", name="a_cost_is_something"),
    comment="A vouchered cost (维权成本) of a case. Append-only.",
)

ip_proceeds = Table(
    "ip_proceeds",
    metadata,
    _entry(),
    _text("ip_case"),
    _number("gross_minor"),
    _number("costs_minor"),
    _number("streamer_minor"),
    _number("platform_minor"),
    PrimaryKeyConstraint("entry", name="ip_proceeds_pkey"),
    Index("ip_proceeds_of_case", "ip_case"),
    CheckConstraint(
        "gross_minor > 0 AND costs_minor >= 0 AND streamer_minor >= 0 AND platform_minor >= 0 "
        "AND gross_minor = costs_minor + streamer_minor + platform_minor",
        name="parts_make_the_whole",
    ),
    comment="Money that a case brought in, and its parts. Append-only.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (
    accruals,
    withdrawals,
    withdrawn_receipts,
    deductions,
    tasks,
    task_evaluations,
    activity_rules,
    enrolments,
    activity_results,
    commissions,
    sales,
    returned_goods,
    ip_cases,
    ip_costs,
    ip_proceeds,
)
