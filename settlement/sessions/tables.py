"""The tables of live sessions (直播场次): when each was on, and what was measured of it."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from settlement.tables import metadata

__all__ = ["facts", "metadata", "session_ends", "sessions"]

sessions = Table(
    "sessions",
    metadata,
    Column("session", Uuid, nullable=False, comment="The id of the command that opened it."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("streamer", Text, nullable=False),
    Column("room", Text, nullable=False),
    Column("scope", Text, nullable=False, comment="What the stream is about (直播范围), as declared."),
    Column("tags", ARRAY(Text), nullable=False, comment="The activities it was opened for."),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("session", name="sessions_pkey"),
    Index("sessions_of_streamer", "streamer", "opened_at"),
    comment="A live session that was opened. Append-only.",
)

session_ends = Table(
    "session_ends",
    metadata,
    Column("session", Uuid, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("closed_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("session", name="session_ends_pkey"),
    comment="A live session that was closed. Append-only.",
)

facts = Table(
    "facts",
    metadata,
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("session", Uuid, nullable=False),
    Column("metric", Text, nullable=False),
    Column("value", BigInteger, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("entry", name="facts_pkey"),
    Index("facts_of_session", "session", "metric", "entry"),
    CheckConstraint(
        "metric IN ('minutes', 'interactions', 'viewers', 'face_shown', 'quality_bps')",
        name="metric_is_known",
    ),
    CheckConstraint(
        "CASE metric WHEN 'face_shown' THEN value BETWEEN 0 AND 1 "
        "WHEN 'quality_bps' THEN value BETWEEN -10000 AND 10000 ELSE value >= 0 END",
        name="value_is_in_range",
    ),
    comment="Something measured of a session; a later entry corrects an earlier one. Append-only.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (sessions, session_ends, facts)
