"""The tables of settlement: runs, and the statement each streamer gets of a run."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint

metadata = MetaData(schema="settlement")

runs = Table(
    "runs",
    metadata,
    Column("run", Uuid, nullable=False, comment="The id of the settle command."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("through", Date, nullable=False),
    Column("share_bps", Integer, comment="The flat share; null for a run under the policies."),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column(
        "settled_to", Text, comment="The last streamer done, in byte order; a killed run goes on behind it."
    ),
    Column("finished_at", DateTime(timezone=True)),
    Column("period", Text, nullable=False, comment="As it was asked for: 2026-10, or through a date."),
    Column("first", Date, comment="The first day of its period; null for a run at a flat share."),
    PrimaryKeyConstraint("run", name="runs_pkey"),
    CheckConstraint("share_bps BETWEEN 0 AND 10000", name="share_is_a_share"),
    CheckConstraint("(first IS NULL) = (share_bps IS NOT NULL)", name="a_period_has_policies_or_a_share"),
    CheckConstraint("first <= through", name="a_period_has_days"),
    ExcludeConstraint(
        (text("daterange(first, through, '[]')"), "&&"),
        where=text("first IS NOT NULL"),
        name="periods_never_overlap",
    ),
    comment="A settlement run: every streamer, once.",
)
Index("unfinished_runs", runs.c.entry, postgresql_where=runs.c.finished_at.is_(None))

statements = Table(
    "statements",
    metadata,
    Column("run", Uuid, nullable=False),
    Column("streamer", Text, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("coins", BigInteger, nullable=False, comment="Gifts settled."),
    Column(
        "gift_share_minor",
        BigInteger,
        nullable=False,
        comment="The streamer's part of their face value, fen.",
    ),
    Column("platform_share_minor", BigInteger, nullable=False, comment="The platform's part, fen."),
    Column("accruals_minor", BigInteger, nullable=False, comment="Rewards settled, fen."),
    Column("statement", Uuid, nullable=False, comment="The id of the entry that settled it."),
    Column("guild_share_minor", BigInteger, nullable=False, comment="The guild's part, fen."),
    Column(
        "held_minor",
        BigInteger,
        nullable=False,
        comment="Of what was credited, not free yet on the day of issue, fen.",
    ),
    Column(
        "document",
        LargeBinary,
        comment="The statement as canonical JSON (RFC 8785); null for one older than documents.",
    ),
    Column("sha256", LargeBinary),
    PrimaryKeyConstraint("run", "streamer", name="one_statement_a_run"),
    UniqueConstraint("statement", name="statement_has_its_own_id"),
    CheckConstraint("(document IS NULL) = (sha256 IS NULL)", name="a_document_has_its_hash"),
    Index("statements_of_streamer", "streamer", "entry"),
    comment="What a run settled for one streamer. Append-only.",
)

takings = Table(
    "takings",
    metadata,
    Column("account", BigInteger, autoincrement=False, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column(
        "strata",
        JSONB,
        nullable=False,
        comment="From seq, to seq, and the mark (instant, seq, part) before which all of them are taken.",
    ),
    PrimaryKeyConstraint("account", "entry", name="takings_pkey"),
    comment="Which receipts of an account are taken once a settlement took its own. Append-only.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (statements, takings)
