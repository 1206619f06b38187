"""The table of sealed values: what is personal in a report, an appeal or a ticket stands nowhere else."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)

from moderation.tables import metadata

sealed_values = Table(
    "sealed_values",
    metadata,
    Column("entry", BigInteger, autoincrement=False, nullable=False, comment="Of the fact it belongs to."),
    Column("field", Text, nullable=False),
    Column("party", Text, nullable=False, comment="Whose it is: who reports, appeals or asks."),
    Column("subject", Uuid, nullable=False, comment="The report, appeal or ticket."),
    Column("key_id", Text, nullable=False, comment="Which key opens it."),
    Column("sealed", LargeBinary, nullable=False, comment="Nonce, and what AES-256-GCM made of the value."),
    PrimaryKeyConstraint("entry", "field", name="a_value_is_sealed_once"),
    Index("sealed_values_of_subject", "subject"),
    Index("sealed_values_of_key", "key_id", "entry", "field"),
    CheckConstraint(
        "field IN ('text', 'name', 'number', 'contact', 'statement', 'appeal', 'ticket')",
        name="sealed_field_is_known",
    ),
    CheckConstraint("length(sealed) > 28", name="a_sealed_value_is_whole"),
    comment="A personal value, sealed. May only be sealed anew, under another key.",
)
