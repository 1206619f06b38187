"""The table of access records: who looked at what is protected, and who did what about it."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, PrimaryKeyConstraint, Table, Text, func

from moderation.tables import metadata

access_records = Table(
    "access_records",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("at", DateTime(timezone=True), server_default=func.now(), nullable=False),
    Column("actor", Text, nullable=False, comment="role:subject."),
    Column("act", Text, nullable=False, comment="Such as read_report, or the kind of a command."),
    Column("object", Text, nullable=False, comment="What was looked at or acted on: report:…, case:…"),
    Column("detail", Text, nullable=False, comment="More of our own words; never anything personal."),
    PrimaryKeyConstraint("number", name="access_records_pkey"),
    Index("access_records_of_actor", "actor", "number"),
    Index("access_records_of_object", "object", "number"),
    comment="A look at something protected, or an act of moderation. Append-only.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (access_records,)
