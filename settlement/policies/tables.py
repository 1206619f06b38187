"""The tables of policies: the versions that were published, and the classes of streamers in time."""

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
    UniqueConstraint,
)

from settlement.tables import metadata

policies = Table(
    "policies",
    metadata,
    Column("version", Text, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("effective_at", DateTime(timezone=True), nullable=False),
    Column("sha256", LargeBinary, nullable=False, comment="Of the document."),
    Column("document", LargeBinary, nullable=False, comment="The policy as canonical JSON (RFC 8785)."),
    Column("source", Text, nullable=False, comment="The TOML that was published, as people wrote it."),
    PrimaryKeyConstraint("version", name="policy_version_used_once"),
    UniqueConstraint("entry", name="policy_of_entry"),
    UniqueConstraint("effective_at", name="one_policy_in_force_at_a_time"),
    CheckConstraint("sha256 = sha256(document)", name="policy_hash_is_of_its_document"),
    comment="A published version of the policy, in force until the next one is. Append-only. LIVE-EARN-4.",
)

streamer_classes = Table(
    "streamer_classes",
    metadata,
    Column("streamer", Text, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False, comment="The world's time."),
    Column("class", Text, nullable=False, comment="As policies name it."),
    Column("guild", Text, comment="The guild that has a part of the streamer's shares; null is none."),
    PrimaryKeyConstraint("entry", name="streamer_classes_pkey"),
    Index("classes_of_streamer", "streamer", "since", "entry"),
    CheckConstraint("guild <> streamer", name="a_guild_is_somebody_else"),
    comment="Which class and guild a streamer is of from a moment on. Append-only.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (policies, streamer_classes)
