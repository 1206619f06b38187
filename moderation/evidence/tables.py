"""The table of evidence: which files belong to which case. The files are in a folder, encrypted."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from moderation.tables import metadata

evidence = Table(
    "evidence",
    metadata,
    Column("case", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False, comment="Of the content; in hex the file's name."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("media_type", Text, nullable=False, comment="What the content is, not what it was called."),
    Column("bytes", BigInteger, nullable=False, comment="Of the content, before it was encrypted."),
    Column("added_by", Text, nullable=False, comment="role:subject, or the report it came with."),
    Column("added_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("case", "sha256", name="a_case_has_a_file_once"),
    Index("evidence_of_entry", "entry"),
    Index("evidence_of_file", "sha256"),
    CheckConstraint("length(sha256) = 32", name="evidence_is_named_by_its_hash"),
    CheckConstraint("bytes > 0", name="evidence_is_not_empty"),
    comment="A file that belongs to a case. Append-only.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (evidence,)
