"""The tables of takings: what a money measure would move, as it was shown; and what was remitted of it."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from moderation.tables import metadata

previews = Table(
    "previews",
    metadata,
    Column("preview", Uuid, nullable=False, comment="The id of the command."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("case", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="Of the measure it shows."),
    Column("party", Text, nullable=False),
    Column("plan", Uuid, comment="Which tips go back, if any do: a plan of settlement."),
    Column("document", LargeBinary, nullable=False, comment="What was shown, as canonical JSON."),
    Column("sha256", LargeBinary, nullable=False, comment="Of the document."),
    Column("made_by", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("preview", name="previews_pkey"),
    UniqueConstraint("entry", name="preview_of_entry"),
    Index("previews_of_case", "case", "entry"),
    CheckConstraint(
        "kind IN ('penalty', 'damages', 'return_tips', 'return_minors_tips', 'compensation')",
        name="what_is_shown_moves_money",
    ),
    CheckConstraint(
        "(plan IS NOT NULL) = (kind IN ('return_tips', 'return_minors_tips'))",
        name="tips_go_back_by_a_plan",
    ),
    CheckConstraint("sha256 = sha256(document)", name="a_preview_is_its_hash"),
    comment="What a money measure would move, as it was shown. Append-only.",
)

remissions = Table(
    "remissions",
    metadata,
    Column("preview", Uuid, nullable=False),
    Column("n", SmallInteger, autoincrement=False, nullable=False, comment="Which of its takings, from 0."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("appeal", Uuid, nullable=False),
    Column(
        "amount_minor",
        BigInteger,
        nullable=False,
        comment="Given back, or not taken at all if it was only held.",
    ),
    PrimaryKeyConstraint("preview", "n", "entry", name="remissions_pkey"),
    Index("remissions_of_entry", "entry"),
    CheckConstraint("amount_minor > 0", name="a_remission_gives_something_back"),
    comment="What of a taking an appeal gave back. Append-only.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (previews, remissions)
