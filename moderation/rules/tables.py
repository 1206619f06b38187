"""The tables of the rule book: the versions that were published, and the rules switched off and on."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from moderation.tables import metadata

rule_books = Table(
    "rule_books",
    metadata,
    Column("version", Text, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("effective_at", DateTime(timezone=True), nullable=False),
    Column("sha256", LargeBinary, nullable=False, comment="Of the document."),
    Column("document", LargeBinary, nullable=False, comment="The rule book as canonical JSON (RFC 8785)."),
    Column("source", Text, nullable=False, comment="The TOML that was published, as people wrote it."),
    Column("published_by", Text, nullable=False),
    PrimaryKeyConstraint("version", name="rule_book_version_used_once"),
    UniqueConstraint("entry", name="rule_book_of_entry"),
    UniqueConstraint("effective_at", name="one_rule_book_in_force_at_a_time"),
    CheckConstraint("sha256 = sha256(document)", name="rule_book_hash_is_of_its_document"),
    comment="A published version of the rule book, in force until the next one is. Append-only. LIVE-RULE-1.",
)

rule_switches = Table(
    "rule_switches",
    metadata,
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("rule", Text, nullable=False, comment="A clause, a part of one, or an item of the catalogue."),
    Column("is_on", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("switched_by", Text, nullable=False),
    PrimaryKeyConstraint("entry", name="rule_switches_pkey"),
    Index("switches_of_rule", "rule", "entry"),
    CheckConstraint("reason <> ''", name="rule_switched_for_a_reason"),
    comment="A rule switched off or on again; the latest counts. Append-only. LIVE-SEV-1.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (rule_books, rule_switches)
