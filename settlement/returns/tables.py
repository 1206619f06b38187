"""The tables of tips that go back: what is planned, what went back, and what was given again."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from settlement.tables import metadata


def _number(name: str, comment: str | None = None) -> Column[int]:
    return Column(name, BigInteger, autoincrement=False, nullable=False, comment=comment)


def _plan() -> Column[object]:
    return Column("plan", Uuid, nullable=False)


def _tip() -> Column[int]:
    return _number("tip", "The entry of the tip.")


return_plans = Table(
    "return_plans",
    metadata,
    _plan(),
    Column("kind", Text, nullable=False, comment="Of an unlawful stream, back to the viewers; or a minor's."),
    Column("selection", JSONB, nullable=False, comment="Which tips were asked for."),
    Column("ratio_bps", Integer, nullable=False, comment="What part of each tip goes back."),
    _number("upto_seq", "Up to which number of the journal it looked."),
    Column("streamers", ARRAY(Text), nullable=False),
    _number("tips", "How many go back."),
    _number("coins"),
    _number("streamer_minor", "Of what was settled, to be taken back from streamers, fen."),
    _number("guild_minor", "Likewise from guilds."),
    _number("platform_minor", "Likewise from the platform's share."),
    _number("refund_minor", "Owed to whoever paid a minor's coins, fen."),
    _number("promotion_minor", "What of a minor's coins was bonus, fen."),
    _number("undone_before", "Tips left out: gone back or reversed before."),
    _number("taken_before", "Tips left out: something of their coins was taken otherwise."),
    _number("held_before", "Tips left out: another measure holds of their coins, or has them go back."),
    Column("sha256", LargeBinary, nullable=False, comment="Of its tips, a line each."),
    Column("made_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("plan", name="return_plans_pkey"),
    CheckConstraint("kind IN ('unlawful', 'minor')", name="return_kind_is_known"),
    CheckConstraint("ratio_bps BETWEEN 1 AND 10000", name="a_ratio_is_a_part"),
    CheckConstraint("kind = 'minor' OR ratio_bps = 10000", name="viewers_get_all_of_it_back"),
    comment="What exactly would go back, and of whose money. Append-only.",
)

planned_returns = Table(
    "planned_returns",
    metadata,
    _plan(),
    _tip(),
    Column("viewer", Text, nullable=False),
    Column("streamer", Text, nullable=False),
    _number("coins", "What of it goes back."),
    _number("unsettled_coins", "Of these, out of the gifts; the others were settled."),
    _number("streamer_minor", "What the streamer was credited of the settled ones, fen."),
    Column("guild", Text),
    _number("guild_minor", "What the guild was credited of them."),
    _number("platform_minor", "What the platform had of them."),
    _number("refund_minor", "What was paid for a minor's coins, fen."),
    _number("promotion_minor", "What of a minor's coins was bonus, fen."),
    PrimaryKeyConstraint("plan", "tip", name="a_tip_is_planned_once"),
    Index("planned_returns_of_viewer", "viewer", "plan"),
    Index("planned_returns_of_guild", "guild", "plan", postgresql_where=text("guild IS NOT NULL")),
    CheckConstraint(
        "coins > 0 AND unsettled_coins BETWEEN 0 AND coins", name="what_goes_back_is_settled_or_not"
    ),
    CheckConstraint(
        "streamer_minor >= 0 AND guild_minor >= 0 AND platform_minor >= 0 "
        "AND streamer_minor + guild_minor + platform_minor = 10 * (coins - unsettled_coins)",
        name="shares_are_the_face_value",
    ),
    CheckConstraint("guild_minor = 0 OR guild IS NOT NULL", name="a_guilds_part_names_the_guild"),
    CheckConstraint(
        "refund_minor = 0 AND promotion_minor = 0 OR refund_minor + promotion_minor = 10 * coins",
        name="a_refund_is_the_face_value",
    ),
    comment="A tip of a plan: what goes back, and who gives it. Append-only.",
)

planned_holds = Table(
    "planned_holds",
    metadata,
    _plan(),
    _tip(),
    Column("hold", Uuid, nullable=False, comment="As the statement placed it."),
    _number("amount_minor", "What of the tip's shares it keeps back, fen."),
    PrimaryKeyConstraint("plan", "tip", "hold", name="planned_holds_pkey"),
    CheckConstraint("amount_minor > 0", name="a_hold_keeps_something_back"),
    comment="Which late arrival (延时到账) keeps a planned tip's shares back. Append-only.",
)

returned_tips = Table(
    "returned_tips",
    metadata,
    _tip(),
    _plan(),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    _number("account", "The streamer's gifts."),
    _number("receipt", "The transfer that credited them."),
    _number("coins", "What went back."),
    _number("unsettled_coins", "Of these, out of the gifts."),
    _number("again_coins", "Of these in turn, out of what had been received again."),
    _number("earnings_minor", "Taken back from the streamer's earnings, fen."),
    _number("debt_minor", "What the streamer owes for it from then on, fen."),
    Column("guild", Text),
    _number("guild_earnings_minor", "Taken back from the guild's earnings, fen."),
    _number("guild_debt_minor", "What the guild owes for it from then on, fen."),
    _number("platform_minor", "Out of the platform's share, fen."),
    _number("refund_minor", "Owed to whoever paid, fen."),
    _number("promotion_minor", "Bonus that came back, fen."),
    PrimaryKeyConstraint("tip", name="a_tip_goes_back_once"),
    UniqueConstraint("entry", name="a_return_has_its_own_entry"),
    CheckConstraint(
        "again_coins BETWEEN 0 AND unsettled_coins", name="what_was_received_again_is_of_the_gifts"
    ),
    Index("returned_tips_of_account", "account", "entry"),
    Index("unsettled_returns_of_account", "account", "receipt", postgresql_where=text("unsettled_coins > 0")),
    Index("returned_tips_of_plan", "plan", "tip"),
    comment="A tip, or a part of one, that went back. Append-only.",
)

returned_again = Table(
    "returned_again",
    metadata,
    _tip(),
    _number("received_by", "The entry by which something of it had been received again."),
    _number("entry", "By which it went back."),
    _number("account", "The streamer's gifts."),
    _number("receipt", "The transfer that credited them again."),
    _number("coins", "What went back out of it."),
    PrimaryKeyConstraint("tip", "received_by", name="returned_again_pkey"),
    Index("returned_again_of_account", "account", "receipt"),
    CheckConstraint("coins > 0", name="something_went_back"),
    comment="What of a tip went back out of what a measure had taken, and an appeal given back. Append-only.",
)

restored_tips = Table(
    "restored_tips",
    metadata,
    _tip(),
    _plan(),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column(
        "from_viewer",
        Boolean,
        nullable=False,
        comment="Whether the viewer had all of it still; else the platform bears it.",
    ),
    _number("earnings_minor", "Credited to the streamer's earnings, fen."),
    _number("debt_minor", "What the streamer owes no more, fen."),
    _number("guild_earnings_minor", "Credited to the guild's earnings, fen."),
    _number("guild_debt_minor", "What the guild owes no more, fen."),
    PrimaryKeyConstraint("tip", name="a_tip_is_restored_once"),
    UniqueConstraint("entry", name="a_restoration_has_its_own_entry"),
    comment="A tip that had gone back, and stands again. Append-only.",
)

passed_returns = Table(
    "passed_returns",
    metadata,
    _plan(),
    _tip(),
    Column("reason", Text, nullable=False),
    Column("passed_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("plan", "tip", name="a_tip_is_passed_by_once"),
    CheckConstraint("reason IN ('undone', 'taken', 'held')", name="a_reason_to_pass_by_is_known"),
    comment="A tip of a plan that could not go back when its turn came. Append-only.",
)

narrowed_holds = Table(
    "narrowed_holds",
    metadata,
    Column("hold", Uuid, nullable=False, comment="As the statement placed it."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("rest", Uuid, comment="The hold of what is left; null when nothing is."),
    PrimaryKeyConstraint("hold", "entry", name="a_hold_is_narrowed_once_an_entry"),
    comment="A late arrival that keeps less back since a tip went back out of it. Append-only.",
)

return_runs = Table(
    "return_runs",
    metadata,
    _plan(),
    Column("way", Text, nullable=False, comment="Back to the viewers, or again to the streamers."),
    Column("started_at", DateTime(timezone=True), nullable=False),
    _number("done_to", "The last tip dealt with; a killed run goes on behind it."),
    Column("finished_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("plan", "way", name="a_plan_is_carried_out_once"),
    CheckConstraint("way IN ('return', 'restore')", name="way_is_known"),
    Index("unfinished_return_runs", "started_at", postgresql_where=text("finished_at IS NULL")),
    comment="How far the carrying out of a plan came.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (
    return_plans,
    planned_returns,
    planned_holds,
    returned_tips,
    returned_again,
    restored_tips,
    passed_returns,
    narrowed_holds,
)
