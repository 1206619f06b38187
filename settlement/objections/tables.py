"""The tables of objections to statements, and of their answers."""

from sqlalchemy import (
    BigInteger,
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

objections = Table(
    "objections",
    metadata,
    Column("objection", Uuid, nullable=False, comment="The id of the command."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("statement", Uuid, nullable=False),
    Column("streamer", Text, nullable=False),
    Column("line", Integer, comment="Which line of the statement, from 1; null is all of it."),
    Column("text", Text, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("heard_until", DateTime(timezone=True), nullable=False, comment="Then the statement is final."),
    PrimaryKeyConstraint("objection", name="objections_pkey"),
    UniqueConstraint("entry", name="objection_of_entry"),
    Index("objections_to_statement", "statement", "entry"),
    CheckConstraint("line > 0", name="lines_count_from_one"),
    CheckConstraint("occurred_at < heard_until", name="an_objection_comes_in_time"),
    comment="A streamer's objection to a statement. Append-only. G22.",
)

objection_answers = Table(
    "objection_answers",
    metadata,
    Column("objection", Uuid, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("text", Text, nullable=False),
    Column("adjustment", BigInteger, comment="The entry that put right what was wrong, if anything was."),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("objection", name="an_objection_is_answered_once"),
    UniqueConstraint("entry", name="answer_of_entry"),
    comment="What finance answered to an objection. Append-only. G22.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (objections, objection_answers)
