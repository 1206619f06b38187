"""The tables of measures: what was imposed on whom and until when, what it holds, and how it ended."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from moderation.measures.kinds import Feature, MeasureKind
from moderation.tables import metadata


def _one_of(column: str, names: type[MeasureKind] | type[Feature]) -> str:
    values = ", ".join(f"'{name.value}'" for name in names)
    return f"{column} IN ({values})"


measures = Table(
    "measures",
    metadata,
    Column("measure", Uuid, nullable=False, comment="Derived from the decision and n."),
    Column("decision", Uuid, nullable=False),
    Column("n", SmallInteger, autoincrement=False, nullable=False, comment="From 0, without gaps."),
    Column("entry", BigInteger, autoincrement=False, nullable=False, comment="Of the decision."),
    Column("kind", Text, nullable=False),
    Column("party", Text, nullable=False, comment="Whom it is imposed on."),
    Column("feature", Text, comment="What a restriction keeps from."),
    Column("until", DateTime(timezone=True), comment="None: until it is lifted."),
    Column("account", Text, comment="What a freeze holds: a kind of account, or everything."),
    Column("amount_minor", BigInteger, comment="Of a freeze in the account's unit, of money in fen."),
    Column("preview", Uuid, comment="What was shown of what a money measure takes."),
    Column("follows", SmallInteger, comment="The n of the measure whose consequence it is."),
    Column("because", Text, comment="The rule whose consequence it is: points, mute or clean_period."),
    Column("note", Text, comment="What has to be done, deleted or known."),
    PrimaryKeyConstraint("measure", name="measures_pkey"),
    Index("measure_of_decision", "decision", "n", unique=True),
    Index("measures_of_party", "party", "entry"),
    CheckConstraint(_one_of("kind", MeasureKind), name="measure_is_known"),
    CheckConstraint(_one_of("feature", Feature), name="feature_is_known"),
    CheckConstraint("(kind = 'restrict') = (feature IS NOT NULL)", name="a_restriction_names_its_feature"),
    CheckConstraint("(kind = 'freeze') = (account IS NOT NULL)", name="a_freeze_names_its_account"),
    CheckConstraint(
        "(preview IS NOT NULL) ="
        " (kind IN ('penalty', 'damages', 'return_tips', 'return_minors_tips', 'compensation'))",
        name="what_moves_money_was_shown_before",
    ),
    comment="A measure of a decision. Append-only.",
)

measure_holds = Table(
    "measure_holds",
    metadata,
    Column("hold", Uuid, nullable=False, comment="In the ledger, which knows what it holds."),
    Column("measure", Uuid, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("account", Text, nullable=False),
    Column("owner", Text, nullable=False),
    PrimaryKeyConstraint("hold", name="measure_holds_pkey"),
    Index("holds_of_measure", "measure"),
    Index("measure_holds_of_owner", "owner"),
    comment="A hold that a measure placed. Append-only.",
)

measure_ends = Table(
    "measure_ends",
    metadata,
    Column("measure", Uuid, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("how", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("measure", name="a_measure_ends_once"),
    Index("measure_ends_of_entry", "entry"),
    CheckConstraint("how IN ('lifted', 'overturned', 'refused')", name="measure_end_is_known"),
    comment="A measure that ended before its time. Append-only.",
)

shortened_measures = Table(
    "shortened_measures",
    metadata,
    Column("measure", Uuid, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column(
        "until", DateTime(timezone=True), nullable=False, comment="When it ends now; the earliest counts."
    ),
    PrimaryKeyConstraint("measure", "entry", name="a_measure_is_shortened_once_an_entry"),
    comment="A measure that ends sooner than was decided, as what it counts from did. Append-only. P-MUTE.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (measures, measure_holds, measure_ends, shortened_measures)
