"""The table of what is received again."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    PrimaryKeyConstraint,
    Table,
    Uuid,
)

from settlement.tables import metadata

received_again = Table(
    "received_again",
    metadata,
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("hold", Uuid, nullable=False, comment="Whose capture took it."),
    Column(
        "receipt",
        BigInteger,
        autoincrement=False,
        nullable=False,
        comment="The transfer by which it was first received; of gifts that count alike, the first.",
    ),
    Column("accrual", BigInteger, comment="What it was for: the entry that accrued it. Null for gifts."),
    Column("amount_minor", BigInteger, nullable=False),
    PrimaryKeyConstraint("entry", name="received_again_pkey"),
    Index("received_again_of_hold", "hold"),
    Index("received_again_of_accrual", "accrual"),
    CheckConstraint("amount_minor > 0", name="something_is_received_again"),
    comment="What a measure took and an appeal gave back: as of when it came, for the same. Append-only.",
)

received_again_tips = Table(
    "received_again_tips",
    metadata,
    Column(
        "entry", BigInteger, autoincrement=False, nullable=False, comment="By which it was received again."
    ),
    Column(
        "tip",
        BigInteger,
        autoincrement=False,
        nullable=False,
        comment="The entry by which it came: a tip, or what let one stand again.",
    ),
    Column("account", BigInteger, nullable=False, comment="The streamer's gifts."),
    Column("coins_before", BigInteger, nullable=False, comment="How many coins of others lie before these."),
    Column("coins", BigInteger, nullable=False),
    PrimaryKeyConstraint("entry", "tip", name="received_again_tips_pkey"),
    Index("received_again_tips_of_account", "account", "tip"),
    CheckConstraint("coins > 0 AND coins_before >= 0", name="coins_lie_somewhere"),
    comment="Which coins of gifts that were received again are of which tip. Append-only.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (received_again, received_again_tips)
