"""The tables of notices: what people are told, each try to deliver it, and whether they read it."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from moderation.tables import metadata

notices = Table(
    "notices",
    metadata,
    Column("notice", Uuid, nullable=False, comment="Derived from the entry it was written with."),
    Column("number", BigInteger, Identity(always=True), nullable=False, comment="The order of the inbox."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("party", Text, nullable=False, comment="Who is told."),
    Column("kind", Text, nullable=False, comment="What it is about: decision, report, appeal, …"),
    Column("case", Text),
    Column("text", Text, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("notice", name="notices_pkey"),
    Index("notices_of_party", "party", "number"),
    Index("notices_of_entry", "entry"),
    CheckConstraint("text <> ''", name="a_notice_says_something"),
    comment="What a party is told, written in the commit it tells of. Append-only.",
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("notice", Uuid, nullable=False),
    Column("attempt", Integer, autoincrement=False, nullable=False, comment="From 1, without gaps."),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("failure", Text, comment="Why it did not arrive; null when it did."),
    PrimaryKeyConstraint("notice", "attempt", name="deliveries_pkey"),
    Index("a_notice_arrives_once", "notice", unique=True, postgresql_where=text("failure IS NULL")),
    CheckConstraint("attempt > 0", name="attempts_are_counted_from_one"),
    comment="A try to deliver a notice. One without failure put it into the inbox. Append-only.",
)

due_notices = Table(
    "due_notices",
    metadata,
    Column("notice", Uuid, nullable=False),
    Column("attempts", Integer, autoincrement=False, nullable=False, comment="How many were made."),
    Column("due_at", DateTime(timezone=True), nullable=False, comment="When to try (again)."),
    PrimaryKeyConstraint("notice", name="due_notices_pkey"),
    Index("due_notices_by_time", "due_at"),
    comment="Notices that have not arrived yet: a projection of notices and deliveries.",
)

notice_reads = Table(
    "notice_reads",
    metadata,
    Column("notice", Uuid, nullable=False),
    Column("read_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("notice", name="a_notice_is_first_read_once"),
    comment="When a notice was first read. Append-only.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (notices, deliveries, notice_reads)
