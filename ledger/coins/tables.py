"""The table of top-ups: which payment was credited by which entry."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, Text

from ledger.journal.tables import metadata

top_ups = Table(
    "top_ups",
    metadata,
    Column("channel", Text, nullable=False),
    Column("channel_txn", Text, nullable=False, comment="The channel's own number of the payment."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("coins", BigInteger, nullable=False),
    Column("paid_minor", BigInteger, nullable=False),
    PrimaryKeyConstraint("channel", "channel_txn", name="payment_credited_once"),
    Index("top_up_of_entry", "entry", unique=True),
    CheckConstraint("coins > 0 AND paid_minor > 0", name="a_top_up_buys_something"),
    comment="A payment that was credited. Append-only.",
)
