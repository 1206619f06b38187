"""The tables of settlement: rewards, runs, and the statement each streamer gets of a run."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)

metadata = MetaData(schema="settlement")

rewards = Table(
    "rewards",
    metadata,
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("streamer", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    PrimaryKeyConstraint("entry", name="rewards_pkey"),
    Index("rewards_of_streamer", "streamer", "entry"),
    CheckConstraint("amount_minor > 0", name="a_reward_is_something"),
    comment="A task reward that accrued. Append-only.",
)

runs = Table(
    "runs",
    metadata,
    Column("run", Uuid, nullable=False, comment="The id of the settle command."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("through", Date, nullable=False),
    Column("share_bps", Integer, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column(
        "settled_to", Text, comment="The last streamer done, in byte order; a killed run goes on behind it."
    ),
    Column("finished_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("run", name="runs_pkey"),
    CheckConstraint("share_bps BETWEEN 0 AND 10000", name="share_is_a_share"),
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
    PrimaryKeyConstraint("run", "streamer", name="one_statement_a_run"),
    Index("statements_of_streamer", "streamer", "entry"),
    comment="What a run settled for one streamer. Append-only.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (rewards, statements)
