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

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (received_again,)
