"""The tables of appeals: who filed which against what decision, and what somebody else made of it."""

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
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from moderation.tables import metadata

appeals = Table(
    "appeals",
    metadata,
    Column("appeal", Uuid, nullable=False, comment="The id of the command."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("decision", Uuid, nullable=False),
    Column("appellant", Text, nullable=False, comment="Whom the decision concerns."),
    Column("filed_at", DateTime(timezone=True), nullable=False),
    Column("answer_by", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("appeal", name="appeals_pkey"),
    UniqueConstraint("entry", name="appeal_of_entry"),
    UniqueConstraint("decision", "appellant", name="a_decision_is_appealed_against_once"),
    CheckConstraint("filed_at < answer_by", name="an_answer_comes_after_its_appeal"),
    comment="An appeal against a decision. Append-only. G4.",
)
Index("appeals_of_appellant", appeals.c.appellant, appeals.c.entry)

appeal_verdicts = Table(
    "appeal_verdicts",
    metadata,
    Column("appeal", Uuid, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("ended", ARRAY(SmallInteger), nullable=False, comment="The measures that it ended, by number."),
    Column("decided_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("appeal", name="an_appeal_is_decided_once"),
    UniqueConstraint("entry", name="verdict_of_entry"),
    CheckConstraint("verdict IN ('upheld', 'changed', 'overturned')", name="verdict_is_known"),
    CheckConstraint("verdict <> 'upheld' OR cardinality(ended) = 0", name="what_is_upheld_ends_nothing"),
    comment="What became of an appeal. Append-only.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (appeals, appeal_verdicts)
